import type { EventName } from '../../../attro/contract.ts';
import type { Database } from '../database.ts';
import { createPoster, sign } from './attempt.ts';
import type { Outcome, Poster } from './attempt.ts';

/** How many deliveries to one endpoint are under way at once; further ones wait for these. */
export const MAX_AT_ONCE = 8;

/** A delivery whose time has come, and where it goes. */
export interface DueDelivery {
  id: string;
  endpoint_id: string;
  event: EventName;
  body: string;
  /** Null until it is sent for the first time. */
  signature: string | null;
  url: string;
  secret: string;
}

/** An attempt: when it began, in milliseconds of the epoch, how long it took, and what came of it. */
export type Made = Outcome & { started_at: number; duration_ms: number };

export interface SenderParts {
  database: Database;
  /** How long an answer may take, in milliseconds. */
  timeoutMs: number;
  /** Told of each attempt that has ended. */
  note: (delivery: DueDelivery, made: Made) => void;
}

/** Sends each delivery when it is due. No endpoint waits for another, or uses its connections. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #underWay = new Map<string, { ids: Set<string>; poster: Poster }>();
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
    const now = Date.now();
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
    const now = Date.now();
    this.#sendDue(endpointId, now);
    this.#wakeAfter(now);
  }

  /**
   * Ends sending. What is under way is cut, and is sent again at the next start.
   *
   * @param finish waits for what is under way instead.
   */
  async stop(finish: boolean): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer?.handle);
    if (finish) await Promise.all(this.#sending);
    this.#cutting.abort();
    await Promise.all(this.#sending);
    for (const { poster } of this.#underWay.values()) poster.close();
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
    }, at - Date.now());
    this.#timer = { at, handle };
  }

  #sendDue(endpointId: string, now: number): void {
    const { database, timeoutMs } = this.#parts;
    const underWay = this.#underWay.get(endpointId) ?? {
      ids: new Set(),
      poster: createPoster(MAX_AT_ONCE, timeoutMs, this.#cutting.signal),
    };
    const { ids, poster } = underWay;
    const due = database
      .all<DueDelivery>(
        `SELECT deliveries.*, url, secret FROM deliveries JOIN endpoints ON endpoints.id = endpoint_id
         WHERE endpoint_id = ? AND deliveries.status = 'pending' AND next_attempt_at <= ?
         ORDER BY next_attempt_at, deliveries.position LIMIT ?`,
        // Those that are under way are among them.
        ...[endpointId, now, 2 * MAX_AT_ONCE],
      )
      .filter(({ id }) => !ids.has(id))
      .slice(0, MAX_AT_ONCE - ids.size);
    for (const delivery of due) {
      ids.add(delivery.id);
      const sent = this.#attempt(delivery, poster).finally(() => {
        ids.delete(delivery.id);
        this.#sending.delete(sent);
      });
      this.#sending.add(sent);
    }
    if (ids.size > 0) {
      this.#underWay.set(endpointId, underWay);
    } else {
      this.#underWay.delete(endpointId);
      poster.close();
    }
  }

  async #attempt(delivery: DueDelivery, poster: Poster): Promise<void> {
    const { id, url, body, secret } = delivery;
    const signature = delivery.signature ?? sign(body, secret);
    // Further attempts send the same, whatever becomes of the secret.
    this.#parts.database.run('UPDATE deliveries SET signature = ? WHERE id = ?', signature, id);
    const started_at = Date.now();
    const clock = performance.now();
    let outcome: Outcome;
    try {
      outcome = await poster.post(url, body, signature);
    } catch {
      // Stopped: what came of it is not known, so it is as if it had not been made.
      return;
    }
    const duration_ms = Math.round(performance.now() - clock);
    this.#parts.note(delivery, { started_at, duration_ms, ...outcome });
  }
}
