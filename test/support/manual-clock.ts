import type { Clock } from '../../local/zapier/clock.ts';

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now = Date.parse('2026-01-26T10:00:00Z');
  readonly #waiting = new Map<() => void, number>();
  #changed = Promise.withResolvers<undefined>();

  now = (): number => this.#now;

  wait = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(end);
        resolve();
      };
      this.#waiting.set(end, this.#now + ms);
      signal.addEventListener('abort', () => {
        this.#waiting.delete(end);
        reject(signal.reason as Error);
      });
      this.#changed.resolve(undefined);
      this.#changed = Promise.withResolvers();
    });

  /** Lets so much time pass at once. */
  pass(ms: number): void {
    this.#now += ms;
    for (const [end, at] of this.#waiting) if (at <= this.#now) end();
  }

  /** Lets so much time pass as soon as something waits for just that. */
  async passWhenAwaited(ms: number): Promise<void> {
    while (![...this.#waiting.values()].includes(this.#now + ms)) await this.#changed.promise;
    this.pass(ms);
  }
}
