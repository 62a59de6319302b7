import { isRecord, joinPlain, keysOf, toScalar, type Scalar } from '../attro/values.ts';

/** How many levels below the payload's own fields are opened. */
export const MAX_DEPTH = 4;

/** How many fields of a payload's own choosing one event may have. */
export const MAX_EXTRA_FIELDS = 100;

/** The longest key that a field may have. */
export const MAX_KEY_LENGTH = 100;

/** Names that JavaScript gives a meaning to. As field names they carry nothing but harm. */
const HARMFUL_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** What became of the fields that were flattened. */
export interface Flattened {
  fields: [key: string, value: Scalar][];
  /** How many values were left out: too deep, too many, a name already taken or a harmful one. */
  leftOut: number;
}

/**
 * Turns fields that may be nested into flat ones.
 *
 * An object's fields are named `parent_child`. A list of plain values becomes one text joined with
 * `, `; in any other list the items are numbered from 1 (`items_1_name`). Letters, digits, `_` and
 * `-` of a name stay as they are and everything else becomes `_`, so that a name can stand in a
 * template. The first field of a name keeps it.
 *
 * @param topEntries the fields, named as they came.
 * @param taken names that are in use already; it is not changed.
 */
export function flatten(
  topEntries: Iterable<readonly [string, unknown]>,
  taken: ReadonlySet<string>,
): Flattened {
  const used = new Set<string>();
  const fields: [string, Scalar][] = [];
  let leftOut = 0;

  const add = (key: string, value: unknown, depth: number): void => {
    const scalar = Array.isArray(value) ? (joinPlain(value) ?? undefined) : toScalar(value);
    if (scalar !== undefined) addField(key, scalar);
    else if ((Array.isArray(value) || isRecord(value)) && depth < MAX_DEPTH) {
      addChildren(key, childrenOf(value), depth + 1);
    } else leftOut += 1;
  };

  const addField = (key: string, value: Scalar): void => {
    const isFull = fields.length >= MAX_EXTRA_FIELDS;
    if (isFull || HARMFUL_KEYS.has(key) || taken.has(key) || used.has(key)) {
      leftOut += 1;
      return;
    }
    used.add(key);
    fields.push([key, value]);
  };

  const addChildren = (parent: string, { count, entries }: Children, depth: number): void => {
    let seen = 0;
    for (const [name, value] of entries) {
      // Once there is no room, nothing of what is left is looked at, however much it is.
      if (fields.length >= MAX_EXTRA_FIELDS) {
        leftOut += count - seen;
        return;
      }
      seen += 1;
      add(`${parent}_${cleanKey(name)}`.slice(0, MAX_KEY_LENGTH), value, depth);
    }
  };

  for (const [name, value] of topEntries) add(cleanKey(name), value, 0);
  return { fields, leftOut };
}

/** What an object or a list holds, made one at a time: of a large one only the first are needed. */
interface Children {
  count: number;
  entries: Iterable<readonly [name: string, value: unknown]>;
}

function childrenOf(parent: readonly unknown[] | Readonly<Record<string, unknown>>): Children {
  if (!isRecord(parent)) return { count: parent.length, entries: numbered(parent) };
  const names = keysOf(parent);
  return { count: names.length, entries: named(parent, names) };
}

function* numbered(list: readonly unknown[]): Generator<readonly [string, unknown]> {
  for (const [index, item] of list.entries()) yield [String(index + 1), item];
}

function* named(
  record: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Generator<readonly [string, unknown]> {
  for (const name of names) yield [name, record[name]];
}

function cleanKey(name: string): string {
  return name.slice(0, MAX_KEY_LENGTH).replace(/[^\p{L}\p{M}\p{N}_-]+/gu, '_');
}
