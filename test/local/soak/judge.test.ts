import { describe, expect, it } from '@jest/globals';
import { MAX_CACHE_WAIT_MS } from '../../../deliveries/deduplicate.ts';
import { count, problemsOf } from '../../../local/soak/judge.ts';
import type { Entry } from '../../../local/soak/ledger.ts';

/** An event that came once and ran once, or what a test makes of it. */
function entry(id: string, { forge, ...changes }: Partial<Entry> & { forge?: 'body' } = {}): Entry {
  return {
    ...{ id, accepted: true, sentAt: 0, posts: 1, answered: 1, runs: 1, ranAt: 20 },
    ...{ errors: [], hookFaults: 0, cacheFaults: 0, slowestMs: 20 },
    planned: { id, event: 'payout.failed', copies: 1, ...(forge && { forge }) },
    ...changes,
  };
}

/** 4 deliveries of 2 genuine events, of which one was refused where it came; and a forged one. */
const FINE = [
  entry('a'),
  entry('b', { posts: 3, answered: 2, hookFaults: 1 }),
  entry('c', { forge: 'body', runs: 0 }),
];

function judge(...entries: Entry[]) {
  const all = [...FINE, ...entries];
  return { counts: count(all), problems: problemsOf(all, []) };
}

describe('the judge of a soak', () => {
  it('finds nothing wrong where every event has run once and no forgery has', () => {
    expect(judge()).toEqual({
      counts: {
        ...{ made: 3, cutOff: 0, madeAllTheSame: 0, posts: 5, zapRuns: 2, copiesCaught: 1 },
        ...{
          forgeriesRefused: 1,
          forgedRuns: 0,
          lost: 0,
          errors: 0,
          hookFaults: 1,
          cacheFaults: 0,
        },
        doubled: { all: 0, cacheFailing: 0, cacheSlow: 0, unexplained: 0 },
      },
      problems: [],
    });
  });

  it('names lost events: never delivered, or left out each time', () => {
    const { counts, problems } = judge(
      entry('x', { posts: 0, answered: 0, runs: 0 }),
      entry('y', { posts: 2, answered: 2, runs: 0 }),
    );
    expect(problems).toEqual(['2 events were lost: x, y.']);
    expect(counts).toMatchObject({ lost: 2, copiesCaught: 2 });
  });

  it('names the first of many', () => {
    const { problems } = judge(...['v', 'w', 'x', 'y'].map((id) => entry(id, { runs: 0 })));
    expect(problems).toEqual(['4 events were lost: v, w, x, ….']);
  });

  it('counts a forgery that never came as lost', () => {
    const { problems } = judge(entry('x', { forge: 'body', posts: 1, answered: 0, runs: 0 }));
    expect(problems).toEqual(['1 event was lost: x.']);
  });

  it('names a forgery that ran', () => {
    const { counts, problems } = judge(entry('x', { forge: 'body' }));
    expect(problems).toEqual(['1 event was forged and ran all the same: x.']);
    expect(counts).toMatchObject({ forgedRuns: 1, forgeriesRefused: 1 });
  });

  it('names an event that ran more than once without a cause', () => {
    const { counts, problems } = judge(entry('x', { posts: 3, answered: 3, runs: 3 }));
    expect(problems).toEqual(['1 event was run more than once while the cache worked: x.']);
    expect(counts.doubled).toEqual({ all: 2, cacheFailing: 0, cacheSlow: 0, unexplained: 2 });
  });

  it('explains it by a cache that failed, or that was slower than the app waits', () => {
    const twice = { posts: 2, answered: 2, runs: 2 };
    const { counts, problems } = judge(
      entry('x', { ...twice, cacheFaults: 1 }),
      entry('y', { ...twice, slowestMs: MAX_CACHE_WAIT_MS }),
      entry('z', { ...twice, slowestMs: MAX_CACHE_WAIT_MS - 1 }),
    );
    expect(problems).toEqual(['1 event was run more than once while the cache worked: z.']);
    expect(counts.doubled).toEqual({ all: 3, cacheFailing: 1, cacheSlow: 1, unexplained: 1 });
  });

  it('names an event that the app ended with an error, also after a run', () => {
    const { counts, problems } = judge(entry('x', { posts: 2, answered: 2, errors: ['Broken'] }));
    expect(problems).toEqual(['1 event was ended with an error by the app (Broken): x.']);
    expect(counts).toMatchObject({ errors: 1, copiesCaught: 1 });
  });

  it('names what was delivered or run without having been sent', () => {
    expect(problemsOf(FINE, ['x'])).toEqual([
      '1 event was delivered or run without having been sent: x.',
    ]);
  });

  it('takes an event whose acceptance was cut short as made only when it came', () => {
    const { counts, problems } = judge(
      entry('x', { accepted: false, posts: 0, answered: 0, runs: 0 }),
      entry('y', { accepted: false }),
    );
    expect(counts).toMatchObject({ made: 4, cutOff: 2, madeAllTheSame: 1, lost: 0 });
    expect(problems).toEqual([]);
    expect(judge(entry('z', { accepted: false, runs: 0 })).problems).toEqual([
      '1 event was lost: z.',
    ]);
  });
});
