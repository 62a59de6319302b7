import type { EventName } from '../../../attro/contract.ts';
import type { Database } from '../database.ts';
import { headersFor, send } from './attempt.ts';
import type { Outcome } from './attempt.ts';

/** How many deliveries to one endpoint are under way at once; further ones wait for these. */
export const MAX_AT_ONCE = 8;

/** A delivery whose time has come, and where it goes. */
export interface DueDelivery {
  id: string;
  endpoint_id: string;
  event: EventName;
  body: string;
  signature: string;
  url: string;
}

/** An attempt: when it began, in milliseconds of the epoch, how long it took, and what came of it. */
export type Made = Outcome & { started_at: number; duration_ms: number };

export interface SenderParts {
  database: Database;
  /** How long an answer may take, in milliseconds. */
  timeoutMs: number;
  /** The time, in milliseconds of the epoch. */
  clock: () => number;
  /** Told of each attempt that has ended. */
  note: (delivery: DueDelivery, made: Made) => void;
}

/** Sends each delivery when it is due. No endpoint waits for another. */
export class Sender {
  readonly #parts: SenderParts;
  /** The deliveries to each endpoint that are under way. */
  readonly #underWay = new Map<string, Set<string>>();
  readonly #sending = new Set<Promise<void>>();
  readonly #cutting = new AbortController();
  #timer: { at: number; handle: NodeJS.Timeout } | undefined;
  #isStopping = false;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Whether it has stopped, and nothing more is going to be noted. */
  get hasStopped(): boolean {
    return this.#cutting.signal.aborted;
  }

  /** Sends everything that is due, as when a sandbox starts anew. */
  start(): void {
    this.#timer = undefined;
    const now = this.#parts.clock();
    const due = this.#parts.database.all<{ endpoint_id: string }>(
      `SELECT DISTINCT endpoint_id FROM deliveries WHERE status = 'pending' AND next_attempt_at <= ?`,
      now,
    );
    for (const { endpoint_id } of due) this.#sendDue(endpoint_id, now);
    this.#wakeAfter(now);
  }

  /** Looks for what there is to send to an endpoint of which something has changed. */
  look(endpointId: string): void {
    if (this.#isStopping) return;
    const now = this.#parts.clock();
    this.#sendDue(endpointId, now);
    this.#wakeAfter(now);
  }

  /** Sends `DELETE` to a URL, once, whatever is answered. */
  sendDelete(url: string): void {
    const { timeoutMs } = this.#parts;
    this.#follow(send(url, { method: 'DELETE' }, timeoutMs, this.#cutting.signal));
  }

  /** Waits until nothing is under way. */
  async idle(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  /**
   * Ends sending. What is under way is cut, and is sent again at the next start.
   *
   * @param finish waits for what is under way instead.
   */
  async stop(finish: boolean): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer?.handle);
    if (finish) await this.idle();
    this.#cutting.abort();
    await this.idle();
  }

  /** Comes back when the first delivery is due that was not by `now`. */
  #wakeAfter(now: number): void {
    const [next] = this.#parts.database.all<{ at: number | null }>(
      `SELECT min(next_attempt_at) AS at FROM deliveries WHERE status = 'pending' AND next_attempt_at > ?`,
      now,
    );
    const at = next?.at ?? Infinity;
    // An earlier timer stays, also one that is late: what it is for has not been sent yet.
    if (at >= (this.#timer?.at ?? Infinity)) return;
    clearTimeout(this.#timer?.handle);
    const handle = setTimeout(() => {
      this.start();
    }, at - this.#parts.clock());
    this.#timer = { at, handle };
  }

  #sendDue(endpointId: string, now: number): void {
    const underWay = this.#underWay.get(endpointId) ?? new Set();
    const due = this.#parts.database
      .all<DueDelivery>(
        `SELECT deliveries.*, url FROM deliveries JOIN endpoints ON endpoints.id = endpoint_id
         WHERE endpoint_id = ? AND deliveries.status = 'pending' AND next_attempt_at <= ?
         ORDER BY next_attempt_at, deliveries.position LIMIT ?`,
        // Those that are under way are among them.
        ...[endpointId, now, 2 * MAX_AT_ONCE],
      )
      .filter(({ id }) => !underWay.has(id))
      .slice(0, MAX_AT_ONCE - underWay.size);
    for (const delivery of due) {
      underWay.add(delivery.id);
      this.#follow(this.#attempt(delivery, () => underWay.delete(delivery.id)));
    }
    if (underWay.size > 0) this.#underWay.set(endpointId, underWay);
    else this.#underWay.delete(endpointId);
  }

  /** Keeps what is under way in sight. When it is cut, what came of it is not known. */
  #follow(work: Promise<unknown>): void {
    const done = work
      .catch(() => undefined)
      .then(() => {
        this.#sending.delete(done);
      });
    this.#sending.add(done);
  }

  async #attempt(delivery: DueDelivery, ended: () => void): Promise<void> {
    const { timeoutMs, clock, note } = this.#parts;
    const { url, body, signature } = delivery;
    const started_at = clock();
    const request = { method: 'POST', headers: headersFor(signature), body };
    try {
      const outcome = await send(url, request, timeoutMs, this.#cutting.signal);
      note(delivery, { started_at, duration_ms: clock() - started_at, ...outcome });
    } finally {
      ended();
    }
  }
}
