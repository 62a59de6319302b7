import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { findSignatureProblem } from '../../deliveries/signature.ts';
import { callTrigger, errorOf, messageOf } from '../support/app.ts';
import { received, sampleText, SECRET, sign, SUBSCRIPTION } from '../support/deliveries.ts';

const BODY = sampleText('payout.completed');
const NAME = 'Http-X-Attro-Signature';

type Headers = Record<string, unknown>;

async function deliver(headers: Headers, content: unknown = BODY, rest = {}) {
  return callTrigger('payout_sent', 'perform', received(content as string, headers, rest));
}

/** What the log of a delivery must never hold: the secret, the signature, anything personal. */
function expectDiscreet(logs: readonly string[], signature = ''): void {
  const log = logs.join('\n');
  for (const secret of [SECRET, 'John', 'Smith', 'PAY-xxx', '523', signature].filter(Boolean)) {
    expect(log).not.toContain(secret);
  }
}

describe('no Zap run, no error, and a log line with the reason, for a delivery', () => {
  const cases: [string, () => Promise<Headers> | Headers, RegExp, string?][] = [
    ['that is not signed', () => ({}), /it is not signed/],
    ['whose signature is empty', () => ({ [NAME]: '' }), /it is not signed/],
    ['whose signature is blank', () => ({ [NAME]: '  ' }), /it is not signed/],
    [
      'whose signature is made up',
      () => ({ [NAME]: `sha256=${'0'.repeat(64)}` }),
      /does not match/,
    ],
    [
      'that was altered by one character',
      async () => ({ [NAME]: await sign(BODY) }),
      /does not match/,
      BODY.replace('523.40', '923.40'),
    ],
    [
      'that was truncated',
      async () => ({ [NAME]: await sign(BODY) }),
      /does not match/,
      BODY.slice(0, -2),
    ],
    [
      'that was written anew with the same meaning',
      async () => ({ [NAME]: await sign(BODY) }),
      /does not match/,
      JSON.stringify(JSON.parse(BODY)),
    ],
    [
      "that was signed with another subscription's secret",
      async () => ({ [NAME]: await sign(BODY, `whsec_${'0'.repeat(64)}`) }),
      /does not match/,
    ],
    [
      'that was signed with the secret without its prefix',
      async () => ({ [NAME]: await sign(BODY, SECRET.replace('whsec_', '')) }),
      /does not match/,
    ],
    [
      'that was signed in another character encoding',
      async () => ({ [NAME]: await sign(Uint8Array.from(Buffer.from(BODY, 'utf16le'))) }),
      /does not match/,
    ],
    [
      'whose signature is in base64',
      () => ({ [NAME]: `sha256=${createHmac('sha256', SECRET).update(BODY).digest('base64')}` }),
      /not of the form/,
    ],
    [
      'whose signature is in upper case',
      async () => ({ [NAME]: (await sign(BODY)).toUpperCase().replace('SHA', 'sha') }),
      /not of the form/,
    ],
    [
      'whose signature has no algorithm',
      async () => ({ [NAME]: (await sign(BODY)).slice(7) }),
      /not of the form/,
    ],
    [
      'whose signature names a weaker algorithm',
      () => ({ [NAME]: `sha1=${createHmac('sha1', SECRET).update(BODY).digest('hex')}` }),
      /not of the form/,
    ],
    [
      'whose right digest stands under the wrong algorithm',
      async () => ({ [NAME]: (await sign(BODY)).replace('sha256', 'sha512') }),
      /not of the form/,
    ],
    [
      'whose signature is cut short',
      async () => ({ [NAME]: (await sign(BODY)).slice(0, -1) }),
      /not of the form/,
    ],
    [
      'whose signature has something before its beginning',
      async () => ({ [NAME]: `x${await sign(BODY)}` }),
      /not of the form/,
    ],
    [
      'whose signature goes on after its end',
      async () => ({ [NAME]: `${await sign(BODY)}0` }),
      /not of the form/,
    ],
    [
      'whose signature header came under two names',
      async () => ({ [NAME]: await sign(BODY), 'X-Attro-Signature': await sign(BODY) }),
      /came more than once/,
    ],
    [
      'whose signature header came as a list',
      async () => ({ [NAME]: [await sign(BODY), await sign(BODY)] }),
      /came more than once/,
    ],
    [
      'with more signatures than any rotation needs',
      async () => ({ [NAME]: [...Array<string>(8).fill('sha256=x'), await sign(BODY)].join(',') }),
      /not of the form/,
    ],
  ];

  it.each(cases)('%s', async (...[, makeHeaders, reason, content]) => {
    const headers = await makeHeaders();
    const { results, logs } = await deliver(headers, content);
    expect(results).toEqual([]);
    expect(logs.join('\n')).toMatch(reason);
    expectDiscreet(logs, typeof headers[NAME] === 'string' ? headers[NAME].trim() : '');
  });

  it('that has no body', async () => {
    const { results, logs } = await deliver({ [NAME]: await sign('') }, null);
    expect(results).toEqual([]);
    expect(logs.join('\n')).toMatch(/no body arrived/);
  });

  it('that has no headers', async () => {
    const { results } = await callTrigger('payout_sent', 'perform', {
      subscribeData: SUBSCRIPTION,
      rawRequest: { content: BODY, headers: null },
    });
    expect(results).toEqual([]);
  });

  it.each([{}, { subscribeData: {} }, { subscribeData: SUBSCRIPTION, rawRequest: null }])(
    "that is none at all, as Zapier's command line calls it: %j",
    async (bundle) => {
      const { results, logs } = await callTrigger('payout_sent', 'perform', bundle);
      expect(results).toEqual([]);
      expect(logs).toHaveLength(1);
      expect(logs[0]).toContain('This call came without a delivery');
      expect(logs[0]).toMatch(/performList.*`npm start` or `npm run sandbox`/);
    },
  );

  it('of another event, though it is genuine', async () => {
    const body = sampleText('payout.failed');
    const { results, logs } = await deliver({ [NAME]: await sign(body) }, body);
    expect(results).toEqual([]);
    expect(logs.join('\n')).toMatch(/about another event/);
  });
});

describe('a genuine delivery runs the Zap', () => {
  it.each([
    'Http-X-Attro-Signature',
    'X-Attro-Signature',
    'x-attro-signature',
    'HTTP-X-ATTRO-SIGNATURE',
    'http-x-attro-signature',
  ])('with its signature in %s', async (name) => {
    const { results } = await deliver({ [name]: await sign(BODY) });
    expect(results).toHaveLength(1);
  });

  it.each([', ', ',', ' '])(
    'when one of several signatures is right, separated by "%s"',
    async (separator) => {
      const old = await sign(BODY, 'whsec_old');
      const right = await sign(BODY);
      for (const signatures of [
        [old, right],
        [right, old],
        ['v0=unknown', right],
      ]) {
        const { results } = await deliver({ [NAME]: signatures.join(separator) });
        expect(results).toHaveLength(1);
      }
    },
  );

  it('with as many signatures as a rotation may need', async () => {
    const signatures = [...Array<string>(7).fill('sha256=x'), await sign(BODY)];
    const { results } = await deliver({ [NAME]: ` ${signatures.join(', ')} ` });
    expect(results).toHaveLength(1);
  });

  it('with other headers beside the signature', async () => {
    const { results } = await deliver({
      'Http-Content-Type': 'application/json',
      [NAME]: await sign(BODY),
      'Http-X-Attro-Signature-Version': '1',
    });
    expect(results).toHaveLength(1);
  });

  it('without a word in the log', async () => {
    const { results, logs } = await deliver({ [NAME]: await sign(BODY) });
    expect(results).toHaveLength(1);
    expect(logs).toEqual([]);
  });

  it('in any script', async () => {
    const body = BODY.replace('John Smith', '李小龍 Ünïcödé 🎉');
    const { results } = await deliver({ [NAME]: await sign(body) }, body);
    expect(results[0]).toMatchObject({ affiliate_name: '李小龍 Ünïcödé 🎉' });
  });
});

it.each([
  undefined,
  null,
  'text',
  {},
  { id: 'wh_1' },
  { id: 'wh_1', secret: '' },
  { secret: SECRET },
])(
  'a delivery does not run where %j is stored of the subscription, and its owner is told what to do',
  async (subscribeData) => {
    const headers = { [NAME]: await sign(BODY) };
    const error = await errorOf(deliver(headers, BODY, { subscribeData }));
    expect(messageOf(error)).toEqual(
      expect.objectContaining({
        message:
          'Zapier has lost what this delivery from Attro is verified with. Turn the Zap off and on again.',
        code: 'no_subscription',
      }),
    );
  },
);

it('a delivery without a body does not run', async () => {
  const { results, logs } = await deliver({}, null);
  expect(results).toEqual([]);
  expect(logs.at(-1)).toContain('No Zap run for this delivery: no body arrived.');
});

describe('the verifier tells', () => {
  it.each<[string, unknown, string]>([
    [BODY, null, 'it is not signed'],
    [BODY, undefined, 'it is not signed'],
    [BODY, 'headers', 'it is not signed'],
    [BODY, { [NAME]: null }, 'its signature header came more than once'],
  ])('what is wrong with %p and %p', (body, headers, problem) => {
    expect(findSignatureProblem(body, headers, SECRET)).toBe(problem);
  });
});
