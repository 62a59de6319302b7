import { expect, it } from '@jest/globals';
import { MAX_CACHE_WAIT_MS } from '../../../deliveries/deduplicate.ts';
import { judge } from '../../../local/soak/judge.ts';
import type { Entry } from '../../../local/soak/ledger.ts';

/** An event that came once and ran once, or what a test makes of it. */
function entry(id: string, { forge, ...changes }: Partial<Entry> & { forge?: 'body' } = {}): Entry {
  return {
    ...{ id, accepted: true, sentAt: 0, posts: 1, answered: 1, runs: 1, ranAt: 20 },
    ...{ errors: [], cacheFaults: 0, slowestMs: 20 },
    planned: { id, event: 'payout.failed', copies: 1, ...(forge && { forge }) },
    ...changes,
  };
}

/** 4 deliveries of 2 genuine events, of which one was refused where it came; and a forged one. */
const FINE = [
  entry('a'),
  entry('b', { posts: 3, answered: 2 }),
  entry('c', { forge: 'body', runs: 0 }),
];

it('finds nothing wrong where every event has run once and no forgery has', () => {
  expect(judge(FINE, [])).toEqual({
    counts: {
      ...{ made: 3, posts: 5, zapRuns: 2, copiesCaught: 1, forgeriesRefused: 1 },
      ...{ forgedRuns: 0, lost: 0, errors: 0 },
      doubled: { all: 0, cacheFailing: 0, cacheSlow: 0, unexplained: 0 },
    },
    problems: [],
  });
});

const twice = { posts: 2, answered: 2, runs: 2 };

it.each<[string, Entry[], string, object]>([
  [
    'lost events, never delivered or left out each time',
    [
      entry('x', { posts: 0, answered: 0, runs: 0 }),
      entry('y', { posts: 2, answered: 2, runs: 0 }),
    ],
    '2 events were lost: x, y.',
    { lost: 2, copiesCaught: 2 },
  ],
  [
    'the first of many',
    ['v', 'w', 'x', 'y'].map((id) => entry(id, { runs: 0 })),
    '4 events were lost: v, w, x, ….',
    { lost: 4 },
  ],
  [
    'a forgery that never came',
    [entry('x', { forge: 'body', answered: 0, runs: 0 })],
    '1 event was lost: x.',
    { lost: 1 },
  ],
  [
    'a forgery that ran',
    [entry('x', { forge: 'body' })],
    '1 event was forged and ran all the same: x.',
    { forgedRuns: 1, forgeriesRefused: 1 },
  ],
  [
    'an event that ran more than once without a cause',
    [entry('x', { posts: 3, answered: 3, runs: 3 })],
    '1 event was run more than once while the cache worked: x.',
    { doubled: { all: 2, cacheFailing: 0, cacheSlow: 0, unexplained: 2 } },
  ],
  [
    'of those that ran twice none whose cache failed or was slower than the app waits',
    [
      entry('x', { ...twice, cacheFaults: 1 }),
      entry('y', { ...twice, slowestMs: MAX_CACHE_WAIT_MS }),
      entry('z', { ...twice, slowestMs: MAX_CACHE_WAIT_MS - 1 }),
    ],
    '1 event was run more than once while the cache worked: z.',
    { doubled: { all: 3, cacheFailing: 1, cacheSlow: 1, unexplained: 1 } },
  ],
  [
    'an event that the app ended with an error, also after a run',
    [entry('x', { posts: 2, answered: 2, errors: ['Broken'] })],
    '1 event was ended with an error by the app (Broken): x.',
    { errors: 1, copiesCaught: 1 },
  ],
  [
    'of those whose acceptance was cut short only one that came and did not run',
    [
      entry('x', { accepted: false, posts: 0, answered: 0, runs: 0 }),
      entry('y', { accepted: false }),
      entry('z', { accepted: false, runs: 0 }),
    ],
    '1 event was lost: z.',
    { made: 5, lost: 1 },
  ],
])('names %s', (_name, entries, problem, counts) => {
  const judged = judge([...FINE, ...entries], []);
  expect(judged.problems).toEqual([problem]);
  expect(judged.counts).toMatchObject(counts);
});

it('names what was delivered or run without having been sent', () => {
  expect(judge(FINE, ['x']).problems).toEqual([
    '1 event was delivered or run without having been sent: x.',
  ]);
});
