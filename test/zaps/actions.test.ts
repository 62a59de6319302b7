import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Sandbox } from '../../local/attro/index.ts';
import type { ZapierRunner } from '../../local/zapier/index.ts';
import { signIn } from '../local/attro/sign-in.ts';
import { startBoth } from '../support/zapier.ts';

/** What the app looks up and writes, against the local Attro. */

type Fields = Record<string, unknown>;

let sandbox: Sandbox;
let zapier: ZapierRunner;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  ({ sandbox, zapier, stop } = await startBoth({
    redirectUris: ['http://127.0.0.1/callback'],
    speed: 1e6,
  }));
  await zapier.connect();
});

afterAll(() => stop?.());

function create(key: string, inputData: Fields): Promise<Fields> {
  return zapier.call(`creates.${key}.operation.perform`, { inputData }) as Promise<Fields>;
}

function find(key: string, inputData: Fields): Promise<Fields[]> {
  return zapier.call(`searches.${key}.operation.perform`, { inputData }) as Promise<Fields[]>;
}

/** The records that a Zap of one trigger runs for while something is done. */
async function runsDuring(triggerKey: string, work: () => Promise<unknown>): Promise<Fields[]> {
  const zap = await zapier.turnOn(triggerKey);
  await work();
  await sandbox.settled();
  await zapier.settled();
  await zapier.turnOff(zap);
  return zap.runs.flatMap(({ records }) => records);
}

/** What a user reads of a call that fails. */
async function failureOf(calling: Promise<unknown>): Promise<string> {
  const error = await calling.then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  return error?.message ?? 'It did not fail.';
}

/** How many requests of a method and path Attro has received. */
function count(method: string, path: string): number {
  return sandbox.requests().filter((request) => request.method === method && request.path === path)
    .length;
}

const PERSON = { email: 'New.Partner@example.com', display_name: 'New Partner' };

describe('affiliates', () => {
  it('one that is created runs New Affiliate, is found by e-mail in any case and by name, and is listed', async () => {
    let created: Fields = {};
    const [run] = await runsDuring('new_affiliate', async () => {
      created = await create('create_affiliate', { ...PERSON, company_name: 'Partners Inc' });
    });
    const { event, occurred_at, ...shared } = run ?? {};
    expect([event, occurred_at]).toEqual(['affiliate.created', expect.any(String)]);
    expect(created).toMatchObject(shared);
    expect(created).toMatchObject({ affiliate_status: 'pending', affiliate_type: 'external' });

    expect(await find('find_affiliate', { email: PERSON.email.toLowerCase() })).toEqual([created]);
    expect(await find('find_affiliate', { name: 'partners inc' })).toEqual([created]);
    const [listed] = await zapier.listRecords('new_affiliate');
    expect(listed).toMatchObject({ affiliate_id: created['affiliate_id'] });
  });

  it('one whose e-mail exists in another case is a conflict, and Find or Create takes it', async () => {
    const again = { ...PERSON, email: PERSON.email.toUpperCase() };
    expect(await failureOf(create('create_affiliate', again))).toContain(
      'Find or Create Affiliate',
    );
    const step = (email: string) => ({
      name: 'affiliate',
      kind: 'search or create' as const,
      key: 'find_affiliate',
      inputs: () => ({ ...PERSON, email }),
    });
    const before = count('POST', '/api/v1/affiliates');
    const found = await zapier.runSteps([step(PERSON.email)], {});
    expect(found.given['affiliate']).toMatchObject({ affiliate_email: PERSON.email });
    expect(count('POST', '/api/v1/affiliates')).toBe(before);
    const made = await zapier.runSteps([step('another@example.com')], {});
    expect(made.given['affiliate']).toMatchObject({ affiliate_email: 'another@example.com' });
    expect(count('POST', '/api/v1/affiliates')).toBe(before + 1);
  });

  it('one that is approved runs Affiliate Approved with the status before, and is suspended again', async () => {
    const [affiliate] = await find('find_affiliate', { email: PERSON.email });
    const affiliate_id = affiliate?.['affiliate_id'];
    const approve = () => create('update_affiliate_status', { affiliate_id, status: 'active' });
    expect(await runsDuring('affiliate_approved', approve)).toMatchObject([
      { affiliate_id, affiliate_status: 'active', previous_status: 'pending' },
    ]);
    // It is active already: nothing happens, so nothing is told.
    expect(await runsDuring('affiliate_approved', approve)).toEqual([]);
    const suspend = () => create('update_affiliate_status', { affiliate_id, status: 'Suspend' });
    expect(await runsDuring('affiliate_suspended', suspend)).toMatchObject([
      { affiliate_id, previous_status: 'active' },
    ]);
  });

  it('one that is gone is said to be, by the label of its field', async () => {
    const message = await failureOf(
      create('update_affiliate_status', { affiliate_id: 'aff_gone', status: 'active' }),
    );
    expect(message).toMatch(/nothing by the ID in Affiliate/);
  });
});

describe('tracking links', () => {
  it('an affiliate has one for an offer, however often it is asked for', async () => {
    const asked = { affiliate_id: 'aff_xyz789', offer_id: 'off_def456' };
    const link = await create('create_tracking_link', asked);
    expect(link).toMatchObject({ ...asked, offer_name: 'Pro Plan' });
    expect(link['tracking_url']).toBe(`${sandbox.baseUrl}/r/${String(link['tracking_code'])}`);
    expect(await create('create_tracking_link', asked)).toEqual(link);
    const other = await create('create_tracking_link', { ...asked, offer_id: 'off_seed001' });
    expect(other['tracking_code']).not.toBe(link['tracking_code']);
  });
});

describe('conversions', () => {
  const SALE = {
    affiliate_id: 'aff_xyz789',
    amount: '49.90',
    currency: 'eur',
    external_id: 'order_1',
    customer_email: 'buyer@example.com',
    metadata: { plan: 'pro' },
  };

  it('one that is recorded runs New Conversion once, however often and however many at a time it is recorded', async () => {
    const recorded: Fields[] = [];
    const runs = await runsDuring('new_conversion', async () => {
      recorded.push(await create('record_conversion', SALE));
      recorded.push(...(await Promise.all([1, 2, 3].map(() => create('record_conversion', SALE)))));
    });
    expect(new Set(recorded.map(({ conversion_id }) => conversion_id)).size).toBe(1);
    expect(runs).toMatchObject([
      { amount: 49.9, currency: 'EUR', affiliate_name: 'John Smith', metadata_plan: 'pro' },
    ]);
    const { conversion_id } = recorded[0] ?? {};
    for (const by of [
      { external_id: 'order_1' },
      { customer_email: 'BUYER@example.com', affiliate_id: 'aff_xyz789' },
      { conversion_id },
    ]) {
      expect(await find('find_conversion', by)).toMatchObject([{ conversion_id }]);
    }
  });

  it('another External ID is another conversion, and other values under the same one a conflict', async () => {
    const [first] = await find('find_conversion', { external_id: 'order_1' });
    const other = await create('record_conversion', { ...SALE, external_id: 'order_2' });
    expect(other['conversion_id']).not.toBe(first?.['conversion_id']);
    expect(await failureOf(create('record_conversion', { ...SALE, amount: 50 }))).toContain(
      'was recorded before with other values',
    );
  });

  it('one of an affiliate who is not there is refused by the label of the field', async () => {
    const message = await failureOf(
      create('record_conversion', { ...SALE, affiliate_id: 'aff_gone', external_id: 'order_3' }),
    );
    expect(message).toContain('Affiliate: There is no such affiliate');
  });

  it('one that is rejected runs Conversion Rejected with the reason', async () => {
    const [conversion] = await find('find_conversion', { external_id: 'order_2' });
    const conversion_id = conversion?.['conversion_id'];
    const reject = () =>
      create('update_conversion_status', { conversion_id, status: 'rejected', reason: 'Refunded' });
    expect(await runsDuring('conversion_rejected', reject)).toMatchObject([
      { conversion_id, previous_status: 'pending', rejection_reason: 'Refunded' },
    ]);
    const approve = () => create('update_conversion_status', { conversion_id, status: 'approved' });
    expect(await runsDuring('conversion_approved', approve)).toMatchObject([
      { conversion_id, previous_status: 'rejected' },
    ]);
  });

  it('nothing found is an empty answer, a vanished id too', async () => {
    expect(await find('find_conversion', { conversion_id: 'conv_gone' })).toEqual([]);
    expect(await find('find_conversion', { external_id: 'order_gone' })).toEqual([]);
  });
});

describe('a connection that was made before there were actions', () => {
  it('says which permission it lacks and how to get it, and its triggers go on working', async () => {
    const before = { ...zapier.authData };
    const readOnly = sandbox.scope
      .split(' ')
      .filter((scope) => scope.endsWith(':read') || scope === 'webhooks:write');
    const { access_token, refresh_token } = await signIn(sandbox, readOnly.join(' '));
    Object.assign(zapier.authData, { access_token, refresh_token });

    const failures = await Promise.all([
      failureOf(create('create_affiliate', { ...PERSON, email: 'third@example.com' })),
      failureOf(create('create_tracking_link', { affiliate_id: 'aff_xyz789', offer_id: 'off_1' })),
      failureOf(create('update_conversion_status', { conversion_id: 'c', status: 'approved' })),
    ]);
    const scopes = ['affiliates:write', 'links:write', 'conversions:write'];
    for (const [index, scope] of scopes.entries()) {
      expect(failures[index]).toContain(scope);
      expect(failures[index]).toContain('Reconnect Attro in Zapier');
    }
    const runs = await runsDuring('payout_sent', () => sandbox.emit('payout.completed'));
    expect(runs).toHaveLength(1);
    expect(await find('find_affiliate', { email: PERSON.email })).toHaveLength(1);
    Object.assign(zapier.authData, before);
  });
});
