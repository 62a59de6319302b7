import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RETRY_DELAYS_SECONDS } from '../../../attro/contract.ts';
import { makePlan } from '../../../local/soak/plan.ts';

const counts = fc.integer({ min: 10, max: 1000 });
const seeds = fc.integer({ min: 0, max: 1e9 });

describe('the plan of a soak', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(makePlan(200, 7)).toEqual(makePlan(200, 7));
    expect(makePlan(200, 7)).not.toEqual(makePlan(200, 8));
  });

  it('doubles 5 %, forges 1 %, has some of each trouble, and lets no delivery fail too often', () => {
    fc.assert(
      fc.property(counts, seeds, (count, seed) => {
        const { events } = makePlan(count, seed);
        const having = (has: (event: (typeof events)[number]) => boolean) =>
          events.filter(has).length;
        expect(new Set(events.map(({ id }) => id)).size).toBe(count);
        expect(having(({ copies }) => copies === 2)).toBe(Math.max(1, Math.round(count / 20)));
        expect(having(({ forge }) => forge !== undefined)).toBe(
          Math.max(1, Math.round(count / 100)),
        );
        expect(having(({ hook }) => hook !== undefined)).toBeGreaterThan(0);
        expect(having(({ cache }) => cache !== undefined)).toBeGreaterThan(0);
        // So many failures would disable the endpoint.
        const most = Math.max(...events.map(({ hook }) => hook?.times ?? 0));
        expect(most).toBeLessThan(RETRY_DELAYS_SECONDS.length);
      }),
      { numRuns: 30 },
    );
  });

  it('has receivers hang only after the last kill, which would cut that short', () => {
    const { events, kills } = makePlan(10_000, 1);
    const hanging = events.flatMap(({ hook }, place) =>
      hook?.fault.answer === 'hang' ? [place] : [],
    );
    expect(hanging).toHaveLength(20);
    expect(kills).toHaveLength(2);
    for (const { place } of kills) expect(Math.min(...hanging)).toBeGreaterThanOrEqual(place);
  });
});
