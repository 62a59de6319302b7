import type { Occasion } from './field.ts';
import { outputFieldsOf, type Shape } from './fields.ts';
import { flatten } from './flatten.ts';
import { isRecord, toText, type AttroRecord, type Scalar } from '../attro/values.ts';

/** A record as a Zap sees it: flat, every declared key present, null where Attro sent nothing. */
export type FlatRecord = Record<string, Scalar>;

export interface Mapped {
  fields: FlatRecord;
  /** How many values of the payload found no place; see `flatten`. */
  leftOut: number;
}

/** Maps a record of one shape to flat fields. */
export type Mapper = (record: AttroRecord, occasion: Occasion) => Mapped;

/**
 * Makes the mapper of a shape. The same mapper serves an event's deliveries, its list and its sample,
 * or all that is found or written of a record, so that these cannot differ in shape.
 */
export function createMapper(shape: Shape): Mapper {
  const declared = outputFieldsOf(shape);
  const declaredKeys = new Set(declared.map(({ key }) => key));
  const sources = new Set(declared.flatMap((field) => field.sources));

  return (record, occasion) => {
    const fields: FlatRecord = {};
    for (const { key, read } of declared) fields[key] = read(record, occasion);

    const rest: [string, unknown][] = [];
    for (const name of Object.keys(record)) {
      // A declared field holds plain values only: what arrives nested in its place is passed on
      // under names of its own rather than lost.
      const value = record[name];
      if (!sources.has(name) || isNested(value)) rest.push([name, value]);
    }
    if (rest.length === 0) return { fields, leftOut: 0 };

    const extra = flatten(rest, declaredKeys);
    for (const [key, value] of extra.fields) fields[key] = value;
    return { fields, leftOut: extra.leftOut };
  };
}

function isNested(value: unknown): boolean {
  return isRecord(value) || (Array.isArray(value) && toText(value) === null);
}
