import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CacheServer } from '../../local/zapier/cache-rpc.ts';
import type { App } from './apps.ts';
import { hookEvent } from './deliveries.ts';
import type { HostAnswer, HostRequest } from './host.ts';

/** How many deliveries there were so far, so that each is new to the cache. */
let delivered = 0;

/** Runs Node to its end and reads what it printed. Nothing of this shell has a say in what is measured. */
async function run(args: readonly string[], cwd?: string): Promise<unknown> {
  const env = { PATH: process.env['PATH'] };
  return JSON.parse((await promisify(execFile)(process.execPath, args, { cwd, env })).stdout);
}

/**
 * What a process that is started cold runs: JavaScript, so that no stripping of types is measured. The
 * platform is loaded first in any case, since the wrapper imports it before the app.
 */
const PROBE = `
await import('zapier-platform-core');
const platformLoaded = performance.now();
const { handler } = await import('./zapierwrapper.js');
const { results } = await handler(JSON.parse(process.argv[2]));
const whole = performance.now();
if (results.length !== 1) throw new Error('No record was answered.');
process.stdout.write(JSON.stringify({ whole, own: whole - platformLoaded }));
process.exit(0);
`;

/** From the start of the process to the first answer, and of it what comes after Node and platform; in ms. */
export type ColdStart = Record<'whole' | 'own', number>;

/** Starts of each app that are not measured: they bring the files into the machine's cache. */
const WARM_UP_ROUNDS = 2;

/** Starts each app in a process of its own until it has answered one hook, round by round in turn. */
export async function measureColdStarts<Name extends string>(
  apps: Readonly<Record<Name, App>>,
  cache: CacheServer,
  rounds: number,
): Promise<Record<Name, ColdStart[]>> {
  const starts: Record<string, ColdStart[]> = {};
  const order = Object.entries<App>(apps);
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const [name, { folder }] of order) {
      await writeFile(`${folder}/probe.js`, PROBE);
      const event = await hookEvent((delivered += 1), cache.eventFields());
      const start = (await run(['probe.js', JSON.stringify(event)], folder)) as ColdStart;
      if (round >= 0) (starts[name] ??= []).push(start);
    }
    // Each goes first equally often.
    order.push(...order.splice(0, 1));
  }
  return starts;
}

/** Has apps answer hooks in one process, block by block in turn. */
async function answerHooks(
  apps: readonly App[],
  request: Pick<HostRequest, 'blocks' | 'events'>,
  cache: CacheServer,
  ...flags: readonly string[]
): Promise<HostAnswer> {
  const folders = apps.map(({ folder }) => folder);
  const whole: HostRequest = { ...request, folders, delivered, cache: cache.eventFields() };
  delivered += apps.length * request.blocks * request.events;
  const file = fileURLToPath(new URL('./host.ts', import.meta.url));
  return (await run([...flags, file, JSON.stringify(whole)])) as HostAnswer;
}

const WARM_UP_BLOCKS = 40;

/** Two processes differ by several per cent in how V8 has compiled the same code. */
const PROCESSES = 5;

/** Runs hooks through the platform's handler: the median time in each block, in microseconds. */
export async function measureWarmEvents<Name extends string>(
  apps: Readonly<Record<Name, App>>,
  cache: CacheServer,
  { blocks, events }: Pick<HostRequest, 'blocks' | 'events'>,
): Promise<Record<Name, number[]>> {
  const times: Record<string, number[]> = {};
  const request = { events, blocks: WARM_UP_BLOCKS + Math.ceil(blocks / PROCESSES) };
  for (let process = 0; process < PROCESSES; process += 1) {
    const answer = await answerHooks(Object.values(apps), request, cache);
    for (const [app, name] of Object.keys(apps).entries()) {
      (times[name] ??= []).push(...(answer[app]?.times.slice(WARM_UP_BLOCKS) ?? []));
    }
  }
  return times;
}

/** What is in use of the heap after each 500 hooks of 20,000, in MB, garbage collected. */
export async function measureHeap(app: App, cache: CacheServer): Promise<number[]> {
  const [answer] = await answerHooks([app], { blocks: 40, events: 500 }, cache, '--expose-gc');
  return answer?.heap ?? [];
}
