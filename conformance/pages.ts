import { isRecord, toText, type AttroRecord } from '../attro/values.ts';
import type { Exchange } from './attro-client.ts';
import { hasStatus, success } from './judging.ts';
import { differs, HOLDS, type Verdict } from './row.ts';
import { describe } from './words.ts';

/**
 * The records of a list's answer, also where they are not where they should be: in `data`, as a bare
 * array, or in the first array of objects that there is.
 */
export function recordsIn(json: unknown): AttroRecord[] {
  const lists = isRecord(json) ? [json['data'], ...Object.values(json)] : [json];
  const found = lists.find((each) => Array.isArray(each) && each.every(isRecord));
  return found ?? [];
}

/** What leads to the next page; null where nothing does. */
export function nextCursorIn(json: unknown): string | null {
  return isRecord(json) ? toText(json['next_cursor']) || null : null;
}

/** Holds where an answer is `{ data, next_cursor }`. */
export function judgeEnvelope(exchange: Exchange | undefined): Verdict {
  const status = hasStatus(exchange, 200);
  if (status.is !== 'holds') return status;
  const json = success(exchange)?.json;
  const { data, next_cursor: next } = isRecord(json) ? json : {};
  const isCursor = next === null || (typeof next === 'string' && next !== '');
  if (Array.isArray(data) && data.every(isRecord) && isCursor) return HOLDS;
  const came = describe(json);
  const inside =
    isRecord(json) && Array.isArray(data) ? `, next_cursor being ${describe(next)}` : '';
  return differs(
    'an object with data, a list, and next_cursor, a text or null',
    `${came}${inside}`,
  );
}
