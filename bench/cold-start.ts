import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { hookEvent } from './deliveries.ts';
import type { AppName, PackedApp } from './references.ts';

const run = promisify(execFile);

/** One cold start, in milliseconds. */
export interface ColdStart {
  /** From the start of the process to the first answered hook. */
  toAnswer: number;
  /** The part of it after Node and the platform are loaded: the app's loading and its first hook. */
  ownPart: number;
}

/** The apps by name, and bare a second time: what it differs by from itself is noise. */
export type ColdStarts = Record<AppName | 'bareAgain', ColdStart[]>;

/** Starts of each app that are not measured: they bring the files into the machine's cache. */
const WARM_UP_ROUNDS = 2;

/**
 * What each started process runs. It is JavaScript, so that no stripping of types is measured. The
 * platform is loaded first in any case, since the wrapper imports it before the app.
 */
const PROBE = `
await import('zapier-platform-core');
const platformLoaded = performance.now();
const { handler } = await import('./zapierwrapper.js');
const { results } = await handler(JSON.parse(process.argv[2]));
const toAnswer = performance.now();
const start = { toAnswer, ownPart: toAnswer - platformLoaded };
process.stdout.write(JSON.stringify({ start, records: results.length }));
process.exit(0);
`;

/**
 * Starts each app in a process of its own until it has answered one hook, round by round in turn.
 *
 * @param rounds how many starts of each are measured.
 */
export async function measureColdStarts(
  apps: Record<AppName, PackedApp>,
  rounds: number,
): Promise<ColdStarts> {
  const starts: ColdStarts = { attro: [], bare: [], twin: [], bareAgain: [] };
  const order = [
    { app: apps.attro, to: starts.attro },
    { app: apps.bare, to: starts.bare },
    { app: apps.twin, to: starts.twin },
    { app: apps.bare, to: starts.bareAgain },
  ];
  for (const { folder } of Object.values(apps)) {
    await writeFile(path.join(folder, 'probe.js'), PROBE);
  }
  for (let round = 0; round < WARM_UP_ROUNDS + rounds; round += 1) {
    // Each goes first equally often.
    const turn = round % order.length;
    for (const { app, to } of [...order.slice(turn), ...order.slice(0, turn)]) {
      const start = await coldStart(app);
      if (round >= WARM_UP_ROUNDS) to.push(start);
    }
  }
  return starts;
}

async function coldStart({ name, folder }: PackedApp): Promise<ColdStart> {
  const event = JSON.stringify(hookEvent(1));
  const { stdout } = await run(process.execPath, [path.join(folder, 'probe.js'), event], {
    cwd: folder,
    // Only this, so that nothing of the shell that runs the bench has a say in it.
    env: { PATH: process.env['PATH'] },
  });
  const { start, records } = JSON.parse(stdout) as { start: ColdStart; records: number };
  if (records !== 1) throw new Error(`${name} did not answer with one record.`);
  return start;
}
