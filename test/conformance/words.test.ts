import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Progress } from '../../conformance/progress.ts';
import { Secrets } from '../../conformance/secrets.ts';
import { describe as inWords, masked } from '../../conformance/words.ts';
import { PROPERTY_RUNS } from '../support/properties.ts';

describe('a value in words', () => {
  it('shows its form, and nobody who could be known by it', () => {
    expect(inWords('jane.doe@example.com')).toBe('the text "xxxx.xxx@xxxxxxx.xxx"');
    expect(inWords('王小明 7')).toBe('the text "xxx 0"');
    expect(inWords('2026-01-26T10:30:00')).toBe('the text "2026-01-26T10:30:00"');
    expect(inWords('19.80')).toBe('the text "19.80"');
    expect(inWords('+49 151 1234567')).toBe('the text "+00 000 0000000"');
    expect(inWords(9900)).toBe('the number 9900');
    expect(inWords([1, 2])).toBe('a list of 2');
    expect(inWords({ id: 1, 'jane@example.com': 2 })).toBe(
      'an object with id, the text "xxxx@xxxxxxx.xxx"',
    );
    expect(inWords('')).toBe('an empty text');
    expect(inWords(undefined)).toBe('nothing');
  });

  it('is cut, and has none of the letters of a text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const shown = masked(text);
        expect(shown.length).toBeLessThanOrEqual(61);
        expect(shown.replace(/^\d{4}-.*T.*Z$|x/g, '')).not.toMatch(/\p{L}/u);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

describe('secrets', () => {
  it('are hidden as they are, in an address and in JSON', () => {
    const secrets = new Secrets();
    secrets.add('a "secret" & more');
    const text = ['a "secret" & more', 'a%20%22secret%22%20%26%20more', 'a \\"secret\\" & more'];
    expect(secrets.hiddenIn(text.join('|'))).toBe('[hidden]|[hidden]|[hidden]');
  });
});

describe('progress', () => {
  it('is one line on a terminal, and nothing elsewhere', () => {
    const written = (isTTY: boolean): string => {
      let text = '';
      const progress = new Progress({ isTTY, write: (part: string) => Boolean((text += part)) });
      progress.onPhase('Account');
      progress.onRequest('GET', '/api/v1/me');
      progress.onRequest('GET', `/api/v1/${'long/'.repeat(40)}`);
      progress.clear();
      return text;
    };
    expect(written(false)).toBe('');
    expect(written(true)).toContain('\r\u001b[2KAccount: request 1, GET /api/v1/me');
    expect(written(true).endsWith('\r\u001b[2K')).toBe(true);
    for (const line of written(true).split('\u001b[2K')) expect(line.length).toBeLessThan(81);
  });
});
