import { setTimeout as sleep } from 'node:timers/promises';

/** The time by which Zapier waits, so that tests need not. */
export interface Clock {
  /** In milliseconds since 1970. */
  now: () => number;
  /** @throws when the signal ends the waiting. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const REAL_CLOCK: Clock = {
  now: Date.now,
  wait: (ms, signal) => sleep(ms, undefined, { signal }),
};
