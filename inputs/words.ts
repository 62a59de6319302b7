import { toText } from '../attro/values.ts';

/**
 * What two ways of writing the same words have in common: without case, accents, blanks, hyphens and
 * underscores, so that `Bank Transfer` and `bank_transfer` are one. A text of nothing else stays as it is.
 */
function folded(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replace(/[\s_\p{Pd}]+/gu, '') || plain.trim();
}

/** Tells whether a value reads as the words that were filled in. */
export function sameWords(actual: unknown, wanted: string): boolean {
  const text = toText(actual);
  return text !== null && (text === wanted || folded(text) === folded(wanted));
}

/** Tells whether a value contains the words that were filled in. */
export function containsWords(actual: unknown, wanted: string): boolean {
  return folded(toText(actual) ?? '').includes(folded(wanted));
}

/** Tells whether a value is the email address that was filled in, in upper or lower case. */
export function isSameEmail(actual: unknown, wanted: string): boolean {
  return toText(actual)?.trim().toLowerCase() === wanted.toLowerCase();
}

/** The most characters of what was filled in that a message repeats. */
const MAX_QUOTED = 30;

/** What was filled in, as a message repeats it: on one line and cut. Nothing personal is handed to it. */
export function quoted(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return `"${line.length > MAX_QUOTED ? `${line.slice(0, MAX_QUOTED)}…` : line}"`;
}
