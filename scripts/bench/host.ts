import { pathToFileURL } from 'node:url';
import { median } from 'simple-statistics';
import type { PlatformEvent, PlatformHandler } from '../../local/zapier/platform.ts';
import { hookEvent } from './deliveries.ts';

/**
 * The process in which apps answer many hooks, block by block in turn, as a warm Lambda does. All of them
 * run on the platform of the first, so that what V8 has made of the platform's code is the same for each.
 */

/** What it is started with: how many hooks a block has, and how many deliveries there were before. */
export interface HostRequest {
  folders: string[];
  blocks: number;
  events: number;
  delivered: number;
  /** Where the calls of the cache go. */
  cache: Partial<PlatformEvent>;
}

/** What it prints: of each app and block the median time of an event in µs, and the heap in use in MB. */
export type HostAnswer = Record<'times' | 'heap', number[]>[];

const request = JSON.parse(process.argv[2] ?? '') as HostRequest;
const load = async (file: string): Promise<unknown> =>
  ((await import(pathToFileURL(file).href)) as { default: unknown }).default;
const core = await load(`${request.folders[0]}/node_modules/zapier-platform-core/index.mjs`);
const { createAppHandler } = core as { createAppHandler: (app: unknown) => PlatformHandler };
const apps = await Promise.all(request.folders.map((folder) => load(`${folder}/dist/index.js`)));
const handlers = apps.map(createAppHandler);

/** The median time of new events. They are made beforehand, so that no signing falls into it. */
async function answerEvents(handler: PlatformHandler): Promise<number> {
  const numbers = Array.from({ length: request.events }, () => (request.delivered += 1));
  const events = await Promise.all(numbers.map((number) => hookEvent(number, request.cache)));
  const times: number[] = [];
  for (const event of events) {
    const before = performance.now();
    const { results } = await handler(event);
    times.push((performance.now() - before) * 1000);
    if ((results as unknown[]).length !== 1) throw new Error('No record was answered.');
  }
  return median(times);
}

const answer: HostAnswer = handlers.map(() => ({ times: [], heap: [] }));
for (let block = 0; block < request.blocks; block += 1) {
  for (const [app, handler] of handlers.entries()) {
    answer[app]?.times.push(await answerEvents(handler));
    // There only when the heap is looked at.
    global.gc?.();
    answer[app]?.heap.push(process.memoryUsage().heapUsed / 1e6);
  }
}
process.stdout.write(JSON.stringify(answer));
process.exit(0);
