import { createHash } from 'node:crypto';

import { sample } from 'simple-statistics';

import { EVENT_NAMES, type EventName } from '../attro/index.ts';
import type { CacheFault } from '../zapier/cache-rpc.ts';
import type { HookFault } from '../zapier/hook-server.ts';

/** What goes wrong around one event, for the first so many requests about it. */
export interface Trouble<Fault> {
  fault: Fault;
  times: number;
}

/** An event and all that is done to it. */
export interface PlannedEvent {
  /** The id of its record, which no other event has. */
  id: string;
  event: EventName;
  copies: 1 | 2;
  forge?: 'signature' | 'body';
  /** What goes wrong where its deliveries are received. */
  hook?: Trouble<HookFault>;
  /** What goes wrong with the calls of the cache about it. */
  cache?: Trouble<CacheFault>;
}

export type Plan = ReturnType<typeof makePlan>;

/** How many of all events, at least one of each. */
const SHARES = { doubled: 0.05, forged: 0.01, hook: 0.05, cache: 0.05 };

/** Receivers that hang, none in a small plan; a kill would cut them short, so they come after the last. */
const HANGING = { share: 0.002, between: [1 / 2, 3 / 5] } as const;

// No delivery may fail four times, or its endpoint is disabled. A `carriedOut` loses only the answer.
const HOOK_TROUBLES: readonly Trouble<HookFault>[] = [
  { fault: { answer: { status: 500 } }, times: 1 },
  { fault: { answer: { status: 429 } }, times: 2 },
  { fault: { answer: 'dropped' }, times: 1 },
  { fault: { answer: { status: 503 }, carriedOut: true }, times: 1 },
  { fault: { answer: 'dropped', carriedOut: true }, times: 2 },
  { fault: { delayMs: 500 }, times: 1 },
];

/** Attro gives up waiting after 30 s and sends again. */
const HANGING_TROUBLES: readonly Trouble<HookFault>[] = [
  { fault: { answer: 'hang' }, times: 1 },
  { fault: { answer: 'hang', carriedOut: true }, times: 1 },
];

// The platform makes a call that failed three times altogether, and a throttled one once.
const CACHE_TROUBLES: readonly Trouble<CacheFault>[] = [
  { fault: { answer: 'throttled' }, times: Infinity },
  { fault: { answer: 'failed' }, times: 1 },
  { fault: { answer: 'dropped', carriedOut: true }, times: 1 },
  { fault: { answer: 'throttled', carriedOut: true }, times: 1 },
  { fault: { delayMs: 300 }, times: 2 },
  { fault: { answer: 'failed' }, times: Infinity },
  { fault: { answer: 'failed', carriedOut: true }, times: 2 },
  // Longer than the app waits.
  { fault: { delayMs: 2_500 }, times: 1 },
  { fault: { answer: 'dropped' }, times: 2 },
  { fault: { answer: 'nonsense' }, times: Infinity },
];

/** When the sandbox is killed, as shares of all events. */
const KILLS = [1 / 4, 1 / 2];

const MAX_KILL_DELAY_MS = 50;

const FORGERIES = ['signature', 'body'] as const;

/**
 * Decides what happens to each of so many events: the same for the same seed. The troubles are chosen apart
 * from each other, so that one event may have several.
 */
export function makePlan(count: number, seed: number) {
  const random = randomFrom(seed);
  /** At any moment: so many milliseconds after it is the turn of the event at a place. */
  const kills = KILLS.map((share) => ({
    place: Math.floor(share * count),
    afterMs: Math.floor(random() * MAX_KILL_DELAY_MS),
  }));
  const all = Array.from({ length: count }, (_, index) => index);
  /** Some of the places, each with one of the choices, which are all used equally. */
  const choose = <Choice>(
    share: number,
    choices: readonly Choice[],
    among: readonly number[] = all,
    least = 1,
  ): ReadonlyMap<number, Choice> => {
    const size = Math.max(least, Math.round(share * count));
    const places = sample([...among], size, random);
    return new Map(places.map((place, at) => [place, cycled(choices, at)]));
  };

  const doubled = choose(SHARES.doubled, [2] as const);
  const forged = choose(SHARES.forged, FORGERIES);
  const hook = choose(SHARES.hook, HOOK_TROUBLES);
  const [from, to] = HANGING.between.map((share) => Math.ceil(share * count));
  const hanging = choose(HANGING.share, HANGING_TROUBLES, all.slice(from, to), 0);
  const cache = choose(SHARES.cache, CACHE_TROUBLES);

  const events = all.map((place): PlannedEvent => {
    const forge = forged.get(place);
    const hookTrouble = hanging.get(place) ?? hook.get(place);
    const cacheTrouble = cache.get(place);
    return {
      id: `soak_${String(place).padStart(6, '0')}`,
      event: cycled(EVENT_NAMES, Math.floor(random() * EVENT_NAMES.length)),
      copies: doubled.get(place) ?? 1,
      ...(forge && { forge }),
      ...(hookTrouble && { hook: hookTrouble }),
      ...(cacheTrouble && { cache: cacheTrouble }),
    };
  });
  return { events, kills };
}

/** The value for an index in a list that repeats. */
function cycled<Value>(values: readonly Value[], index: number): Value {
  return values[index % values.length] as Value;
}

/** Numbers from 0 to below 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let drawn = 0;
  return () => {
    drawn += 1;
    return createHash('sha256').update(`${seed} ${drawn}`).digest().readUInt32BE() / 2 ** 32;
  };
}
