import { describe, expect, it } from '@jest/globals';
import { DEFAULT_BASE_URL, EVENT_NAMES } from '../../attro/contract.ts';
import { outputFieldsOf, RECORD_SHAPES, type Shape } from '../../output/fields.ts';
import { MAX_EXTRA_FIELDS, MAX_KEY_LENGTH } from '../../output/flatten.ts';
import { createMapper, type FlatRecord } from '../../output/mapper.ts';
import { MAX_TEXT_LENGTH } from '../../attro/values.ts';
import { fc, PROPERTY_RUNS } from '../support/properties.ts';

/** All that is mapped: the deliveries of each event, and what is found or written. */
const SHAPES: readonly Shape[] = [...EVENT_NAMES, ...RECORD_SHAPES];

/** Names that Attro uses, names that JavaScript uses, and any other. */
const NAMES = [
  ...new Set(SHAPES.flatMap(outputFieldsOf).flatMap(({ sources, key }) => [...sources, key])),
  'metadata',
  'changes',
  'offer',
  'url',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
];
const name = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...NAMES) }, fc.string());

/** Any JSON there is, with a liking for what Attro's fields are called. */
const json = fc.letrec<{ value: unknown; record: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      null,
      true,
      '',
      '99.00',
      'USD',
      '2026-01-26',
      '2026-01-26T12:00:00+02:00',
      1e308,
    ),
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('value'), { maxLength: 5 }),
    tie('record'),
  ),
  record: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 12 })
    .map((entries) => JSON.parse(toJson(entries)) as Record<string, unknown>),
})).record;

/** Writes an object by hand, so that `__proto__` becomes a field as it does when Attro sends it. */
function toJson(entries: readonly (readonly [string, unknown])[]): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
}

const ISO_WITH_OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** What is wrong with a mapped record. One list is compared once, since 10,000 records are looked at. */
function problemsOf(shape: Shape, fields: FlatRecord): string[] {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  const declared = outputFieldsOf(shape);
  for (const { key, type } of declared) {
    const value = fields[key];
    check(Object.hasOwn(fields, key), `${key} is missing`);
    if (value === null) continue;
    check(typeof value === (type === 'number' ? 'number' : 'string'), `${key} has the wrong type`);
    if (type === 'datetime') check(ISO_WITH_OFFSET.test(String(value)), `${key} is no ISO date`);
  }
  for (const [key, value] of Object.entries(fields)) {
    check(
      value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value),
      `${key} is not flat`,
    );
    check(String(value).length <= MAX_TEXT_LENGTH + 1, `${key} is too long`);
    check(key.length <= MAX_KEY_LENGTH, `the key ${key} is too long`);
    check(!['__proto__', 'constructor', 'prototype'].includes(key), `${key} is harmful`);
  }
  check(
    Object.keys(fields).length <= declared.length + MAX_EXTRA_FIELDS,
    'there are too many fields',
  );
  check(Object.getPrototypeOf(fields) === Object.prototype, 'the prototype was changed');
  return problems;
}

describe('whatever JSON a record is', () => {
  it('it is mapped to flat fields: every declared key, its type, bounded, harmless', () => {
    const mappers = new Map(SHAPES.map((shape) => [shape, createMapper(shape)]));
    fc.assert(
      fc.property(fc.constantFrom(...SHAPES), json, fc.jsonValue(), (shape, record, timestamp) => {
        const mapped = mappers.get(shape)?.(record, { timestamp, baseUrl: DEFAULT_BASE_URL });
        const problems = problemsOf(shape, mapped?.fields ?? {});
        if (problems.length > 0) throw new Error(problems.join(', '));
      }),
    );
  });

  it('it is mapped the same way twice, and stays as it was', () => {
    const occasion = { timestamp: '2026-01-26T12:00:00Z', baseUrl: DEFAULT_BASE_URL };
    fc.assert(
      fc.property(fc.constantFrom(...SHAPES), json, (shape, record) => {
        const before = JSON.stringify(record);
        const first = createMapper(shape)(record, occasion);
        const second = createMapper(shape)(record, occasion);
        expect(JSON.stringify(second)).toBe(JSON.stringify(first));
        expect(JSON.stringify(record)).toBe(before);
      }),
      { numRuns: Math.min(PROPERTY_RUNS, 1_000) },
    );
  });
});
