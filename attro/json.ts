/**
 * The start of a number with 16 digits or more before its point: JSON.parse may not keep all of
 * them. In a text of JSON a number follows one of these characters, and nothing else does that for
 * the digits of a quoted text.
 */
const LONG_NUMBER = /(?:^|[:,[\s-])\d{16}/;

/**
 * What an id, or a list of ids, is called: `id`, `offer_id`, `offerId`, `offer_ids`. Assumption: the ids
 * that Attro publishes are texts, and nothing says that no id is a number.
 */
const ID_NAME = /(?:^|[_-])ids?$|Ids?$|(?<![A-Z])IDs?$/;

/** Some servers put one before their JSON, which says nothing (RFC 8259, 8.1). */
const BYTE_ORDER_MARK = '\ufeff';

/**
 * Reads JSON of Attro's, a delivery's or an answer's, as JSON.parse does but for two things: a byte order
 * mark before it is skipped, and an id that is a number past 2^53 is kept as the text of its digits,
 * since two ids would read the same as numbers. `12345678901234567890` and `12345678901234567890.0` give `"12345678901234567890"`. A
 * smaller id stays a number, and so does whatever is not an id, such as an amount.
 *
 * @returns undefined where the text is not JSON.
 */
export function readJson(text: string): unknown {
  try {
    const json = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    return LONG_NUMBER.test(json) ? readLongNumbers(json) : JSON.parse(json);
  } catch {
    // The parser's own message quotes the text, which may hold personal data.
    return undefined;
  }
}

/** What a number looked like in the text (ECMAScript 2026); TypeScript does not know it yet. */
interface Context {
  source?: string;
}

function readLongNumbers(text: string): unknown {
  /** The long numbers in each list, by their place, until the list's own name tells what they are. */
  const inLists = new Map<unknown, [place: string, digits: string][]>();

  function revive(this: unknown, name: string, value: unknown, { source = '' }: Context): unknown {
    if (typeof value === 'number') {
      if (Number.isSafeInteger(value) || !LONG_NUMBER.test(source)) return value;
      const digits = source.replace(/\.0+$/, '');
      if (!Array.isArray(this)) return ID_NAME.test(name) ? digits : value;
      const known = inLists.get(this);
      if (known) known.push([name, digits]);
      else inLists.set(this, [[name, digits]]);
      return value;
    }
    const longNumbers = ID_NAME.test(name) && inLists.get(value);
    return longNumbers ? Object.assign(value as unknown[], Object.fromEntries(longNumbers)) : value;
  }

  return JSON.parse(text, revive as (name: string, value: unknown) => unknown);
}
