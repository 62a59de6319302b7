import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';

/** Raised when a folder cannot hold the sandbox's data; the message says why, for its user. */
export class DataFolderError extends Error {}

/** Goes up with every change of the tables. */
const SCHEMA_VERSION = 2;

// Times are in milliseconds of the epoch. A higher position is newer.
const SCHEMA = `
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE oauth_entries (
    model TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, grant_id TEXT, uid TEXT,
    expires_at INTEGER, PRIMARY KEY (model, id)
  ) STRICT;
  CREATE TABLE records (
    position INTEGER PRIMARY KEY, list TEXT NOT NULL, id TEXT NOT NULL, external_id TEXT,
    record TEXT NOT NULL, UNIQUE (list, id)
  ) STRICT;
  CREATE TABLE first_answers (
    idempotency_key TEXT PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL
  ) STRICT;
  CREATE TABLE endpoints (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, url TEXT NOT NULL, events TEXT NOT NULL,
    secret TEXT NOT NULL, status TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT
  ) STRICT;
  CREATE TABLE deliveries (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    endpoint_id TEXT NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
    event TEXT NOT NULL, body TEXT NOT NULL, signature TEXT NOT NULL, status TEXT NOT NULL,
    created_at INTEGER NOT NULL, tries_left INTEGER NOT NULL, is_manual INTEGER NOT NULL,
    next_attempt_at INTEGER
  ) STRICT;
  CREATE INDEX due ON deliveries (status, next_attempt_at);
  CREATE INDEX due_of_endpoint ON deliveries (endpoint_id, status, next_attempt_at);
  CREATE TABLE attempts (
    delivery_id TEXT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, started_at INTEGER NOT NULL, duration_ms INTEGER NOT NULL,
    response_status INTEGER, response_body TEXT, error TEXT,
    PRIMARY KEY (delivery_id, number)
  ) STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * What the sandbox remembers: an SQLite file in a folder, or the same in memory. All calls are
 * synchronous. What has returned outlives the process, however that ends.
 */
export class Database {
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #isInTransaction = false;

  /**
   * @param folder where the file is; it is made where there is none. Without one, all is in memory.
   * @throws {DataFolderError} when it cannot be written, is in use, or is of another version.
   */
  constructor(folder?: string) {
    try {
      this.#connection = connect(folder);
    } catch (error) {
      throw new DataFolderError(problemOf(String(folder), error as Error));
    }
    const [{ version } = { version: 0 }] = this.all<{ version: number }>(
      'SELECT user_version AS version FROM pragma_user_version',
    );
    if (version === 0) {
      this.transaction(() => {
        this.#connection.exec(SCHEMA);
      });
    } else if (version !== SCHEMA_VERSION) {
      this.close();
      throw new DataFolderError(
        `The data in ${String(folder)} is of version ${version}, and this sandbox reads version ` +
          `${SCHEMA_VERSION}: use another folder.`,
      );
    }
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }

  /** @returns how many rows were changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  /** Does several things at once: all of them are kept, or none. One inside another is part of it. */
  transaction<T>(work: () => T): T {
    if (this.#isInTransaction) return work();
    this.#connection.exec('BEGIN');
    this.#isInTransaction = true;
    try {
      const result = work();
      this.#connection.exec('COMMIT');
      return result;
    } catch (error) {
      this.#connection.exec('ROLLBACK');
      throw error;
    } finally {
      this.#isInTransaction = false;
    }
  }

  /** A value that is made once and then stays. */
  setting(name: string, make: () => string): string {
    const [known] = this.all<{ value: string }>('SELECT value FROM settings WHERE name = ?', name);
    if (known) return known.value;
    const value = make();
    this.run('INSERT INTO settings (name, value) VALUES (?, ?)', name, value);
    return value;
  }

  close(): void {
    this.#connection.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function connect(folder: string | undefined): DatabaseSync {
  // It holds secrets.
  if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = folder === undefined ? ':memory:' : path.join(folder, 'attro.sqlite');
  const connection = new DatabaseSync(file);
  try {
    // A second sandbox on the same folder would send everything twice.
    connection.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL');
    connection.exec('PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE; COMMIT');
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Why a folder could not be used, as a sentence. */
function problemOf(folder: string, { message }: Error): string {
  if (message.includes('locked')) {
    return `Another sandbox is using ${folder}: stop it, or use another folder.`;
  }
  if (message.includes('not a database')) {
    return `${folder} holds an attro.sqlite that is no database: use another folder.`;
  }
  return `The folder ${folder} cannot be written: choose one that can.`;
}
