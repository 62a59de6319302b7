import { plain, type Schema } from './openapi.ts';

/** The most characters of a value that are shown. */
const MAX_SHOWN = 60;

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

/** What a schema expects, in words. */
export function expectation(schema: Schema): string {
  const { type, format, pattern, minLength, enum: words, const: constant } = plain(schema);
  if (words) return `one of ${words.map(String).join(', ')}`;
  if (constant !== undefined) return JSON.stringify(constant);
  const kinds = [type ?? []].flat().map((kind) => {
    if (kind === 'string' && format === 'date-time') return 'a time, ISO 8601 with an offset';
    if (kind === 'string' && pattern) return `a text of the form ${pattern}`;
    if (kind === 'string' && minLength) return 'a text that is not empty';
    return KINDS[kind] ?? kind;
  });
  return kinds.join(' or ') || 'something';
}

/**
 * A value of Attro's in words, by which no person can be known.
 */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'string')
    return value === '' ? 'an empty text' : `the text "${masked(value)}"`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  const keys = Object.keys(value);
  return keys.length === 0 ? 'an empty object' : `an object with ${list(keys)}`;
}

/** What nobody could be known by: a time, or an amount. */
const HARMLESS =
  /^(?:\d{4}-\d\d-\d\d(?:[T ][\d:.]{1,15})?(?:Z|[+-][\d:]{2,5})?|-?\d{1,7}(?:\.\d{1,4})?)$/;

/** A text of which its form is left, unless it is harmless: letters are `x`, digits `0`. */
export function masked(text: string): string {
  if (HARMLESS.test(text)) return text;
  return cut(text.replace(/\p{L}/gu, 'x').replace(/\p{N}/gu, '0'));
}

/** A word of Attro's vocabulary, such as a status or the name of a field; masked where it is none. */
export function word(value: unknown): string {
  return typeof value === 'string' && /^[\w.-]{1,40}$/.test(value) ? value : describe(value);
}

/** A media type, as far as it is made of letters alone. */
export function mediaType(header: string | undefined): string {
  if (header === undefined) return 'no Content-Type';
  return /^[a-z]+\/[a-z.+-]{1,30}/i.exec(header)?.[0] ?? 'another Content-Type';
}

/** Names in a row, the first few of many. */
export function list(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).map(word).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** `1 record`, `3 records`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
