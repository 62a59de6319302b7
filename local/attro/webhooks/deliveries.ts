import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';

import type { EventName } from '../../../attro/contract.ts';
import type { Database } from '../database.ts';
import { LOOPBACK } from '../loopback.ts';
import { sign } from './attempt.ts';
import type { Attempt } from './attempt.ts';
import type {
  Endpoint,
  EndpointChange,
  EndpointFields,
  Endpoints,
  SigningEndpoint,
} from './endpoints.ts';
import { Sender } from './sender.ts';
import type { DueDelivery, Made } from './sender.ts';

/** An event on its way to one endpoint, as the API shows it. */
export interface Delivery {
  id: string;
  event: EventName;
  /** `pending` until an attempt succeeds or no other follows. */
  status: 'pending' | 'succeeded' | 'failed';
  /** ISO 8601. */
  created_at: string;
  /** ISO 8601; null when no other attempt follows. */
  next_attempt_at: string | null;
  /** Oldest first. */
  attempts: Attempt[];
}

/** What one attempt came to, for who watches. */
export interface AttemptReport {
  event: EventName;
  endpointId: string;
  url: string;
  attempt: Attempt;
  /** Milliseconds until the next one; null when none follows. */
  nextInMs: number | null;
  /** What it meant for the endpoint beyond the delivery. */
  endpointIs?: 'disabled' | 'removed';
}

/** How an endpoint is doing, over the deliveries that are kept of it. */
export interface Health {
  status: Endpoint['status'];
  deliveries: Record<Delivery['status'], number>;
  attempts: { total: number; succeeded: number; failed: number };
  /** Over the attempts that were answered; null before the first. */
  average_response_ms: number | null;
  /** ISO 8601; null before the first. */
  last_attempt_at: string | null;
  /** Newest first. */
  recent_attempts: (Attempt & { delivery_id: string; event: EventName })[];
}

/** What is sent to whom. */
export interface Shipment {
  event: EventName;
  body: string;
  /** Sends the same bytes so many times; default 1. */
  copies?: number | undefined;
  /** Sends a signature that does not fit, or another body than was signed. */
  forge?: 'signature' | 'body' | undefined;
}

export interface DeliverySettings {
  /** Milliseconds to wait before each try, counted from the end of the previous one. */
  retryDelaysMs: readonly number[];
  /** How long an answer may take, in milliseconds. */
  timeoutMs: number;
  /** The time, in milliseconds of the epoch. */
  clock: () => number;
  onAttempt: (report: AttemptReport) => void;
}

/** How many of an endpoint's finished deliveries are kept; the oldest go first. */
export const MAX_HISTORY = 1000;

/** How many attempts the health of an endpoint shows. */
const MAX_RECENT = 20;

interface DeliveryRow extends Omit<DueDelivery, 'url'> {
  status: Delivery['status'];
  created_at: number;
  tries_left: number;
  is_manual: number;
  next_attempt_at: number | null;
}

type AttemptRow = Omit<Attempt, 'started_at'> & { started_at: number };

const isoTime = (at: number): string => new Date(at).toISOString();

function shownAttempt({ started_at, ...row }: AttemptRow): Attempt {
  const { number, duration_ms, response_status, response_body, error } = row;
  const at = isoTime(started_at);
  return { number, started_at: at, duration_ms, response_status, response_body, error };
}

/** Whether a URL is Zapier's, or that of its stand-in on this machine. */
function isZapiers(url: string): boolean {
  const { hostname = '', pathname = '' } = URL.parse(url) ?? {};
  const isStandIn = LOOPBACK.has(hostname) && pathname.startsWith('/hooks/');
  return hostname === 'hooks.zapier.com' || isStandIn;
}

/** A body that says something else than the one it is made of. */
function altered(body: string): string {
  const { data, ...envelope } = JSON.parse(body) as { data: { id: string } };
  return JSON.stringify({ ...envelope, data: { ...data, id: `${data.id}_forged` } });
}

/**
 * Sends events to endpoints: signed, tried again on the schedule, given up at its end. Every delivery is
 * noted before it is sent, and every attempt once its answer is known: after a crash, what has no known
 * answer is sent again.
 */
export class Deliveries {
  /** Emits `change` whenever something about an endpoint or its deliveries has changed. */
  readonly changes = new EventEmitter().setMaxListeners(0);
  readonly #database: Database;
  readonly #endpoints: Endpoints;
  readonly #settings: DeliverySettings;
  readonly #sender: Sender;

  constructor(database: Database, endpoints: Endpoints, settings: DeliverySettings) {
    this.#database = database;
    this.#endpoints = endpoints;
    this.#settings = settings;
    this.#sender = new Sender({
      ...{ database, timeoutMs: settings.timeoutMs, clock: settings.clock },
      note: (delivery, made) => {
        const report = database.transaction(() => this.#note(delivery, made));
        this.#changed(delivery.endpoint_id);
        if (report?.endpointIs === 'disabled') this.#tellZapier(delivery.url);
        if (report) settings.onAttempt(report);
      },
    });
  }

  /** Sends what waited when the sandbox was last stopped. */
  start(): void {
    this.#sender.start();
  }

  /** Sends an event to every active endpoint that chose it. @returns the deliveries, `copies` of each. */
  send(shipment: Shipment): { id: string; webhook_id: string }[] {
    return this.#sendTo(this.#endpoints.chosen(shipment.event), shipment);
  }

  /**
   * Sends an event to one endpoint, whatever it chose; to a disabled one outside of the schedule.
   *
   * @returns nothing when there is none of this id.
   */
  sendToOne(endpointId: string, shipment: Shipment): { id: string; webhook_id: string }[] {
    return this.#sendTo(this.#endpoints.withSecret(endpointId), shipment);
  }

  /**
   * Sends the same bytes once more, also to a disabled endpoint and outside of the schedule. One that
   * waits for its next attempt is sent at once instead.
   *
   * @returns undefined when the endpoint has no such delivery.
   */
  retry(endpointId: string, deliveryId: string): Delivery | undefined {
    this.#database.run(
      `UPDATE deliveries SET next_attempt_at = ?, status = 'pending',
         is_manual = iif(status = 'pending', is_manual, 1),
         tries_left = iif(status = 'pending', tries_left, 1)
       WHERE id = ? AND endpoint_id = ?`,
      ...[this.#settings.clock(), deliveryId, endpointId],
    );
    this.#changed(endpointId);
    return this.find(endpointId, deliveryId);
  }

  /** Adds an active endpoint: what happens from now on is sent to it. */
  addEndpoint(fields: EndpointFields): Endpoint {
    const endpoint = this.#endpoints.add(fields);
    this.#changed(endpoint.id);
    return endpoint;
  }

  /**
   * Changes an endpoint. What waits for one that is disabled by it has failed.
   *
   * @param isByPerson whether Zapier has to be told, as it did not ask for it.
   */
  changeEndpoint(id: string, change: EndpointChange, isByPerson = false): Endpoint | undefined {
    const before = this.#endpoints.find(id);
    const endpoint = this.#database.transaction(() => {
      if (change.status === 'disabled') this.#failWaiting(id);
      return this.#endpoints.change(id, change);
    });
    this.#changed(id);
    const isEnded = before?.status === 'active' && endpoint?.status === 'disabled';
    if (isByPerson && isEnded) this.#tellZapier(before.url);
    return endpoint;
  }

  /**
   * Removes an endpoint and what waits for it; false when there is none of this id.
   *
   * @param isByPerson as for {@link changeEndpoint}.
   */
  removeEndpoint(id: string, isByPerson = false): boolean {
    const before = this.#endpoints.find(id);
    this.#endpoints.remove(id);
    this.#changed(id);
    if (isByPerson && before?.status === 'active') this.#tellZapier(before.url);
    return before !== undefined;
  }

  find(endpointId: string, id: string): Delivery | undefined {
    const [row] = this.#database.all<DeliveryRow>(
      'SELECT * FROM deliveries WHERE id = ? AND endpoint_id = ?',
      ...[id, endpointId],
    );
    return row && this.#shown(row);
  }

  /** The very text that a delivery sends, and its signature. */
  contentOf(id: string): { body: string; signature: string } | undefined {
    const [row] = this.#database.all<{ body: string; signature: string }>(
      'SELECT body, signature FROM deliveries WHERE id = ?',
      id,
    );
    return row;
  }

  /** The deliveries to an endpoint, newest first; after one of them, where its id is given. */
  *newestFirst(
    endpointId: string,
    status?: Delivery['status'],
    afterId?: string,
  ): Iterable<Delivery> {
    const rows = this.#database.all<DeliveryRow>(
      `SELECT id, event, status, created_at, next_attempt_at FROM deliveries
       WHERE endpoint_id = ? AND (? IS NULL OR status = ?) AND
         (? IS NULL OR position < (SELECT position FROM deliveries WHERE id = ?))
       ORDER BY position DESC`,
      ...[endpointId, status ?? null, status ?? null, afterId ?? null, afterId ?? null],
    );
    for (const row of rows) yield this.#shown(row);
  }

  health(endpointId: string): Health | undefined {
    const endpoint = this.#endpoints.find(endpointId);
    if (!endpoint) return undefined;
    const [deliveries] = this.#database.all<Health['deliveries']>(
      `SELECT count(*) FILTER (WHERE status = 'succeeded') AS succeeded,
         count(*) FILTER (WHERE status = 'failed') AS failed,
         count(*) FILTER (WHERE status = 'pending') AS pending
       FROM deliveries WHERE endpoint_id = ?`,
      endpointId,
    ) as [Health['deliveries']];
    const [{ average, ...attempts }] = this.#database.all(
      `SELECT count(*) AS total,
         count(*) FILTER (WHERE response_status BETWEEN 200 AND 299) AS succeeded,
         count(*) FILTER (WHERE ifnull(response_status, 0) NOT BETWEEN 200 AND 299) AS failed,
         avg(duration_ms) FILTER (WHERE response_status IS NOT NULL) AS average
       FROM attempts JOIN deliveries ON id = delivery_id WHERE endpoint_id = ?`,
      endpointId,
    ) as [Health['attempts'] & { average: number | null }];
    const recent = this.#database.all<AttemptRow & { delivery_id: string; event: EventName }>(
      `SELECT attempts.*, event FROM attempts JOIN deliveries ON id = delivery_id
       WHERE endpoint_id = ? ORDER BY started_at DESC, attempts.rowid DESC LIMIT ?`,
      ...[endpointId, MAX_RECENT],
    );
    const [last] = recent;
    return {
      status: endpoint.status,
      deliveries,
      attempts,
      average_response_ms: average === null ? null : Math.round(average),
      last_attempt_at: last ? isoTime(last.started_at) : null,
      recent_attempts: recent.map((row) => ({
        ...shownAttempt(row),
        ...{ delivery_id: row.delivery_id, event: row.event },
      })),
    };
  }

  /** Waits until no further attempt follows, or the sandbox stops. @returns undefined once it is gone. */
  async finished(endpointId: string, id: string): Promise<Delivery | undefined> {
    for (;;) {
      const delivery = this.find(endpointId, id);
      if (delivery?.status !== 'pending' || this.#sender.hasStopped) return delivery;
      await once(this.changes, 'change');
    }
  }

  /** Waits until nothing is left to send, or the sandbox stops. */
  async settled(): Promise<void> {
    const isPending = (): boolean =>
      this.#database.all("SELECT 1 FROM deliveries WHERE status = 'pending' LIMIT 1").length > 0;
    while (!this.#sender.hasStopped && isPending()) await once(this.changes, 'change');
    await this.#sender.idle();
  }

  /** Ends sending, as {@link Sender.stop} says. */
  async stop(finish: boolean): Promise<void> {
    await this.#sender.stop(finish);
    this.changes.emit('change');
  }

  #sendTo(
    endpoints: SigningEndpoint[],
    { event, body, copies = 1, forge }: Shipment,
  ): { id: string; webhook_id: string }[] {
    const now = this.#settings.clock();
    const { retryDelaysMs } = this.#settings;
    return this.#database.transaction(() =>
      endpoints.flatMap(({ id: webhook_id, secret, status }) => {
        const isManual = status === 'disabled';
        const signature = sign(body, forge === 'signature' ? `not ${secret}` : secret);
        const sent = forge === 'body' ? altered(body) : body;
        const made = Array.from({ length: copies }, () => {
          const id = `del_${randomBytes(8).toString('hex')}`;
          this.#database.run(
            `INSERT INTO deliveries (id, endpoint_id, event, body, signature, status, created_at,
               tries_left, is_manual, next_attempt_at) VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?)`,
            ...[id, webhook_id, event, sent, signature, now, isManual ? 1 : retryDelaysMs.length],
            ...[Number(isManual), now + (retryDelaysMs[0] ?? 0)],
          );
          return { id, webhook_id };
        });
        this.#changed(webhook_id);
        return made;
      }),
    );
  }

  #shown({ id, event, status, created_at, next_attempt_at }: DeliveryRow): Delivery {
    const attempts = this.#database.all<AttemptRow>(
      'SELECT * FROM attempts WHERE delivery_id = ? ORDER BY number',
      id,
    );
    return {
      id,
      event,
      status,
      created_at: isoTime(created_at),
      next_attempt_at: next_attempt_at === null ? null : isoTime(next_attempt_at),
      attempts: attempts.map(shownAttempt),
    };
  }

  /**
   * Sends `DELETE` to a URL of Zapier's to which nothing is delivered any more: the "reverse
   * unsubscribe", on which it pauses the Zap where its owner sees it.
   */
  #tellZapier(url: string): void {
    if (isZapiers(url)) this.#sender.sendDelete(url);
  }

  /** Tells of a change, and looks for what there is to send, once what is being done is done. */
  #changed(endpointId: string): void {
    setImmediate(() => {
      this.changes.emit('change');
      this.#sender.look(endpointId);
    });
  }

  /** Notes an attempt and what follows from it; nothing where the endpoint is gone meanwhile. */
  #note(
    { id, endpoint_id: endpointId, event, url }: DueDelivery,
    made: Made,
  ): AttemptReport | undefined {
    // As it is now: the endpoint may have been disabled while this was under way.
    const [now] = this.#database.all<DeliveryRow & { made: number }>(
      `SELECT *, (SELECT count(*) FROM attempts WHERE delivery_id = id) AS made
       FROM deliveries WHERE id = ?`,
      id,
    );
    if (!now) return undefined;
    const attempt = shownAttempt({ number: now.made + 1, ...made });
    const { number, duration_ms, response_status, response_body, error } = attempt;
    this.#database.run(
      `INSERT INTO attempts (delivery_id, number, started_at, duration_ms, response_status,
         response_body, error) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...[id, number, made.started_at, duration_ms, response_status, response_body, error],
    );
    const report = { event, endpointId, url, attempt, nextInMs: null };

    // Assumption: "410 Gone" removes an endpoint at once; the guide does not mention it.
    if (response_status === 410) {
      this.#endpoints.remove(endpointId);
      return { ...report, endpointIs: 'removed' };
    }
    if (response_status !== null && response_status >= 200 && response_status < 300) {
      this.#settle(id, endpointId, 'succeeded');
      return report;
    }
    if (now.status === 'failed') return report;
    const triesLeft = now.tries_left - 1;
    if (triesLeft > 0) {
      const { retryDelaysMs } = this.#settings;
      const nextInMs = retryDelaysMs.at(-triesLeft) ?? 0;
      this.#database.run(
        'UPDATE deliveries SET tries_left = ?, next_attempt_at = ? WHERE id = ?',
        ...[triesLeft, this.#settings.clock() + nextInMs, id],
      );
      return { ...report, nextInMs };
    }
    this.#settle(id, endpointId, 'failed');
    if (now.is_manual) return report;
    this.changeEndpoint(endpointId, { status: 'disabled' });
    return { ...report, endpointIs: 'disabled' };
  }

  #settle(id: string, endpointId: string, status: 'succeeded' | 'failed'): void {
    this.#database.run(
      'UPDATE deliveries SET status = ?, next_attempt_at = NULL WHERE id = ?',
      ...[status, id],
    );
    this.#forgetOldest(endpointId);
  }

  /** What waits on the schedule of an endpoint that is being disabled has failed. */
  #failWaiting(endpointId: string): void {
    this.#database.run(
      `UPDATE deliveries SET status = 'failed', next_attempt_at = NULL
       WHERE endpoint_id = ? AND status = 'pending' AND is_manual = 0`,
      endpointId,
    );
    this.#forgetOldest(endpointId);
  }

  #forgetOldest(endpointId: string): void {
    this.#database.run(
      `DELETE FROM deliveries WHERE endpoint_id = ?1 AND status <> 'pending' AND position <=
         (SELECT position FROM deliveries WHERE endpoint_id = ?1 AND status <> 'pending'
          ORDER BY position DESC LIMIT 1 OFFSET ?2)`,
      ...[endpointId, MAX_HISTORY],
    );
  }
}
