import { isRecord, type AttroRecord } from '../attro/values.ts';
import type { Answer, Exchange, NoAnswer } from './attro-client.ts';
import { isValid, plain, type Field, type Schema } from './openapi.ts';
import { differs, HOLDS, notTried, type Verdict } from './row.ts';
import { count, describe, expectation, list, word } from './words.ts';

/** What a row says of a request that was not sent, since an earlier answer was missing. */
export const NOT_REACHED = notTried('an answer that it builds on did not come');

/** An answer in words: its status, and what it holds. */
export function describeOutcome(outcome: Answer | NoAnswer): string {
  if ('problem' in outcome) return outcome.said;
  const { status, text, json } = outcome;
  if (text === '') return String(status);
  return json === undefined ? `${status} without JSON` : `${status} with ${describe(json)}`;
}

/** Holds where the answer has one of these statuses. */
export function hasStatus(exchange: Exchange | undefined, ...expected: number[]): Verdict {
  if (!exchange) return NOT_REACHED;
  const { outcome } = exchange;
  if ('problem' in outcome && outcome.problem === 'not asked') return notTried(outcome.said);
  if ('status' in outcome && expected.includes(outcome.status)) return HOLDS;
  return differs(expected.join(' or '), describeOutcome(outcome));
}

/** The answer, where one came with a status of success. */
export function success(exchange: Exchange | undefined): Answer | undefined {
  const outcome = exchange?.outcome;
  return outcome && 'status' in outcome && outcome.status >= 200 && outcome.status < 300
    ? outcome
    : undefined;
}

export function valueAt(record: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), record);
}

/** Records, or why there are none to look at. */
export type Records = readonly AttroRecord[] | { none: string };

/**
 * Holds a field against every record that came: it has to be of its kind, and there in at least one;
 * a required one in all of them. Where it is null in all, its kind is not known.
 *
 * @param isOccasional whether a field that no record has may be one that none of them needs.
 */
export function judgeField(records: Records, field: Field, isOccasional = false): Verdict {
  if ('none' in records) return notTried(records.none);
  const { path, schema, isRequired } = field;
  const parents = records.map((record) => valueAt(record, path.slice(0, -1))).filter(isRecord);
  if (parents.length === 0) return notTried('what it belongs to did not come');

  const name = path.at(-1) ?? '';
  const expected = expectation(schema);
  const values = parents.filter((parent) => name in parent).map((parent) => parent[name]);
  const wrong = values.filter((value) => !isOfKind(schema, value));
  const all = count(parents.length, 'record');
  if (wrong.length > 0) {
    const [first] = wrong;
    const came = plain(schema).enum ? word(first) : describe(first);
    return differs(expected, `${came}, in ${wrong.length} of ${all}`);
  }
  if (values.length === 0) {
    const alike = namesAlike(parents, name);
    if (isOccasional && alike.length === 0) return notTried(`none of ${all} has it`);
    return differs(expected, `it is in none of ${all}${hint(parents, path, alike)}`);
  }
  if (isRequired && values.length < parents.length) {
    return differs(expected, `it is missing in ${parents.length - values.length} of ${all}`);
  }
  return values.every((value) => value === null) ? notTried(`it is null in all of ${all}`) : HOLDS;
}

/** Whether a value is what a schema says; of an object's own fields each has a row of its own. */
function isOfKind(schema: Schema, value: unknown): boolean {
  const { properties, type } = plain(schema);
  if (!properties) return isValid(schema, value);
  return isRecord(value) || (value === null && [type].flat().includes('null'));
}

const bare = (name: string): string => name.replace(/[^a-z0-9]/gi, '').toLowerCase();

/** Names that differ from this one in case and signs only. */
function namesAlike(parents: readonly AttroRecord[], name: string): string[] {
  const names = new Set(parents.flatMap((parent) => Object.keys(parent)));
  return [...names].filter((each) => bare(each) === bare(name));
}

/** What may have come in a field's place: a name like its own, or names that nobody knows. */
function hint(
  parents: readonly AttroRecord[],
  path: readonly string[],
  alike: readonly string[],
): string {
  if (alike.length > 0) return `, but ${list(alike)} is`;
  const names = [...new Set(parents.flatMap((parent) => Object.keys(parent)))];
  return path.length === 1 && names.length > 0 ? `; there are ${list(names, 20)}` : '';
}

/** Holds where a request is refused with 422, and a detail names the key that is at fault. */
export function judgeRefusal(exchange: Exchange | undefined, key: string): Verdict {
  const status = hasStatus(exchange, 422);
  if (status.is !== 'holds' || !exchange) return status;
  const { outcome } = exchange;
  const json = 'status' in outcome && isRecord(outcome.json) ? outcome.json : {};
  const details: readonly unknown[] = Array.isArray(json['details']) ? json['details'] : [];
  const isNamed = details.some(
    (detail) => isRecord(detail) && Array.isArray(detail['path']) && detail['path'][0] === key,
  );
  if (isNamed) return HOLDS;
  return differs(
    `details with a path that begins with ${key}`,
    details.length === 0 ? 'no details' : `${count(details.length, 'detail')} without it`,
  );
}
