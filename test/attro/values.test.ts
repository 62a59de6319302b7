import { describe, expect, it } from '@jest/globals';
import { flatten, MAX_DEPTH, MAX_EXTRA_FIELDS } from '../../output/flatten.ts';
import { metadataSummary } from '../../output/metadata.ts';
import { formatAmount } from '../../output/money.ts';
import { firstNameOf, lastNameOf } from '../../output/person-name.ts';
import { toDateTime, toNumber, toScalar, toText } from '../../attro/values.ts';
import { fc } from '../support/properties.ts';

describe('a date', () => {
  it.each([
    ['2026-01-26T12:00:00Z', '2026-01-26T12:00:00Z'],
    ['2026-01-26t12:00:00z', '2026-01-26T12:00:00Z'],
    [' 2026-01-26T12:00:00.123456Z ', '2026-01-26T12:00:00.123456Z'],
    ['2026-01-26T12:00:00+02:00', '2026-01-26T12:00:00+02:00'],
    ['2026-01-26T12:00:00-0530', '2026-01-26T12:00:00-05:30'],
    ['2026-01-26T12:00:00+02', '2026-01-26T12:00:00+02:00'],
    ['2026-01-26 12:00:00 +02:00', '2026-01-26T12:00:00+02:00'],
    ['2026-01-26T12:00', '2026-01-26T12:00:00Z'],
    ['2026-01-26 12:00:00', '2026-01-26T12:00:00Z'],
    ['2026-01-26', '2026-01-26T00:00:00Z'],
    ['2024-02-29', '2024-02-29T00:00:00Z'],
    ['2000-02-29', '2000-02-29T00:00:00Z'],
    ['2026-12-31T23:59:59Z', '2026-12-31T23:59:59Z'],
    [1_769_428_800, '2026-01-26T12:00:00.000Z'],
    [1_769_428_800_000, '2026-01-26T12:00:00.000Z'],
    [0, '1970-01-01T00:00:00.000Z'],
  ])('%j becomes %s', (value, expected) => {
    expect(toDateTime(value)).toBe(expected);
  });

  it.each([
    ...['', 'yesterday', '26/01/2026', 'x2026-01-26', '2026-01-26T12:00:00Zx'],
    ...['2026-02-29', '1900-02-29', '2026-04-31', '2026-13-01', '2026-00-10', '2026-01-00'],
    ...['2026-01-26T24:00:00Z', '2026-01-26T12:60:00Z', '2026-01-26T12:00:60Z'],
    ...['2026-01-26T12:00:00+15:00', '2026-01-26T12:00:00+02:60', `${' '.repeat(65)}2026-01-26`],
    ...[NaN, Infinity, 1e16, -1e14, null, true, {}, ['2026-01-26']],
  ])('%p is none', (value) => {
    expect(toDateTime(value)).toBeNull();
  });

  it('keeps the moment that it names', () => {
    const date = fc.date({
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, (moment) => {
        const text = toDateTime(moment.toISOString());
        return (
          Date.parse(text ?? '') === moment.getTime() && toDateTime(text) === moment.toISOString()
        );
      }),
    );
  });
});

describe('a number', () => {
  it.each([
    [99, 99],
    [-0.5, -0.5],
    ['99.00', 99],
    [' +1e3 ', 1000],
    ['-.5', -0.5],
    ['5.', 5],
    ['1E-2', 0.01],
  ])('%j becomes %d', (value, expected) => {
    expect(toNumber(value)).toBe(expected);
  });

  it.each([
    ...['', ' ', '.', '1,000', '$5', '0x10', '5 USD', 'NaN', 'Infinity', '1e999', '1e1000'],
    ...['9'.repeat(401), NaN, Infinity, null, true, {}, ['5']],
  ])('%p is none', (value) => {
    expect(toNumber(value)).toBeNull();
  });
});

describe('a text', () => {
  it.each([
    ['', ''],
    ['text', 'text'],
    [5, '5'],
    [false, 'false'],
    [['a', 1, null, true], 'a, 1, true'],
    [[], ''],
    [[null, 'a'], 'a'],
    [['', 'a'], ', a'],
    [null, null],
    [undefined, null],
    [{}, null],
    [['a', {}], null],
    [['a', []], null],
    [[NaN], ''],
  ])('of %j is %j', (value, expected) => {
    expect(toText(value)).toBe(expected);
  });

  it('of a very long list is cut', () => {
    const text = toText(Array<string>(1_000_000).fill('abc'));
    expect(text).toHaveLength(50_001);
    expect(text?.startsWith('abc, abc, ')).toBe(true);
  });

  it('that is as long as is allowed is kept whole', () => {
    expect(toScalar('x'.repeat(50_000))).toBe('x'.repeat(50_000));
  });
});

describe('an amount', () => {
  it.each([
    [99, 'USD', '$99.00'],
    [99, 'usd', '$99.00'],
    [1234.5, 'EUR', '€1,234.50'],
    [99, 'CAD', 'CA$99.00'],
    [99, 'JPY', '¥99'],
    [-5, 'USD', '-$5.00'],
    [0, 'USD', '$0.00'],
    [99, 'XQZ', 'XQZ 99.00'],
    [99, 'points', '99.00 points'],
    [1234.5, '', '1,234.50'],
    [99, null, '99.00'],
    [1e21, 'USD', '$1,000,000,000,000,000,000,000.00'],
  ])('of %d %s reads %s', (amount, currency, expected) => {
    expect(formatAmount(amount, currency)).toBe(expected);
  });

  it.each(['USD', 'EUR', 'GBP', 'CAD', 'AUD'])('in %s reads as Intl writes it', (currency) => {
    const intl = new Intl.NumberFormat('en-US', { style: 'currency', currency });
    const amount = fc.oneof(
      fc.integer({ min: -100_000_000, max: 100_000_000 }).map((cents) => cents / 100),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -0, 0.005, 1.005, 999.995, 1e13, 1e15, -1e15, 1e21, 12_345_678.9),
    );
    fc.assert(fc.property(amount, (value) => formatAmount(value, currency) === intl.format(value)));
  });

  it('that is missing has no text', () => {
    expect(formatAmount(null, 'USD')).toBeNull();
  });

  it('is readable for any number of made-up currencies', () => {
    for (let index = 0; index < 26 ** 2; index += 1) {
      const code = `Q${String.fromCharCode(65 + (index % 26), 65 + Math.floor(index / 26))}`;
      expect(formatAmount(1, code)).toMatch(/1\.00|1\.000|¥1|1$/);
    }
  });
});

describe('a person', () => {
  it.each([
    ['Jane Doe', 'Jane', 'Doe'],
    ['  Jane   van der  Berg ', 'Jane', 'van der  Berg'],
    ['Cher', 'Cher', null],
    ['李小龍', '李小龍', null],
    ['Jane\nDoe', 'Jane', 'Doe'],
    ['', null, null],
    ['   ', null, null],
    [null, null, null],
  ])('called %j has first name %j and last name %j', (name, first, last) => {
    expect(firstNameOf(name)).toBe(first);
    expect(lastNameOf(name)).toBe(last);
  });
});

describe('metadata in one line', () => {
  it.each([
    [{ plan: 'pro', period: 'monthly' }, 'plan: pro, period: monthly'],
    [{ seats: 5, trial: false, code: null }, 'seats: 5, trial: false, code: none'],
    [{ tags: ['a', 'b'], items: [{}], more: {} }, 'tags: a, b, items: [list], more: [details]'],
    [{}, null],
    [null, null],
    [undefined, null],
    ['gift', 'gift'],
    [['a', 'b'], 'a, b'],
    [7, '7'],
  ])('%j reads %j', (metadata, expected) => {
    expect(metadataSummary(metadata)).toBe(expected);
  });

  it('says how many entries it does not name', () => {
    const entries = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
    expect(metadataSummary(entries(20))).toMatch(/k19: 19$/);
    expect(metadataSummary(entries(21))).toMatch(/k19: 19, and 1 more$/);
  });
});

describe('nested fields', () => {
  const none = new Set<string>();

  it('are named after their path, lists of objects are numbered', () => {
    const entries = Object.entries({
      a: { b: { c: 1 } },
      items: [{ name: 'x' }, { name: 'y' }],
      tags: ['p', 'q'],
      empty: {},
      nothing: null,
    });
    expect(flatten(entries, none)).toEqual({
      fields: [
        ['a_b_c', 1],
        ['items_1_name', 'x'],
        ['items_2_name', 'y'],
        ['tags', 'p, q'],
        ['nothing', null],
      ],
      leftOut: 0,
    });
  });

  it('keep letters of any script and lose what cannot stand in a template', () => {
    const entries = Object.entries({ 'größe-1': 1, 'a.b c': 2, '{{x}}': 3, 日本: 4 });
    expect(flatten(entries, none).fields.map(([key]) => key)).toEqual([
      'größe-1',
      'a_b_c',
      '_x_',
      '日本',
    ]);
  });

  it('are left out where the name is taken, whoever was first', () => {
    const entries: [string, unknown][] = [
      ['id', 'x'],
      ['a', { b: 1 }],
      ['a_b', 2],
    ];
    expect(flatten(entries, new Set(['id']))).toEqual({ fields: [['a_b', 1]], leftOut: 2 });
  });

  it('are opened to a bounded depth', () => {
    let nested: unknown = { leaf: 1 };
    for (let depth = 0; depth < MAX_DEPTH - 1; depth += 1) nested = { d: nested };
    expect(flatten([['x', nested]], none)).toEqual({ fields: [['x_d_d_d_leaf', 1]], leftOut: 0 });
    expect(flatten([['x', { d: nested }]], none)).toEqual({ fields: [], leftOut: 1 });
  });

  it('are bounded in number, and what is left out is counted', () => {
    const many = Object.fromEntries(
      Array.from({ length: MAX_EXTRA_FIELDS + 5 }, (_, index) => [`k${index}`, index]),
    );
    expect(flatten([['m', many]], none)).toMatchObject({ leftOut: 5 });
    expect(flatten(Object.entries(many), none)).toMatchObject({ leftOut: 5 });
    const list = [{ a: 1 }, { a: 2 }];
    expect(flatten(Object.entries({ m: many, list }), none).leftOut).toBe(7);
    expect(flatten([['m', many]], none).fields).toHaveLength(MAX_EXTRA_FIELDS);
  });

  it('have keys of a bounded length', () => {
    const long = 'k'.repeat(500);
    const { fields } = flatten(Object.entries({ [long]: 1, a: { [long]: 2 } }), none);
    expect(fields.map(([key]) => key.length)).toEqual([100, 100]);
  });

  it('of a hostile name are left out', () => {
    const entries: [string, unknown][] = [
      ['__proto__', 1],
      ['constructor', 2],
      ['prototype', 3],
      ['a', { constructor: 4 }],
    ];
    expect(flatten(entries, none)).toEqual({ fields: [['a_constructor', 4]], leftOut: 3 });
  });
});
