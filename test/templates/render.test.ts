import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Condition } from '../../templates/recipe.ts';
import {
  type Fields,
  passesFilter,
  placeholdersOf,
  render,
  withoutPlaceholders,
} from '../../templates/render.ts';

describe('the renderer', () => {
  it('fills in a field wherever it stands, with or without spaces in its braces', () => {
    expect(render('{{name}}, {{ name }}: ${{amount}}', { name: 'Jane', amount: 99 })).toBe(
      'Jane, Jane: $99',
    );
  });

  it.each([
    ['a missing field', {}],
    ['null', { value: null }],
    ['undefined', { value: undefined }],
    ['a record', { value: { inner: 1 } }],
  ])('leaves nothing for %s', (_name, fields) => {
    expect(render('[{{value}}]', fields)).toBe('[]');
  });

  it.each([
    [99.0, '99'],
    [523.4, '523.4'],
    [19.8, '19.8'],
    [0, '0'],
    [-5, '-5'],
    [1234567.89, '1234567.89'],
    [true, 'true'],
    ['', ''],
  ])('prints %p as %p', (value, printed) => {
    expect(render('{{value}}', { value })).toBe(printed);
  });

  it('does not take what every object has for a field', () => {
    expect(render('{{toString}}{{constructor}}{{__proto__}}', {})).toBe('');
    expect(render('{{value}}', Object.create({ value: 'inherited' }) as Fields)).toBe('');
  });

  it('has no expressions: what is no plain key is a field that does not exist', () => {
    expect(render('{{amount * 2}}|{{amount|upper}}|{{a.b}}', { amount: 1, a: { b: 2 } })).toBe(
      '||',
    );
  });

  it('does not look through what it has filled in, nor read it as a pattern', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(render('<{{value}}>', { value, name: 'secret' })).toBe(`<${value}>`);
      }),
      { examples: [['{{name}}'], ['$&'], ['$1'], ["$'"]] },
    );
  });

  it('leaves a text without placeholders as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('{{')),
        (text) => {
          expect(render(text, {})).toBe(text);
          expect(withoutPlaceholders(text)).toBe(text);
          expect(placeholdersOf(text)).toEqual([]);
        },
      ),
    );
  });

  it('names each placeholder once', () => {
    expect(placeholdersOf('{{a}} {{ b }} {{a}} {c} {{}}')).toEqual(['a', 'b']);
  });
});

describe('a filter', () => {
  const passes = (condition: Condition, value: string | number, actual: unknown): boolean =>
    passesFilter({ filter: { field: 'field', condition, value } }, { field: actual });

  it('lets everything through where a recipe has none', () => {
    expect(passesFilter({}, {})).toBe(true);
  });

  it.each([
    ['(Number) Greater than', 500, 500.01, true],
    ['(Number) Greater than', 500, 500, false],
    ['(Number) Greater than', 500, '750', true],
    ['(Number) Greater than', 500, 'plenty', false],
    ['(Number) Greater than', -1, null, false],
    ['(Number) Less than', 500, 499, true],
    ['(Number) Less than', 500, 500, false],
    ['(Number) Less than', 500, undefined, false],
    ['(Text) Exactly matches', 'paypal', 'paypal', true],
    ['(Text) Exactly matches', 'paypal', 'paypal ', false],
    ['(Text) Contains', 'pay', 'paypal', true],
    ['(Text) Contains', 'wire', 'paypal', false],
  ] as const)('of %s %p for %p is %p', (condition, value, actual, expected) => {
    expect(passes(condition, value, actual)).toBe(expected);
  });
});
