import * as z from 'zod/mini';
import { readJson } from '../attro/json.ts';
import type { AttroRecord } from '../attro/values.ts';

/** A genuine delivery, read as far as this integration depends on it. */
export interface Delivery {
  event: string;
  timestamp: unknown;
  data: AttroRecord & { id: string | number };
}

/** What became of reading a delivery. A problem is told without anything that the delivery carried. */
export type Reading = { delivery: Delivery } | { problem: string };

/** The most characters that a delivery may have: Zapier accepts hooks of 10 MB. */
export const MAX_BODY_LENGTH = 10 * 1024 * 1024;

/**
 * How deep a delivery may be nested. Attro's are three levels deep; parsing millions of levels takes
 * seconds, while counting them takes milliseconds.
 */
export const MAX_NESTING = 100;

const id = z.union([z.string().check(z.minLength(1)), z.number()]);

/** Only what must be there. Every other field may be absent, null or of a kind nobody knows yet. */
const schema = z.object({
  event: z.string(),
  data: z.object({ id }),
});

const EXPECTED: Readonly<Record<string, string>> = {
  '': 'its body should be an object with event, timestamp and data',
  event: 'the field "event" should be the name of an event, as text',
  data: 'the field "data" should be an object with the record',
  'data.id': 'the field "data.id" should be the id of the record, as text or a number',
};

/** Reads the body of a delivery whose signature was found right, or says what is wrong with it. */
export function parseDelivery(body: string): Reading {
  if (body.length > MAX_BODY_LENGTH) return { problem: 'it is larger than 10 MB' };
  if (nestingOf(body) > MAX_NESTING) {
    return { problem: `it is nested more than ${MAX_NESTING} levels deep` };
  }
  const json = readJson(body);
  if (json === undefined) return { problem: 'its body is not JSON' };
  const result = schema.safeParse(json);
  if (!result.success) {
    const expectations = result.error.issues.map(({ path }) => EXPECTED[path.join('.')]);
    return { problem: expectations.join(', and ') };
  }
  // The schema strips what it does not know; the mapper wants everything that was sent.
  return { delivery: json as Delivery };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** How many brackets of a JSON text are open at once at the most, up to one more than is allowed. */
function nestingOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < json.length && deepest <= MAX_NESTING; at += 1) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfText(json, at);
    else if (OPENING.has(code)) deepest = Math.max(deepest, (depth += 1));
    else if (CLOSING.has(code)) depth -= 1;
  }
  return deepest;
}

/** Where the text that opens at a quote ends: at the next quote that is not escaped. */
function endOfText(json: string, opening: number): number {
  let at = opening;
  for (;;) {
    at = json.indexOf('"', at + 1);
    if (at === -1) return json.length;
    let backslashes = 0;
    while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
}
