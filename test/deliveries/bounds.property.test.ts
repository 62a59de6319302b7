import { describe, expect, it } from '@jest/globals';
import { MAX_BODY_LENGTH, MAX_NESTING, parseDelivery } from '../../deliveries/delivery.ts';
import { fc } from '../support/properties.ts';

/** The levels of a delivery outside its record's fields: the envelope and `data`. */
const OUTER_LEVELS = 2;

/** A delivery with any text, and beside it lists or objects nested to so many levels in all. */
function delivery(text: string, levels: number, [open, close]: readonly [string, string]): string {
  const inner = levels - OUTER_LEVELS;
  const deep = `${open.repeat(inner)}0${close.repeat(inner)}`;
  const siblings = Array<string>(MAX_NESTING).fill(`${open}0${close}`).join(',');
  return `{"event":"x","data":{"id":"1","text":${JSON.stringify(text)},"flat":[${siblings}],"deep":${deep}}}`;
}

/** Texts of all that a JSON text is made of. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('"', '\\', '[', ']', '{', '}', ':', 'a'), maxLength: 200 }),
);

const brackets = fc.constantFrom(['[', ']'] as const, ['{"a":', '}'] as const);

describe('the levels of a delivery', () => {
  it('are counted right, whatever its texts hold', () => {
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: MAX_NESTING - 3, max: MAX_NESTING + 3 }),
        brackets,
        (content, levels, pair) => {
          const reading = parseDelivery(delivery(content, levels, pair));
          expect(reading).toEqual(
            levels > MAX_NESTING
              ? { problem: 'it is nested more than 100 levels deep' }
              : { delivery: expect.objectContaining({ event: 'x' }) as unknown },
          );
        },
      ),
    );
  });

  it.each(['"', '"\\', '"\\"', '{"a', '{"event":"x","data":{"id":"1'])(
    'are counted to the end of what is cut off within a text: %s',
    (body) => {
      expect(parseDelivery(body)).toEqual({ problem: 'its body is not JSON' });
    },
  );
});

it('a delivery may have 10 MB and not a character more', () => {
  const whole = delivery('', 10, ['[', ']']).padEnd(MAX_BODY_LENGTH);
  expect(whole).toHaveLength(10 * 1024 * 1024);
  expect(parseDelivery(whole)).toHaveProperty('delivery');
  expect(parseDelivery(`${whole} `)).toEqual({ problem: 'it is larger than 10 MB' });
});
