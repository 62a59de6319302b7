import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PlatformHandler } from '../local/zapier/platform.ts';
import { hookEvent } from './deliveries.ts';

/**
 * The process in which apps answer many hooks, as a warm Lambda does. It is forked by `warm-apps.ts`
 * with the folders of unpacked build.zips. All of them run on the platform of the first, so that what
 * V8 has made of the platform's code is the same for each.
 */

export interface HostRequest {
  /** Which of the apps, by its place among the folders. */
  app: number;
  /** How many new deliveries it is to answer. */
  events: number;
  /** Asks for the heap, which takes a collection of garbage. */
  heap: boolean;
}

export interface HostAnswer {
  /** The time of each event, in microseconds. */
  times: number[];
  /** What is in use of the heap after collecting garbage, in bytes; null where it was not asked for. */
  heapUsed: number | null;
}

const folders = process.argv.slice(2);

function importDefault(folder: string, file: string): Promise<{ default: unknown }> {
  return import(pathToFileURL(path.join(folder, file)).href) as Promise<{ default: unknown }>;
}

async function loadHandlers(): Promise<PlatformHandler[]> {
  const { default: core } = await importDefault(
    folders[0] ?? '',
    'node_modules/zapier-platform-core/index.mjs',
  );
  const { createAppHandler } = core as { createAppHandler: (app: unknown) => PlatformHandler };
  const apps = await Promise.all(folders.map((folder) => importDefault(folder, 'dist/index.js')));
  return apps.map(({ default: app }) => createAppHandler(app));
}

const handlers = await loadHandlers();
let answered = 0;

async function answerEvents({ app, events: count }: HostRequest): Promise<number[]> {
  const handler = handlers[app];
  if (!handler) throw new Error(`There is no app ${app}.`);
  // Made beforehand, so that no signing falls into what is measured.
  const events = Array.from({ length: count }, (_, index) => hookEvent(answered + index));
  const times: number[] = [];
  for (const event of events) {
    const before = performance.now();
    const { results } = await handler(event);
    times.push((performance.now() - before) * 1000);
    if (!Array.isArray(results) || results.length !== 1) {
      throw new Error('An event was not answered with one record.');
    }
  }
  answered += count;
  return times;
}

function heapInUse(): number {
  global.gc?.();
  return process.memoryUsage().heapUsed;
}

process.on('message', (request: HostRequest) => {
  void answerEvents(request).then((times) => {
    const answer: HostAnswer = { times, heapUsed: request.heap ? heapInUse() : null };
    process.send?.(answer);
  });
});
process.send?.('ready');
