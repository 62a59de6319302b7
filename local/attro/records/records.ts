import type { Database } from '../database.ts';
import { pageOf } from './lists.ts';
import type { ListQuery, Page } from './lists.ts';

/** A record as the API lists it: always with an id, newest ones have the latest `created_at`. */
export type StoredRecord = Readonly<Record<string, unknown> & { id: string }>;

export type ListName = 'affiliates' | 'conversions' | 'payouts' | 'offers' | 'tracking links';

/** The records to begin with, newest first in each list. */
export type Seed = Readonly<Partial<Record<ListName, readonly StoredRecord[]>>>;

interface Row {
  record: string;
  external_id: string | null;
}

/** The fields of a record that a query parameter of the same name must equal. */
const EQUAL_FIELDS = ['status', 'type', 'offer_id', 'affiliate_id'];

/** Those of which the letters' case does not matter. */
const ADDRESS_FIELDS = ['email', 'customer_email'];

/** Those of which a search finds a part. */
const SEARCHED_FIELDS = ['display_name', 'company_name', 'name'];

const folded = (value: unknown): string =>
  typeof value === 'string' ? value.toLocaleLowerCase() : '';

function matches(record: StoredRecord, externalId: string | null, query: ListQuery): boolean {
  const least = query['min_fraud_score'];
  const score = record['fraud_score'];
  const search = query['search'];
  return (
    EQUAL_FIELDS.every((field) => query[field] === undefined || record[field] === query[field]) &&
    ADDRESS_FIELDS.every(
      (field) => query[field] === undefined || folded(record[field]) === folded(query[field]),
    ) &&
    (query['external_id'] === undefined || externalId === query['external_id']) &&
    (search === undefined ||
      SEARCHED_FIELDS.some((field) => folded(record[field]).includes(folded(search)))) &&
    (typeof least !== 'number' || (typeof score === 'number' && score >= least))
  );
}

/** The records of the one organization that the sandbox has. */
export class Records {
  readonly #database: Database;

  /** @param seed what the lists hold where the database is new. */
  constructor(database: Database, seed: Seed) {
    this.#database = database;
    database.transaction(() => {
      database.setting('seeded', () => {
        for (const [list, records] of Object.entries(seed)) {
          for (const record of records.toReversed()) this.add(list as ListName, record);
        }
        return new Date().toISOString();
      });
    });
  }

  /** @param externalId what the record can be found by and does not show. */
  add<T extends StoredRecord>(list: ListName, record: T, externalId?: string): T {
    this.#database.run(
      'INSERT INTO records (list, id, external_id, record) VALUES (?, ?, ?, ?)',
      ...[list, record.id, externalId ?? null, JSON.stringify(record)],
    );
    return record;
  }

  replace<T extends StoredRecord>(list: ListName, record: T): T {
    this.#database.run(
      'UPDATE records SET record = ? WHERE list = ? AND id = ?',
      ...[JSON.stringify(record), list, record.id],
    );
    return record;
  }

  find(list: ListName, id: string): StoredRecord | undefined {
    const [row] = this.#database.all<Row>(
      'SELECT record FROM records WHERE list = ? AND id = ?',
      ...[list, id],
    );
    return row && (JSON.parse(row.record) as StoredRecord);
  }

  /** The newest record that a query finds. */
  findWhere(list: ListName, query: ListQuery): StoredRecord | undefined {
    const [found] = this.#newestFirst(list, query);
    return found;
  }

  /** @returns undefined when the query's cursor is none that this list gave. */
  page(list: ListName, query: ListQuery): Page<StoredRecord> | undefined {
    return pageOf(
      {
        find: (id) => this.find(list, id),
        newestFirst: (afterId) => this.#newestFirst(list, query, afterId),
      },
      query,
    );
  }

  *#newestFirst(list: ListName, query: ListQuery, afterId?: string): Iterable<StoredRecord> {
    const rows = this.#database.all<Row>(
      `SELECT record, external_id FROM records WHERE list = ?1 AND (?2 IS NULL OR position <
         (SELECT position FROM records WHERE list = ?1 AND id = ?2)) ORDER BY position DESC`,
      ...[list, afterId ?? null],
    );
    for (const { record: text, external_id } of rows) {
      const record = JSON.parse(text) as StoredRecord;
      if (matches(record, external_id, query)) yield record;
    }
  }
}
