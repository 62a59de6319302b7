import { rmSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import prettier from 'prettier';
import { median } from 'simple-statistics';
import { startCacheServer } from '../../local/zapier/cache-rpc.ts';
import { table } from '../catalogue.ts';
import { FLOORS, makeApps } from './apps.ts';
import { measureOwnWork, STAGES } from './own-work.ts';
import { measureColdStarts, measureHeap, measureWarmEvents } from './processes.ts';
import { compare, minus, over, plus, short, spread, verdict, type Series } from './report.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '31' }, write: { type: 'boolean' } },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 5) throw new Error('--rounds must be 5 or more.');

const folder = await mkdtemp(path.join(tmpdir(), 'attro-bench-'));
process.on('exit', () => {
  rmSync(folder, { recursive: true });
});
process.on('SIGINT', () => process.exit(130));
const cache = await startCacheServer();
const slowCache = await startCacheServer();
slowCache.misbehave(() => ({ delayMs: 20 }));
const apps = await makeApps('build/build.zip', folder);
const { attro, bare, twin, calling } = apps;
console.error(`Starting each app ${rounds} times …`);
const cold = await measureColdStarts({ attro, bare, twin, calling, again: bare }, cache, rounds);
console.error('Answering hooks in processes that stay up …');
const warm = await measureWarmEvents(apps, cache, { events: 20, blocks: 3 * rounds });
const slow = await measureWarmEvents({ attro }, slowCache, { events: 2, blocks: rounds });
console.error('Watching the heap over 20,000 hooks …');
const callsBefore = cache.calls.length;
const heap = await measureHeap(attro, cache);
const calls = (cache.calls.length - callsBefore) / 20_000;
const heapOfBare = await measureHeap(bare, cache);
console.error('Measuring verification, reading, mapping and filtering alone …');
const work = await measureOwnWork();
await Promise.all([cache.close(), slowCache.close()]);

type Values = (name: 'attro' | 'bare' | 'twin' | 'calling') => Series;
const whole = (name: keyof typeof cold): Series => cold[name].map((start) => start.whole);
const own = (name: keyof typeof cold): Series => cold[name].map((start) => start.own);
// Node and the platform are the same files in each app, so their time differs by noise alone.
const exchanged: Values = (name) => plus(minus(whole('bare'), own('bare')), own(name));
const warmed: Values = (name) => warm[name];
const zip: Values = (name) => [apps[name].zipSize / 1_000];
const all = (of: Values) => [of('attro'), of('bare'), of('twin')] as const;
const withoutCall = (of: Values) =>
  [minus(of('attro'), minus(of('calling'), of('twin'))), of('bare'), of('twin')] as const;
const thousands = (heap: number[]): string =>
  [1, 5, 10, 20].map((events) => heap[2 * events - 1]?.toFixed(1)).join(' → ');
/** In kB for 1,000 events, step by step: a heap that loses code for once does not hide what grows. */
const growth = minus(heap.slice(21), heap.slice(20)).map((step) => step * 2_000);

const DOCUMENT = 'docs/performance.md';
const HEAD = ['bare', 'twin', '÷ bare', '÷ twin'];
const ALONE = ['Alone, in µs', 'kB', ...STAGES, 'sum', 'per kB', 'HMAC and JSON.parse'];
const BLANK = ['', '', '', ''];
const COLD = { twin: 1.05 };
const WARM = { twin: 1.35, bare: 2 };
const references = [
  compare('Cold start to the first answer', 'ms', all(whole), COLD),
  ['– bare against itself: noise', '', '', '', spread(over(whole('again'), whole('bare')))],
  compare('– the part after Node and platform', 'ms', all(own)),
  compare('– with only that part exchanged', 'ms', all(exchanged), COLD),
  compare('– and without its call of the cache', 'ms', withoutCall(exchanged), COLD),
  compare('Warm event, the cache answers at once', 'µs', all(warmed), WARM),
  compare('– without its call of the cache', 'µs', withoutCall(warmed), WARM),
  ['– of it beyond the twin', `${short(...minus(warm.attro, warm.twin))} µs`],
  ['– the cache takes 20 ms', `${short(...slow.attro)} µs`],
  ['– calls of the cache', short(calls), '0', '0'],
  compare('Size of build.zip', 'kB', all(zip), { bare: 1.08 }),
  ['Heap after 1, 5, 10 and 20 thousand events, MB', thousands(heap), thousands(heapOfBare)],
  [
    '– growth for 1,000 events in the end',
    `${short(...growth)} kB`,
    ...BLANK,
    '≤ 10 kB',
    verdict(growth, 10),
  ],
];
const floors = Object.entries(FLOORS).map(([name, label]) =>
  compare(label, 'µs', [warm[name as keyof typeof FLOORS], warm.bare, warm.twin]).slice(0, 6),
);
const alone = work.map(({ shape, size, sum, perKb, times }, at) => {
  const stages = STAGES.map((stage) => median(times[stage]));
  const numbers = [size, ...stages, sum, perKb, median(times.floor)];
  const cells = [shape, ...numbers.map((value) => short(value)), spread(times.whole, 0)];
  if (at === 0) return [...cells, '≤ 100 µs', verdict(times.whole, 100)];
  if (size < 1_000) return cells;
  const growth = perKb / (work[at - 1]?.perKb ?? NaN);
  return [...cells, '≤ 1.5 × per kB', `${verdict([growth], 1.5)}: ${short(growth)}`];
});

const tables = [
  table(['', 'attro', ...HEAD, 'aimed at', ''], references),
  table(['Floors of a warm event', 'event', ...HEAD], floors),
  table([...ALONE, 'whole function', 'aimed at', ''], alone),
];
const load = loadavg()[0]?.toFixed(1) ?? '';
const machine = `Node ${process.version}, ${rounds} rounds, load of the machine ${load}.`;
const text = await prettier.format([machine, ...tables].join('\n\n'), { parser: 'markdown' });
console.log(text);
if (options.write) {
  const document = await readFile(DOCUMENT, 'utf8');
  const [before, , after] = document.split(/(?<=<!-- figures.*-->\n)|(?=<!-- \/figures -->)/);
  if (after === undefined) throw new Error(`${DOCUMENT} has no place for the figures.`);
  await writeFile(DOCUMENT, `${before}\n${text}\n${after}`);
}
