import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { TRIGGER_TABLE } from '../../triggers/table.ts';
import { startAppProcess, type AppProcess } from '../zapier/app-process.ts';
import { REDIRECT_URI, startZapierRunner, type Zap, type ZapierRunner } from '../zapier/index.ts';
import { judge, type Counts } from './judge.ts';
import { Ledger } from './ledger.ts';
import { makePlan } from './plan.ts';
import { startRestartable, type RestartableSandbox } from './sandbox-process.ts';
import { sendAll } from './send.ts';

interface SoakOptions {
  /** How many events are to happen. */
  events: number;
  /** The same number does the same to the same events. */
  seed: number;
  /** It ends after so many minutes, whatever is left to do. */
  minutes: number;
  /** Told every few seconds how many events have been sent. */
  onProgress: (sent: number) => void;
}

/** How much of each process is in memory, in bytes; NaN where the system does not tell. */
export type MemoryUse = Record<'app' | 'sandbox', number>;

export interface SoakReport {
  counts: Counts;
  /** What must not be, in sentences. None is a success. */
  problems: string[];
  /** How often the sandbox was killed and started again. */
  kills: number;
  /** Over the time in which events were sent. */
  eventsPerSecond: number;
  /** From sending a genuine event that had no trouble on its way to its run, in milliseconds. */
  msToRun: number[];
  memory: Record<'start' | 'halfWay' | 'end', MemoryUse>;
}

/** The path of an event: the sandbox, the stand-in for Zapier with a Zap for each trigger, the app. */
interface Path {
  sandbox: RestartableSandbox;
  zapier: ZapierRunner;
  app: AppProcess;
  zaps: readonly Zap[];
}

const PROGRESS_MS = 5_000;

const POLL_MS = 200;

/** Longer than Attro ever waits: for an answer it waits 30 s. */
const MAX_QUIET_MS = 60_000;

/**
 * Sends events through the whole path while much of it goes wrong, and judges what became of them. The app
 * is the one that is built in this folder.
 *
 * @throws when the path itself breaks: the app or the sandbox cannot be started, or ends.
 */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'attro-soak-'));
  const clean = (): void => {
    rmSync(dataFolder, { recursive: true, force: true });
  };
  process.once('exit', clean);
  const ledger = new Ledger();
  let app: AppProcess | undefined;
  let sandbox: RestartableSandbox | undefined;
  let zapier: ZapierRunner | undefined;
  try {
    app = await startAppProcess(process.cwd());
    sandbox = await startRestartable(dataFolder, REDIRECT_URI);
    zapier = await startZapierRunner({
      app,
      attro: sandbox,
      onRun: (_zap, run) => {
        ledger.ran(run);
      },
    });
    const zaps = await turnOnAll(zapier, ledger);
    return await soak(options, { sandbox, zapier, app, zaps }, ledger);
  } finally {
    await zapier?.stop();
    await app?.stop();
    await sandbox?.stop();
    clean();
  }
}

/** Connects and turns a Zap on for each trigger; from then on, the troubles come. */
async function turnOnAll(zapier: ZapierRunner, ledger: Ledger): Promise<Zap[]> {
  await zapier.connect();
  const zaps: Zap[] = [];
  for (const { key } of TRIGGER_TABLE) zaps.push(await zapier.turnOn(key));
  for (const zap of zaps) ledger.addZap(zap.id, subscriptionOf(zap));
  zapier.hooks.misbehave((hook) => ledger.received(hook));
  zapier.cache.misbehave((call) => ledger.asked(call));
  return zaps;
}

async function soak(
  { events, seed, minutes, onProgress }: SoakOptions,
  path: Path,
  ledger: Ledger,
): Promise<SoakReport> {
  const { sandbox, zapier, zaps } = path;
  const late = AbortSignal.timeout(minutes * 60_000);
  const ended = AbortSignal.any([late, sandbox.dead]);
  const start = memoryOf(path);
  const meanwhile: MemoryUse[] = [];
  const progress = setInterval(() => {
    const now = memoryOf(path);
    // The sandbox may be on its way from one process to the next.
    if (!Number.isNaN(now.sandbox)) meanwhile.push(now);
    onProgress(ledger.entries().length);
  }, PROGRESS_MS);
  try {
    const began = performance.now();
    await sendAll(makePlan(events, seed), sandbox, ledger, ended);
    const seconds = (performance.now() - began) / 1000;
    const { pending, disabled } = await workedOff(path, ledger, ended);
    const end = memoryOf(path);
    if (!ended.aborted) for (const zap of zaps) await zapier.turnOff(zap);
    sandbox.dead.throwIfAborted();

    const entries = ledger.entries();
    const { counts, problems } = judge(entries, ledger.strangers);
    return {
      counts,
      problems: [
        ...(late.aborted ? [`Not all was worked off within ${minutes} minutes.`] : []),
        ...(pending > 0 ? [`${pending} deliveries were still to be made at the end.`] : []),
        ...problems,
        ...disabled.map(({ triggerKey }) => `Attro has given up the endpoint of ${triggerKey}.`),
      ],
      kills: sandbox.kills(),
      eventsPerSecond: counts.made / seconds,
      msToRun: entries
        .filter(({ planned }) => !planned.hook && !planned.cache)
        .flatMap(({ sentAt, ranAt }) => (ranAt === undefined ? [] : [ranAt - sentAt])),
      memory: { start, halfWay: meanwhile[Math.floor(meanwhile.length / 2)] ?? end, end },
    };
  } finally {
    clearInterval(progress);
  }
}

/**
 * Waits until every delivery has been made and every post has been answered for; until nothing comes any
 * more though deliveries are pending; or until the signal.
 *
 * @returns how many deliveries are left to make, and the Zaps whose endpoints Attro has given up.
 */
async function workedOff(
  { sandbox, zapier, zaps }: Path,
  ledger: Ledger,
  signal: AbortSignal,
): Promise<{ pending: number; disabled: Zap[] }> {
  for (;;) {
    await sandbox.up();
    const healths = await Promise.all(zaps.map((zap) => healthOf(sandbox, zap)));
    const pending = healths.reduce((sum, { deliveries }) => sum + deliveries.pending, 0);
    if (pending === 0 || signal.aborted || ledger.quietMs() > MAX_QUIET_MS) {
      if (!signal.aborted) await zapier.settled();
      return { pending, disabled: zaps.filter((_, at) => healths[at]?.status !== 'active') };
    }
    await wait(POLL_MS);
  }
}

/** What Attro says of an endpoint, with the key that the sandbox has printed. */
async function healthOf({ baseUrl, apiKey }: RestartableSandbox, zap: Zap) {
  const answer = await fetch(`${baseUrl}/api/v1/webhooks/${subscriptionOf(zap)}/health`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  if (!answer.ok) throw new Error(`The sandbox answered ${answer.status} about an endpoint.`);
  return (await answer.json()) as { status: string; deliveries: { pending: number } };
}

function subscriptionOf({ subscribeData }: Zap): string {
  return String(subscribeData['id']);
}

function memoryOf({ sandbox, app }: Path): MemoryUse {
  return { app: residentBytes(app.pid), sandbox: residentBytes(sandbox.pid()) };
}

/** How much of a process is in memory; Linux tells, other systems in ways of their own. */
function residentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1024;
  } catch {
    return NaN;
  }
}
