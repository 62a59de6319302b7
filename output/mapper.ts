import type { EventName } from '../attro/contract.ts';
import { outputFieldsOf, type Occasion } from './fields.ts';
import { flatten } from './flatten.ts';
import { isRecord, toText, type AttroRecord, type Scalar } from '../attro/values.ts';

/** A record as a Zap sees it: flat, every declared key present, null where Attro sent nothing. */
export type FlatRecord = Record<string, Scalar>;

export interface Mapped {
  fields: FlatRecord;
  /** How many values of the payload found no place; see `flatten`. */
  leftOut: number;
}

/** Maps a record of one event to flat fields. */
export type Mapper = (record: AttroRecord, occasion: Omit<Occasion, 'event'>) => Mapped;

/**
 * Makes the mapper of an event. The same mapper serves the event's deliveries, its list and its
 * sample, so that the three cannot differ in shape.
 */
export function createMapper(event: EventName): Mapper {
  const declared = outputFieldsOf(event);
  const declaredKeys = new Set(declared.map(({ key }) => key));
  const sources = new Set(declared.flatMap((field) => field.sources));

  return (record, occasion) => {
    const fields: FlatRecord = {};
    for (const { key, read } of declared) fields[key] = read(record, { event, ...occasion });

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
