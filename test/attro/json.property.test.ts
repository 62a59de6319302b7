import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { readJson } from '../../attro/json.ts';
import { fc } from '../support/properties.ts';

const BIG = '12345678901234567890';

/** Digits of a whole number, as JSON may have them. */
const digits = fc.oneof(
  fc.stringMatching(/^-?[1-9]\d{0,14}$/),
  fc.stringMatching(/^-?[1-9]\d{15,40}$/),
  fc.constantFrom(
    ...['0', '9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740993'],
  ),
);

/** Any number there is in JSON. */
const numeral = fc.oneof(
  digits,
  fc.stringMatching(/^-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?$/),
  fc.constantFrom('-0', '1e20', '1E400', '12345678901234567890.0', '0.12345678901234567890'),
);

const ID_NAMES = 'id ID Id offer_id offer-id offerId offerID URLId UTM_ID'.split(' ');
const ID_LIST_NAMES = 'ids IDs offer_ids offerIds offerIDs data_id'.split(' ');
const OTHER_NAMES = [
  ...'amount paid PAID idle id_of Ida IDLE ids_seen valid grid ideas'.split(' '),
  ...['', '0', '__proto__', 'constructor', 'metadata', 'data'],
];

/** Texts that look like what a number stands beside. */
const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    ...['12345678901234567890', 'id: 12345678901234567890', '"id":12345678901234567890,', '\\"'],
  ),
);

/** A piece of JSON, and what it should be read as. */
interface Piece {
  json: string;
  read: unknown;
}

type Entry = [name: string, piece: Piece];

const blank = fc.constantFrom('', ' ', '\n\t');

const plain: fc.Arbitrary<Piece> = fc
  .oneof(text, fc.constantFrom(null, true, false))
  .map((read) => ({ json: JSON.stringify(read), read }));

const number: fc.Arbitrary<Piece> = numeral.map((json) => ({ json, read: Number(json) }));

const id: fc.Arbitrary<Piece> = digits.map((json) => ({
  json,
  read: Number.isSafeInteger(Number(json)) ? Number(json) : json,
}));

function listOf(item: fc.Arbitrary<Piece>): fc.Arbitrary<Piece> {
  return fc.tuple(blank, fc.array(item, { maxLength: 4 })).map(([gap, items]) => ({
    json: `[${items.map(({ json }) => gap + json).join(',')}]`,
    read: items.map(({ read }) => read),
  }));
}

const { value } = fc.letrec<{ value: Piece; record: Piece }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    plain,
    number,
    listOf(tie('value')),
    tie('record'),
  ),
  record: fc
    .tuple(
      blank,
      fc.array(
        fc.oneof(
          fc.tuple(fc.constantFrom(...ID_NAMES), fc.oneof(id, plain, tie('record'))),
          fc.tuple(fc.constantFrom(...ID_LIST_NAMES), listOf(fc.oneof(id, plain))),
          fc.tuple(fc.constantFrom(...OTHER_NAMES), tie('value')),
        ) as fc.Arbitrary<Entry>,
        { maxLength: 8 },
      ),
    )
    .map(([gap, entries]) => ({
      json: `{${entries.map(([name, { json }]) => `${JSON.stringify(name)}:${gap}${json}`).join(`${gap},`)}}`,
      read: Object.fromEntries(entries.map(([name, { read }]) => [name, read])),
    })),
}));

describe('JSON of Attro', () => {
  it('is read as it is, with every digit of every id and each other number as JSON.parse has it', () => {
    fc.assert(fc.property(value, ({ json, read }) => isDeepStrictEqual(readJson(json), read)));
  });

  it('is undefined where it is no JSON, and never an error', () => {
    const parsed = (json: string): unknown => {
      try {
        return JSON.parse(json) as unknown;
      } catch {
        return undefined;
      }
    };
    fc.assert(
      fc.property(fc.oneof(text, numeral, fc.json()), (json) =>
        isDeepStrictEqual(readJson(json), parsed(json)),
      ),
    );
  });
});

describe('an id that is a number', () => {
  it.each([
    ['7', 7],
    ['7.0', 7],
    ['-7', -7],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', '9007199254740992'],
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890', '12345678901234567890'],
    ['-12345678901234567890', '-12345678901234567890'],
    ['12345678901234567890.0', '12345678901234567890'],
    ['12345678901234567890.000', '12345678901234567890'],
    // What has a fraction or an exponent was a floating-point number before it came here.
    ['12345678901234567890.50', '12345678901234567890.50'],
    ['12345678901234567890.05', '12345678901234567890.05'],
    ['12345678901234567890e2', '12345678901234567890e2'],
    ['1234567890123456.5', '1234567890123456.5'],
    ['1e20', 1e20],
    ['1.2345678901234567e19', 1.2345678901234567e19],
    ['9007199254740991.0', 9007199254740991],
  ])('of %s reads %p', (written, read) => {
    expect(readJson(`{"id":${written}}`)).toStrictEqual({ id: read });
    expect(readJson(`{"big":${BIG},"ids":[${written}, 7]}`)).toStrictEqual({
      big: Number(BIG),
      ids: [read, 7],
    });
  });

  it.each(OTHER_NAMES)('is not one under the name "%s"', (name) => {
    const { [name]: read } = readJson(`{"${name}":${BIG}}`) as Record<string, unknown>;
    expect(read).toBe(Number(BIG));
  });

  it('is known by its name alone, wherever it is', () => {
    expect(
      readJson(
        `[${BIG}, {"offer": {"id": ${BIG}}, "metadata": {"order_id": ${BIG}, "n": [${BIG}]}}]`,
      ),
    ).toStrictEqual([
      Number(BIG),
      { offer: { id: BIG }, metadata: { order_id: BIG, n: [Number(BIG)] } },
    ]);
  });
});
