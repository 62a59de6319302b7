/** A record as Attro sends it: of any shape, beyond having an `id`. */
export type AttroRecord = Readonly<Record<string, unknown>>;

/** A value that a Zap step can use as it is. */
export type Scalar = string | number | boolean | null;

/** The most characters that one text keeps; a longer one is cut and ends with `…`. */
export const MAX_TEXT_LENGTH = 50_000;

/** Tells whether a value is an object with keys: not null and not a list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A record that can be told from every other of its kind. */
export type IdentifiedRecord = AttroRecord & { readonly id: string | number };

/** A record that Attro answers with, also inside `{ "data": … }`; null where there is none. */
export function toRecord(answer: unknown): IdentifiedRecord | null {
  if (hasId(answer)) return answer;
  const data = isRecord(answer) ? answer['data'] : null;
  return hasId(data) ? data : null;
}

/** Tells whether a value is a record with an id: a text, or a number. */
export function hasId(value: unknown): value is IdentifiedRecord {
  if (!isRecord(value)) return false;
  const { id } = value;
  return Number.isFinite(id) || (typeof id === 'string' && id !== '');
}

const knownKeys = new WeakMap<object, readonly string[]>();

/** An object's keys, looked up once: of one with very many they take longer than all else about it. */
export function keysOf(record: Readonly<Record<string, unknown>>): readonly string[] {
  const known = knownKeys.get(record);
  if (known) return known;
  const keys = Object.keys(record);
  knownKeys.set(record, keys);
  return keys;
}

function cut(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text;
}

/**
 * A plain value as it is (a text cut to {@link MAX_TEXT_LENGTH}), or undefined for anything that is
 * not one. A number that JSON cannot write, such as 1e400, counts as null.
 */
export function toScalar(value: unknown): Scalar | undefined {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return undefined;
}

/** A text: numbers and booleans are written out, a list of plain values is joined with `, `. */
export function toText(value: unknown): string | null {
  if (Array.isArray(value)) return joinPlain(value);
  const scalar = toScalar(value);
  return scalar === undefined || scalar === null ? null : String(scalar);
}

/** A list of plain values joined with `, `, without its nulls; null when it holds anything else. */
export function joinPlain(list: readonly unknown[]): string | null {
  if (list.some((item) => typeof item === 'object' && item !== null)) return null;
  const texts: string[] = [];
  let length = 0;
  for (const item of list) {
    const text = toText(item);
    if (text === null) continue;
    length += texts.push(text) > 1 ? text.length + 2 : text.length;
    // What lies past the bound would be cut off again.
    if (length > MAX_TEXT_LENGTH) break;
  }
  return cut(texts.join(', '));
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;

/** A finite number, also from a numeric text such as `"99.00"`; null for anything else. */
export function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.length > 400) return null;
  const text = value.trim();
  if (!NUMBER.test(text)) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/** Above this, an epoch number is in milliseconds: as seconds it would be the year 5138. */
const EPOCH_MILLISECONDS_FROM = 1e11;

/**
 * A moment as ISO 8601 with an offset, as Zapier asks of every date. A text without a zone is taken
 * as UTC, a date alone as its midnight; a number is an epoch in seconds or milliseconds. Null for
 * anything that is not a moment.
 */
export function toDateTime(value: unknown): string | null {
  if (typeof value === 'number') {
    const date = new Date(Math.abs(value) < EPOCH_MILLISECONDS_FROM ? value * 1000 : value);
    const year = date.getUTCFullYear();
    return year >= 0 && year <= 9999 ? date.toISOString() : null;
  }
  if (typeof value !== 'string' || value.length > 64) return null;
  const match = DATE_TIME.exec(value.trim());
  if (!match) return null;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone] =
    match;
  const daysInMonth = new Date(
    Date.UTC(2000 + (Number(year) % 400), Number(month), 0),
  ).getUTCDate();
  const possible =
    Number(month) >= 1 &&
    Number(month) <= 12 &&
    Number(day) >= 1 &&
    Number(day) <= daysInMonth &&
    Number(hour) <= 23 &&
    Number(minute) <= 59 &&
    Number(second) <= 59;
  if (!possible) return null;
  const offset = toOffset(zone);
  return offset && `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${offset}`;
}

/** `Z`, or `+hh:mm` of at most 14 hours, from any way of writing it; null for an impossible one. */
function toOffset(zone: string | undefined): string | null {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 'Z';
  const hours = zone.slice(1, 3);
  const minutes = zone.slice(3).replace(':', '') || '00';
  if (Number(hours) > 14 || Number(minutes) > 59) return null;
  return `${zone[0]}${hours}:${minutes}`;
}
