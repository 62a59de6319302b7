import { describe, expect, it } from '@jest/globals';
import type { InputField } from '../../../local/zapier/definition.ts';
import { inputDataFor, type Filled } from '../../../local/zapier/input-data.ts';

/** What an app gets of what is filled in at a step with such inputs. */
function given(inputFields: InputField[], filled: Filled): Record<string, unknown> {
  return inputDataFor({ display: {}, operation: { inputFields } }, filled);
}

describe('what is filled in at a step', () => {
  it.each([
    ['string', 42, '42'],
    [undefined, true, 'true'],
    ['number', '49.90', 49.9],
    ['number', 500, 500],
    ['number', '$ 20 or so', 20],
    ['number', '1,234.50', 1],
    ['number', 'none', 0],
    ['integer', '7.9', 7],
    ['boolean', 'no', false],
    ['boolean', 'yes', true],
    ['datetime', '2026-01-26T10:30:00Z', '2026-01-26T10:30:00+00:00'],
  ])('reaches the app by the type of its input: %s, %j is %j', (type, filled, expected) => {
    const field = { key: 'a', ...(type && { type }) };
    expect(given([field], { a: filled })).toEqual({ a: expected });
  });

  it('is left out where it is empty, before its type is looked at', () => {
    const fields = [
      { key: 'a' },
      { key: 'b', type: 'number' },
      { key: 'c' },
      { key: 'd', dict: true },
    ];
    expect(given(fields, { a: '', b: '', c: null, d: { x: '', y: null } })).toEqual({});
    expect(given(fields, { d: { x: '', y: 1 } })).toEqual({ d: { y: '1' } });
  });

  it('is asked for where it is required', () => {
    const fields = [
      { key: 'a', label: 'Email', required: true },
      { key: 'b', required: true },
      { key: 'c', required: true, default: 'usual' },
      { key: 'd', required: false },
    ];
    expect(() => given(fields, { a: '' })).toThrow('Zapier asks for what is required: Email, b.');
    expect(given(fields, { a: 'x', b: 'y' })).toEqual({ a: 'x', b: 'y', c: 'usual' });
  });

  it.each<[string, InputField, unknown]>([
    ['pairs at an input for one value', { key: 'a' }, { x: '1' }],
    ['a list', { key: 'a', dict: true }, ['x']],
  ])('cannot be %s', (_name, field, filled) => {
    expect(() => given([field], { a: filled })).toThrow('The input a takes one value.');
  });

  it('cannot be at an input that the step does not have', () => {
    expect(() => given([{ key: 'a' }], { b: '' })).toThrow('The step has no input b.');
  });
});
