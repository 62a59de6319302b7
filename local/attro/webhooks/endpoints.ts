import { randomBytes } from 'node:crypto';

import type { Database } from '../database.ts';

/** A webhook endpoint as the API shows it: without its secret. */
export interface Endpoint {
  id: string;
  url: string;
  events: readonly string[];
  /** `disabled` once a delivery has been given up, or by its owner. */
  status: 'active' | 'disabled';
  /** ISO 8601. */
  created_at: string;
  /** ISO 8601: when it ends by itself; absent where it does not. */
  expires_at?: string;
}

/** What its owner says of an endpoint. */
export interface EndpointFields {
  url: string;
  events: readonly string[];
  secret: string;
}

/** What its owner changes of an endpoint; the rest stays. */
export type EndpointChange = Partial<EndpointFields & Pick<Endpoint, 'status'>>;

/** What is needed to send something to an endpoint. */
export type SigningEndpoint = Pick<Endpoint, 'id' | 'status'> & { secret: string };

interface Row extends Omit<Endpoint, 'events' | 'expires_at'> {
  events: string;
  secret: string;
  expires_at: string | null;
}

const isoTime = (at: number): string => new Date(at).toISOString();

function shown({ id, url, events, status, created_at, expires_at }: Row): Endpoint {
  return {
    ...{ id, url, events: JSON.parse(events) as string[], status, created_at },
    ...(expires_at !== null && { expires_at }),
  };
}

/** The endpoints of the one organization that the sandbox has, made by people and by Zaps alike. */
export class Endpoints {
  readonly #database: Database;
  readonly #lifetimeMs: number | undefined;
  readonly #now: () => number;

  /** @param lifetimeMs how long a new endpoint lasts; without it, until it is removed. */
  constructor(database: Database, lifetimeMs?: number, now: () => number = Date.now) {
    this.#database = database;
    this.#lifetimeMs = lifetimeMs;
    this.#now = now;
  }

  /** Adds an active endpoint under a fresh id. */
  add({ url, events, secret }: EndpointFields): Endpoint {
    const id = `wh_${randomBytes(8).toString('hex')}`;
    const now = this.#now();
    const endpoint: Endpoint = {
      ...{ id, url, events, status: 'active', created_at: isoTime(now) },
      ...(this.#lifetimeMs !== undefined && { expires_at: isoTime(now + this.#lifetimeMs) }),
    };
    this.#database.run(
      `INSERT INTO endpoints (id, url, events, secret, status, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...[id, url, JSON.stringify(events), secret, endpoint.status, endpoint.created_at],
      endpoint.expires_at ?? null,
    );
    return endpoint;
  }

  find(id: string): Endpoint | undefined {
    this.#removeExpired();
    const [row] = this.#database.all<Row>('SELECT * FROM endpoints WHERE id = ?', id);
    return row && shown(row);
  }

  /** @returns the endpoint as it is then; undefined when there is none of this id. */
  change(id: string, { url, events, secret, status }: EndpointChange): Endpoint | undefined {
    this.#database.run(
      `UPDATE endpoints SET url = coalesce(?, url), events = coalesce(?, events),
         secret = coalesce(?, secret), status = coalesce(?, status) WHERE id = ?`,
      ...[url ?? null, events ? JSON.stringify(events) : null, secret ?? null, status ?? null, id],
    );
    return this.find(id);
  }

  /** Removes an endpoint with all that was delivered to it; false when there is none of this id. */
  remove(id: string): boolean {
    return this.#database.run('DELETE FROM endpoints WHERE id = ?', id) > 0;
  }

  /** The active endpoints that chose an event, oldest first. */
  chosen(event: string): SigningEndpoint[] {
    this.#removeExpired();
    return this.#database.all(
      `SELECT id, secret, status FROM endpoints WHERE status = 'active' AND EXISTS
         (SELECT 1 FROM json_each(events) WHERE value = ?) ORDER BY position`,
      event,
    );
  }

  /** The endpoint of an id, or none. */
  withSecret(id: string): SigningEndpoint[] {
    return this.#database.all('SELECT id, secret, status FROM endpoints WHERE id = ?', id);
  }

  /** All endpoints, newest first; after one of them, where its id is given. */
  *newestFirst(afterId?: string): Iterable<Endpoint> {
    this.#removeExpired();
    const rows = this.#database.all<Row>(
      `SELECT * FROM endpoints WHERE ? IS NULL OR position <
         (SELECT position FROM endpoints WHERE id = ?) ORDER BY position DESC`,
      ...[afterId ?? null, afterId ?? null],
    );
    for (const row of rows) yield shown(row);
  }

  #removeExpired(): void {
    this.#database.run('DELETE FROM endpoints WHERE expires_at <= ?', isoTime(this.#now()));
  }
}
