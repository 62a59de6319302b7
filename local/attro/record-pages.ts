import type { SeededRecord } from './records.ts';

/** A list's query, already validated and typed by the OpenAPI description. */
export type ListQuery = Readonly<Record<string, string | number | undefined>>;

/** A page of a list; `next_cursor` is null on the last one. */
export interface Page {
  data: readonly SeededRecord[];
  next_cursor: string | null;
}

const DEFAULT_LIMIT = 50;

/** The fields of a record that a query parameter of the same name must equal. */
const EQUAL_FIELDS = ['status', 'type', 'offer_id', 'affiliate_id'];

/** A cursor names the record that ended the page, so that new records do not shift the next one. */
function cursorAfter(id: string): string {
  return Buffer.from(id).toString('base64url');
}

function matches(record: SeededRecord, query: ListQuery): boolean {
  const email = query['email'];
  const least = query['min_fraud_score'];
  const score = record['fraud_score'];
  return (
    EQUAL_FIELDS.every((field) => query[field] === undefined || record[field] === query[field]) &&
    (email === undefined ||
      String(record['email']).toLowerCase() === String(email).toLowerCase()) &&
    (typeof least !== 'number' || (typeof score === 'number' && score >= least))
  );
}

/**
 * The page that a query asks for.
 *
 * @returns undefined when the cursor is none that this list gave.
 */
export function pageOf(records: readonly SeededRecord[], query: ListQuery): Page | undefined {
  const { cursor, limit } = query;
  let start = 0;
  if (cursor !== undefined) {
    start = 1 + records.findIndex(({ id }) => cursorAfter(id) === cursor);
    if (start === 0) return undefined;
  }
  const size = typeof limit === 'number' ? limit : DEFAULT_LIMIT;
  const remaining = records.slice(start).filter((record) => matches(record, query));
  const data = remaining.slice(0, size);
  const last = data.at(-1);
  return {
    data,
    next_cursor: last && remaining.length > size ? cursorAfter(last.id) : null,
  };
}
