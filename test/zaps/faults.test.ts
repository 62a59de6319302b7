import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultRuleInput, Sandbox } from '../../local/attro/index.ts';
import type { ZapierRunner } from '../../local/zapier/index.ts';
import { startBoth } from '../support/zapier.ts';

/** What the app says to its user when Attro or the way to it fails, and what is left at Attro. */

type Fault = FaultRuleInput['fault'];

let sandbox: Sandbox;
let zapier: ZapierRunner;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  ({ sandbox, zapier, stop } = await startBoth({ speed: 1e6 }));
  await zapier.connect();
});

afterEach(async () => {
  await fetch(`${sandbox.baseUrl}/sandbox/faults`, { method: 'DELETE' });
});

afterAll(() => stop?.());

function fail(method: string, path: string, fault: Fault): void {
  sandbox.failNext({ method, path: `/api/v1/${path}`, fault });
}

const PROBLEM = /a problem at the moment \(500\)/;
const NO_ANSWER = /did not answer in time or (could not be reached|the connection broke)/;
const UNREADABLE = /answer could not be read/;
const PAGE = '<html><body>Bad gateway</body></html>';

/** Faults that leave a caller without what it asked for, and what is said of each. */
const FAULTS: [name: string, fault: Fault, name: string, said: RegExp][] = [
  ['an error', { status: 500 }, 'AppError', PROBLEM],
  ['an error with a page', { status: 500, body: PAGE }, 'AppError', PROBLEM],
  [
    'too many requests',
    { status: 429, retry_after: 7 },
    'ThrottledError',
    /try again by itself.*"delay":7/,
  ],
  ['a 503 that says when', { status: 503, retry_after: 9 }, 'ThrottledError', /"delay":9/],
  ['a dropped connection', { drop: true }, 'AppError', NO_ANSWER],
  ['a page instead of JSON', { status: 200, body: PAGE }, 'AppError', UNREADABLE],
  ['a text instead of JSON', { status: 200, body: 'OK' }, 'AppError', UNREADABLE],
  ['JSON of another shape', { status: 200, body: 5 }, 'AppError', UNREADABLE],
];

describe('a list', () => {
  it.each(FAULTS)('with %s says so', async (_case, fault, name, said) => {
    fail('GET', 'affiliates', fault);
    const listing = zapier.listRecords('new_affiliate');
    await expect(listing).rejects.toMatchObject({ name, message: expect.stringMatching(said) });
    await expect(listing).rejects.not.toThrow(/html|Bad gateway/i);
    expect(await zapier.listRecords('new_affiliate')).toHaveLength(3);
  });

  it.each<[string, Fault]>([
    ['that is slow', { delay_ms: 200 }],
    ['that is asked for twice on the way', { twice: true }],
  ])('%s is there all the same', async (_case, fault) => {
    fail('GET', 'affiliates', fault);
    expect(await zapier.listRecords('new_affiliate')).toHaveLength(3);
  });
});

describe('turning on a Zap', () => {
  it.each(FAULTS)(
    'with %s says so, and in the end leaves nothing',
    async (_case, fault, name, said) => {
      fail('POST', 'webhooks', fault);
      await expect(zapier.turnOn('payout_sent')).rejects.toMatchObject({
        name,
        message: expect.stringMatching(said),
      });
      // An endpoint of which the app could not learn is gone with the first event: Zapier answers 410.
      await sandbox.emit('payout.completed');
      expect(sandbox.subscriptions()).toEqual([]);
    },
  );

  it('that was asked for twice on the way runs once for an event, and in the end leaves nothing', async () => {
    fail('POST', 'webhooks', { twice: true });
    const zap = await zapier.turnOn('payout_sent');
    // Both have the same secret. As long as the other is there, each event comes as two copies.
    const copies = sandbox.subscriptions().length;
    const results = await sandbox.emit('payout.completed');
    expect(results).toHaveLength(copies);
    await zapier.settled();
    expect(zap.runs.flatMap(({ records }) => records)).toHaveLength(1);
    await zapier.turnOff(zap);
    await sandbox.emit('payout.completed');
    expect(sandbox.subscriptions()).toEqual([]);
  });
});

describe('turning off a Zap', () => {
  it.each(FAULTS.filter(([, fault]) => !('status' in fault && fault.status === 200)))(
    'with %s says so, and can be done again',
    async (_case, fault, name, said) => {
      const zap = await zapier.turnOn('payout_sent');
      fail('DELETE', 'webhooks/*', fault);
      await expect(zapier.turnOff(zap)).rejects.toMatchObject({
        name,
        message: expect.stringMatching(said),
      });
      await zapier.turnOff(zap);
      expect(sandbox.subscriptions()).toEqual([]);
    },
  );

  it('that was asked for twice on the way is done', async () => {
    const zap = await zapier.turnOn('payout_sent');
    fail('DELETE', 'webhooks/*', { twice: true });
    await zapier.turnOff(zap);
    expect(sandbox.subscriptions()).toEqual([]);
  });
});

let written = 0;

/** Records a conversion, or does so again. */
function record(number: number): Promise<unknown> {
  return zapier.call('creates.record_conversion.operation.perform', {
    inputData: {
      ...{ affiliate_id: 'aff_xyz789', amount: 5, currency: 'USD', external_id: `order-${number}` },
    },
  });
}

async function recorded(number: number): Promise<number> {
  const response = await fetch(
    `${sandbox.baseUrl}/api/v1/conversions?external_id=order-${number}`,
    { headers: { authorization: `Bearer ${sandbox.apiKey}` } },
  );
  return ((await response.json()) as { data: unknown[] }).data.length;
}

describe('recording a conversion', () => {
  it.each(FAULTS)(
    'with %s says whether it may have happened, and records it once when it runs again',
    async (_case, fault, name, said) => {
      const number = (written += 1);
      fail('POST', 'conversions', fault);
      const isRefused = name === 'ThrottledError';
      await expect(record(number)).rejects.toMatchObject({
        name,
        message: expect.stringMatching(
          isRefused
            ? said
            : new RegExp(`^.*not certain.*${said.source}.*It may have happened all the same`),
        ),
      });
      expect(await recorded(number)).toBe(0);
      expect(await record(number)).toMatchObject({ amount: 5, status: 'pending' });
      expect(await recorded(number)).toBe(1);
    },
  );

  it('that is sent twice on the way records it once, and gives it', async () => {
    const number = (written += 1);
    fail('POST', 'conversions', { twice: true });
    expect(await record(number)).toMatchObject({ amount: 5 });
    expect(await recorded(number)).toBe(1);
  });
});

const HOW_TO_SEE =
  /not certain whether Attro could create the affiliate.*Look for the email address/;

function create(email: string): Promise<unknown> {
  return zapier.call('creates.create_affiliate.operation.perform', {
    inputData: { email, display_name: 'New' },
  });
}

describe('creating an affiliate', () => {
  it('with a dropped connection says that it may have happened, and how to see', async () => {
    fail('POST', 'affiliates', { drop: true });
    await expect(create('dropped@example.com')).rejects.toThrow(HOW_TO_SEE);
  });

  it('that is sent twice on the way says that there is one, and where to get it', async () => {
    fail('POST', 'affiliates', { twice: true });
    await expect(create('twice@example.com')).rejects.toThrow(/Find or Create Affiliate/);
  });
});
