import { createHmac } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { parseDelivery } from '../../deliveries/delivery.ts';
import { findSignatureProblem } from '../../deliveries/signature.ts';
import { fc, PROPERTY_RUNS } from '../support/properties.ts';

const SECRET = 'whsec_of_the_properties';

/** Signs as Attro's guide does for Node; the other tests sign with the Web Crypto API. */
function signature(body: string, secret = SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body, 'utf8').digest('hex')}`;
}

const body = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.string({ maxLength: 2000 }));

/** What the verifier says of a body whose header has this signature. */
function problemOf(content: string, given: string): string | null {
  return findSignatureProblem(content, { 'Http-X-Attro-Signature': given }, SECRET);
}

const headerName = fc.constantFrom(
  'Http-X-Attro-Signature',
  'X-Attro-Signature',
  'x-attro-signature',
  'HTTP-X-ATTRO-SIGNATURE',
);

describe('the verifier', () => {
  it('accepts every body that was signed with the secret', () => {
    fc.assert(
      fc.property(body, headerName, (content, name) => {
        const headers = { [name]: signature(content) };
        return findSignatureProblem(content, headers, SECRET) === null;
      }),
    );
  });

  it('refuses every body of which one character was changed, added or removed', () => {
    fc.assert(
      fc.property(body, fc.nat(), fc.string({ maxLength: 1 }), (content, position, replacement) => {
        const at = position % (content.length + 1);
        const altered = content.slice(0, at) + replacement + content.slice(at + 1);
        // Halves of surrogate pairs have no bytes of their own in UTF-8, so they may look alike.
        fc.pre(!Buffer.from(altered).equals(Buffer.from(content)));
        return problemOf(altered, signature(content)) !== null;
      }),
    );
  });

  it('refuses every other secret', () => {
    fc.assert(
      fc.property(body, fc.string(), (content, other) => {
        fc.pre(other !== SECRET);
        return problemOf(content, signature(content, other)) !== null;
      }),
      { numRuns: Math.min(PROPERTY_RUNS, 1_000) },
    );
  });

  it('refuses, and never throws, whatever stands in the headers and the body', () => {
    const anything = fc.anything({ withNullPrototype: true });
    const headers = fc.oneof(
      fc.dictionary(fc.oneof(headerName, fc.string()), fc.oneof(fc.string(), anything)),
      anything,
    );
    fc.assert(
      fc.property(
        body,
        headers,
        (content, given) => typeof findSignatureProblem(content, given, SECRET) === 'string',
      ),
    );
  });

  it('refuses every signature that is not the right one to the letter', () => {
    const right = signature('body');
    const near = fc.oneof(
      fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdefABCDEF=sh ,')) }),
      fc.nat(right.length).map((at) => right.slice(0, at)),
      fc.nat(right.length - 1).map((at) => right.slice(0, at) + 'x' + right.slice(at + 1)),
    );
    fc.assert(
      fc.property(near, (given) => {
        fc.pre(!given.split(/[\s,]+/).includes(right));
        return problemOf('body', given) !== null;
      }),
    );
  });
});

describe('the reader of deliveries', () => {
  it('reads or refuses whatever text arrives, and fails in no other way', () => {
    fc.assert(
      fc.property(fc.oneof(body, fc.json()), (content) => {
        const reading = parseDelivery(content);
        return 'problem' in reading
          ? /^(its body|the field|it is) /.test(reading.problem)
          : 'id' in reading.delivery.data;
      }),
    );
  });
});
