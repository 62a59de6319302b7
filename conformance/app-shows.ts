import { isDeepStrictEqual } from 'node:util';
import { isRecord, type AttroRecord } from '../attro/values.ts';
import type { Shape } from '../output/fields.ts';
import { createMapper } from '../output/mapper.ts';
import { picker } from './app-calls.ts';
import { recordsGiven, type AppOnAnswers, type Replayed } from './app-on-answers.ts';
import type { Kind } from './kinds.ts';
import { valueAt } from './judging.ts';
import { exampleOf, type Field } from './openapi.ts';

type Shown = Readonly<Record<string, unknown>>;

/** What the app makes of each of some records: one of the same place for each, or none. */
export type Shows = (records: readonly AttroRecord[]) => Promise<readonly (Shown | undefined)[]>;

/** What the app's mapper makes of records of a shape. */
export function mapped(shape: Shape): Shows {
  const map = createMapper(shape);
  const baseUrl = 'https://attro.invalid';
  return (records) => Promise.resolve(records.map((record) => map(record, { baseUrl }).fields));
}

/** What the app shows of the records of a kind: what it maps, or else what its dropdown has. */
export function shownOf(kind: Kind, app: AppOnAnswers): Shows {
  if (kind.event) return mapped(kind.event);
  return async (records) => {
    const page = { data: records, next_cursor: null };
    const { method, bundle = {} } = picker('offers');
    const run = await app.run(method, bundle, [replayed('GET', kind.list.path, page)]);
    const [choices] = recordsGiven(run);
    return [choices?.['results']].flat().filter(isRecord);
  };
}

/** An answer of the contract's own shape, for the app to work on. */
export function replayed(method: string, path: string, json: unknown): Replayed {
  const headers = { 'content-type': 'application/json' };
  return { method, path, outcome: { status: 200, headers, text: JSON.stringify(json), json } };
}

/**
 * Whether the app shows what it should of a field that is not as it should be. Which of its outputs come
 * from the field is found out by leaving the field out of an example; one that none comes from does not
 * matter to the app.
 */
export async function showsField(
  shows: Shows,
  schema: string,
  { path }: Field,
  records: readonly AttroRecord[],
): Promise<boolean> {
  const example = exampleOf(schema) as AttroRecord;
  const [whole] = await shows([example]);
  const [lacking] = await shows([without(example, path) as AttroRecord]);
  if (!whole) return false;
  const keys = Object.keys(whole).filter((key) => !isDeepStrictEqual(whole[key], lacking?.[key]));
  if (keys.length === 0) return true;
  const filled = records.filter((record) => (valueAt(record, path) ?? null) !== null);
  const shown = await shows(filled);
  return (
    filled.length > 0 &&
    filled.every((_record, index) => keys.some((key) => (shown[index]?.[key] ?? null) !== null))
  );
}

/** A copy without one of its fields. */
export function without(value: unknown, [name = '', ...rest]: readonly string[]): unknown {
  if (!isRecord(value)) return value;
  const { [name]: left, ...others } = value;
  return rest.length === 0 ? others : { ...others, [name]: without(left, rest) };
}
