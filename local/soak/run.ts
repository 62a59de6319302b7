import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { count, problemsOf, type Counts } from './judge.ts';
import { Ledger, type Entry } from './ledger.ts';
import { residentBytes } from './memory.ts';
import { openPath, type Path } from './path.ts';
import { makePlan } from './plan.ts';
import { sendAll } from './send.ts';

export interface SoakOptions {
  /** How many events are to happen. */
  events: number;
  /** The same number does the same to the same events. */
  seed: number;
  /** It ends after so many minutes, whatever is left to do. */
  minutes: number;
  /** A project folder with dist/index.js. */
  appFolder: string;
  /** Told every few seconds how many events have been sent. */
  onProgress?: (sent: number) => void;
}

/** How much of each process is in memory, in bytes. */
export type MemoryUse = Record<'app' | 'zapier' | 'sandbox', number>;

export interface SoakReport {
  counts: Counts;
  /** What must not be, in sentences. None is a success. */
  problems: string[];
  /** How often the sandbox was killed and started again. */
  kills: number;
  /** Over the time in which events were sent. */
  eventsPerSecond: number;
  /** From sending a genuine event to its run, in milliseconds: without trouble on its way, and with. */
  msToRun: { untroubled: number[]; all: number[] };
  memory: { start: MemoryUse; halfWay: MemoryUse; end: MemoryUse };
}

const PROGRESS_MS = 5_000;

/**
 * Sends events through the whole path while much of it goes wrong, and judges what became of them.
 *
 * @throws when the path itself breaks: the app or the sandbox cannot be started, or ends.
 */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'attro-soak-'));
  const clean = (): void => {
    rmSync(dataFolder, { recursive: true, force: true });
  };
  process.once('exit', clean);
  const dead = new AbortController();
  const ledger = new Ledger();
  try {
    const open = await openPath({
      ...{ appFolder: options.appFolder, dataFolder, ledger },
      onDeath: (error) => {
        dead.abort(error);
      },
    });
    const report = await soak(options, open, ledger, dead.signal).finally(() => open.close());
    dead.signal.throwIfAborted();
    return report;
  } finally {
    clean();
  }
}

async function soak(
  { events, seed, minutes, onProgress }: SoakOptions,
  path: Path,
  ledger: Ledger,
  dead: AbortSignal,
): Promise<SoakReport> {
  const plan = makePlan(events, seed);
  const late = AbortSignal.timeout(minutes * 60_000);
  const ended = AbortSignal.any([late, dead]);
  const start = memoryOf(path);
  const meanwhile: MemoryUse[] = [];
  const progress = setInterval(() => {
    const now = memoryOf(path);
    // The sandbox may be on its way from one process to the next.
    if (!Number.isNaN(now.sandbox)) meanwhile.push(now);
    onProgress?.(ledger.size);
  }, PROGRESS_MS);
  try {
    const began = performance.now();
    await sendAll(plan, path.sandbox, ledger, ended);
    const seconds = (performance.now() - began) / 1000;
    const { pending, disabled } = await path.workedOff(ended);
    const end = memoryOf(path);
    const halfWay = meanwhile[Math.floor(meanwhile.length / 2)] ?? end;
    if (!ended.aborted) await path.turnOff();

    const entries = ledger.entries();
    const counts = count(entries);
    return {
      counts,
      problems: [
        ...(late.aborted ? [`Not all was worked off within ${minutes} minutes.`] : []),
        ...(pending > 0 ? [`${pending} deliveries were still to be made at the end.`] : []),
        ...problemsOf(entries, ledger.strangers()),
        ...disabled.map((key) => `Attro has given up the endpoint of ${key}.`),
      ],
      kills: path.sandbox.kills,
      eventsPerSecond: counts.made / seconds,
      msToRun: {
        untroubled: msToRun(entries.filter(({ planned }) => !planned.hook && !planned.cache)),
        all: msToRun(entries),
      },
      memory: { start, halfWay, end },
    };
  } finally {
    clearInterval(progress);
  }
}

function memoryOf({ sandbox, zapier }: Path): MemoryUse {
  return {
    app: residentBytes(zapier.appPid),
    zapier: residentBytes(process.pid),
    sandbox: residentBytes(sandbox.pid),
  };
}

function msToRun(entries: readonly Entry[]): number[] {
  return entries.flatMap(({ sentAt, ranAt }) => (ranAt === undefined ? [] : [ranAt - sentAt]));
}
