import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { callTrigger, errorOf, messageOf } from '../support/app.ts';
import { received, sampleText, SECRET, sign, SUBSCRIPTION } from '../support/deliveries.ts';

const BODY = sampleText('payout.completed');
const NAME = 'Http-X-Attro-Signature';

type Headers = Record<string, unknown>;

async function deliver(headers: Headers, content: unknown = BODY, rest = {}) {
  return callTrigger('payout_sent', 'perform', received(content as string, headers, rest));
}

/** Makes a signature of another algorithm, or in another notation. */
function digest(algorithm: string, encoding: 'hex' | 'base64'): string {
  return `${algorithm}=${createHmac(algorithm, SECRET).update(BODY).digest(encoding)}`;
}

/** What a forger makes of the right signature. */
type Forging = (right: string) => unknown;

const MALFORMED: [string, Forging][] = [
  ['is in base64', () => digest('sha256', 'base64')],
  ['is in upper case', (right) => right.toUpperCase().replace('SHA', 'sha')],
  ['has no algorithm', (right) => right.slice('sha256='.length)],
  ['names a weaker algorithm', () => digest('sha1', 'hex')],
  ['stands under the wrong algorithm', (right) => right.replace('sha256', 'sha512')],
  ['is cut short', (right) => right.slice(0, -1)],
  ['has something before its beginning', (right) => `x${right}`],
  ['goes on after its end', (right) => `${right}0`],
  ['is one more than any rotation needs', (right) => `${'sha256=x,'.repeat(8)}${right}`],
];

const FORGED: [string, Forging, RegExp][] = [
  ['is missing', () => undefined, /it is not signed/],
  ['is empty', () => '', /it is not signed/],
  ['is blank', () => '  ', /it is not signed/],
  ['is made up', () => `sha256=${'0'.repeat(64)}`, /does not match/],
  ["is by another Zap's secret", () => sign(BODY, `whsec_${'0'.repeat(64)}`), /does not match/],
  ['is by half of the secret', () => sign(BODY, SECRET.replace('whsec_', '')), /does not match/],
  [
    'is of another encoding',
    () => sign(Uint8Array.from(Buffer.from(BODY, 'utf16le'))),
    /does not match/,
  ],
  ...MALFORMED.map(
    ([name, forge]) => [name, forge, /not of the form/] as [string, Forging, RegExp],
  ),
  ['came as a list', (right) => [right, right], /came more than once/],
  ['came as nothing', () => null, /came more than once/],
];

describe('no Zap run, no error, and a log line with the reason, for a delivery', () => {
  /** Nothing ran, for this reason, and the log holds no secret, no signature and nothing personal. */
  function expectRefused(
    { results, logs }: Awaited<ReturnType<typeof deliver>>,
    reason: RegExp,
    signature?: unknown,
  ) {
    const log = logs.join('\n');
    expect(results).toEqual([]);
    expect(log).toMatch(reason);
    const shown = typeof signature === 'string' ? signature.trim() : '';
    for (const secret of [SECRET, 'John', 'Smith', 'PAY-xxx', '523', shown].filter(Boolean)) {
      expect(log).not.toContain(secret);
    }
  }

  it.each(FORGED)('whose signature %s', async (_name, forge, reason) => {
    const signature = await forge(await sign(BODY));
    const headers = signature === undefined ? {} : { [NAME]: signature };
    expectRefused(await deliver(headers), reason, signature);
  });

  it.each([
    ['altered by one character', BODY.replace('523.40', '923.40')],
    ['truncated', BODY.slice(0, -2)],
    ['written anew with the same meaning', JSON.stringify(JSON.parse(BODY))],
  ])('that was %s', async (_name, content) => {
    const signature = await sign(BODY);
    expectRefused(await deliver({ [NAME]: signature }, content), /does not match/, signature);
  });

  it('whose signature header came under two names', async () => {
    const signature = await sign(BODY);
    const headers = { [NAME]: signature, 'X-Attro-Signature': signature };
    expectRefused(await deliver(headers), /came more than once/, signature);
  });

  it('that has no body', async () => {
    expectRefused(await deliver({ [NAME]: await sign('') }, null), /: no body arrived\./);
  });

  it.each([undefined, null, 'headers'])('that has the headers %p', async (headers) => {
    const rawRequest = { content: BODY, headers };
    const bundle = { subscribeData: SUBSCRIPTION, rawRequest };
    expectRefused(await callTrigger('payout_sent', 'perform', bundle), /it is not signed/);
  });

  it('of another event, though it is genuine', async () => {
    const body = sampleText('payout.failed');
    expectRefused(await deliver({ [NAME]: await sign(body) }, body), /about another event/);
  });

  it.each([{}, { subscribeData: {} }, { subscribeData: SUBSCRIPTION, rawRequest: null }])(
    "that is none at all, as Zapier's command line calls it: %j",
    async (bundle) => {
      const { results, logs } = await callTrigger('payout_sent', 'perform', bundle);
      expect(results).toEqual([]);
      expect(logs).toHaveLength(1);
      expect(logs[0]).toMatch(
        /^This call came without a delivery.*performList.*`npm start` or `npm run sandbox`/,
      );
    },
  );
});

describe('a genuine delivery runs the Zap', () => {
  async function expectRun(headers: Headers): Promise<void> {
    const { results, logs } = await deliver(headers);
    expect(results).toHaveLength(1);
    expect(logs).toEqual([]);
  }

  it.each([
    'Http-X-Attro-Signature',
    'X-Attro-Signature',
    'x-attro-signature',
    'HTTP-X-ATTRO-SIGNATURE',
  ])('without a word in the log, with its signature in %s beside other headers', async (name) => {
    const others = { 'Http-Content-Type': 'application/json', [`${name}-Version`]: '1' };
    await expectRun({ ...others, [name]: await sign(BODY) });
  });

  it.each([', ', ',', ' '])('when one of several signatures is right: "%s"', async (separator) => {
    const [old, right] = [await sign(BODY, 'whsec_old'), await sign(BODY)];
    const many = [...Array<string>(7).fill('sha256=x'), right];
    for (const signatures of [[old, right], [right, old], ['v0=unknown', right], many]) {
      await expectRun({ [NAME]: ` ${signatures.join(separator)} ` });
    }
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
  { ...SUBSCRIPTION, secret: '' },
  { secret: SECRET },
])(
  'a delivery does not run where %j is stored of the subscription, and its owner is told what to do',
  async (subscribeData) => {
    const headers = { [NAME]: await sign(BODY) };
    const error = await errorOf(deliver(headers, BODY, { subscribeData }));
    expect(messageOf(error)).toMatchObject({
      message:
        'Zapier has lost what this delivery from Attro is verified with. Turn the Zap off and on again.',
      code: 'no_subscription',
    });
  },
);
