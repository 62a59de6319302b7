import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoggedRequest, Sandbox } from '../../local/attro/index.ts';
import type { Definition, StepKind } from '../../local/zapier/definition.ts';
import type { ZapierRunner } from '../../local/zapier/index.ts';
import type { StepsRun, ZapStep } from '../../local/zapier/zap-steps.ts';
import { app } from '../support/app.ts';
import { startBoth } from '../support/zapier.ts';

/**
 * Zaps as users build them in the editor, with what its forms offer: dropdowns, a search step before an
 * action, a step that finds or creates. The built app runs against a local Attro, so build before.
 */

let sandbox: Sandbox;
let zapier: ZapierRunner;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  ({ sandbox, zapier, stop } = await startBoth());
  await zapier.connect();
});

afterAll(() => stop?.());

/** What steps make of a record that another app has given, and what Attro was asked to write meanwhile. */
async function run(
  steps: ZapStep[],
  trigger: Record<string, unknown> = {},
): Promise<{ result: StepsRun; writes: LoggedRequest[] }> {
  const before = sandbox.requests().length;
  const result = await zapier.runSteps(steps, trigger);
  const writes = sandbox
    .requests()
    .slice(before)
    .filter(({ method }) => method !== 'GET');
  return { result, writes };
}

function create(key: string, inputs: ZapStep['inputs']): ZapStep {
  return { kind: 'create', name: 'done', key, inputs };
}

describe('a step that finds or creates', () => {
  const step = (email: string): ZapStep => ({
    kind: 'search or create',
    name: 'affiliate',
    key: 'find_affiliate',
    inputs: () => ({ email, display_name: 'Jane Doe', company_name: '' }),
  });

  it('takes the affiliate whom it finds', async () => {
    const { result, writes } = await run([step('affiliate-3@example.com')]);
    expect(result.given['affiliate']).toMatchObject({ affiliate_email: 'affiliate-3@example.com' });
    expect(writes).toEqual([]);
  });

  it('asks Attro to create the one whom it does not find, and says nothing of what is empty', async () => {
    const { writes } = await run([step('new@example.com')]);
    expect(writes).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/affiliates',
        body: { email: 'new@example.com', display_name: 'Jane Doe' },
      },
    ]);
    expect(writes[0]?.body).not.toHaveProperty('company_name');
  });
});

it('what is typed into the form of an action reaches Attro in its own types', async () => {
  const sale = { id: 1001, amount: '99.90', coupon: '' };
  const { writes } = await run(
    [
      create('record_conversion', ({ trigger }) => ({
        affiliate_id: 'aff_seed003',
        amount: trigger?.['amount'],
        currency: 'usd',
        external_id: trigger?.['id'],
        metadata: { plan: 'pro', coupon: trigger?.['coupon'] },
      })),
    ],
    sale,
  );
  expect(writes.map(({ body }) => body)).toEqual([
    {
      affiliate_id: 'aff_seed003',
      amount: 99.9,
      currency: 'USD',
      external_id: '1001',
      metadata: { plan: 'pro' },
    },
  ]);
});

describe('a text that is typed into a form reaches Attro as it was typed', () => {
  it.each([
    [
      'create_affiliate',
      {
        email: 'jane2@example.com',
        display_name: 'Jane 2',
        company_name: '3 Friends',
        website: 'https://example.com/4',
        affiliate_type: 'internal',
      },
      {
        email: 'jane2@example.com',
        display_name: 'Jane 2',
        company_name: '3 Friends',
        website: 'https://example.com/4',
        type: 'internal',
      },
    ],
    [
      'record_conversion',
      {
        affiliate_id: 'aff_seed003',
        amount: '5',
        currency: 'EUR',
        external_id: '007',
        offer_id: 'off_seed001',
        customer_email: 'c5@example.com',
      },
      {
        affiliate_id: 'aff_seed003',
        amount: 5,
        currency: 'EUR',
        external_id: '007',
        offer_id: 'off_seed001',
        customer_email: 'c5@example.com',
      },
    ],
    [
      'update_conversion_status',
      { conversion_id: 'conv_seed003', status: 'rejected', reason: '6th refund' },
      { status: 'rejected', reason: '6th refund' },
    ],
  ])('of %s', async (key, inputs, body) => {
    const { writes } = await run([create(key, () => inputs)]);
    expect(writes.map((write) => write.body)).toEqual([body]);
  });

  it.each([
    ['find_affiliate', { email: 'x7@example.com' }, { email: 'x7@example.com' }],
    ['find_affiliate', { name: '7 Friends' }, { search: '7 Friends' }],
    [
      'find_conversion',
      { customer_email: 'c8@example.com', affiliate_id: 'aff_8', external_id: '0088' },
      { customer_email: 'c8@example.com', affiliate_id: 'aff_8', external_id: '0088' },
    ],
  ])('of %s: %j', async (key, inputs, query) => {
    const before = sandbox.requests().length;
    await run([{ kind: 'search', name: 'found', key, inputs: () => inputs }]);
    const [asked] = sandbox.requests().slice(before);
    expect(asked?.query).toMatchObject(query);
  });

  it('of a trigger', async () => {
    const zap = await zapier.turnOn('payout_sent', { method: 'Wire 9' });
    await sandbox.emit('payout.completed', { data: { id: 'pay_wire', method: 'wire 9' } });
    await sandbox.emit('payout.completed', { data: { id: 'pay_other', method: '9' } });
    await zapier.settled();
    expect(zap.runs.flatMap(({ records }) => records).map(({ id }) => id)).toEqual(['pay_wire']);
    await zapier.turnOff(zap);
  });
});

describe('an empty form', () => {
  it.each([
    ['create_affiliate', 'Email, Name'],
    ['update_affiliate_status', 'Affiliate, Status'],
    ['create_tracking_link', 'Affiliate, Offer'],
    ['record_conversion', 'Affiliate, Amount, Currency, External ID'],
    ['update_conversion_status', 'Conversion, Status'],
  ])('of %s asks for %s before it runs', async (key, labels) => {
    const { result, writes } = await run([create(key, () => ({}))]);
    expect(result.error?.message).toBe(`Zapier asks for what is required: ${labels}.`);
    expect(writes).toEqual([]);
  });

  it.each([
    ['find_affiliate', /Fill in Affiliate, Email, or Name or Company/],
    ['find_conversion', /Fill in Conversion, Customer Email or External ID/],
  ])('of %s is let through by Zapier, and told by the app what it needs', async (key, message) => {
    const { result } = await run([{ kind: 'search', name: 'found', key, inputs: () => ({}) }]);
    expect(result.error?.message).toMatch(message);
  });
});

describe('the search that the editor offers', () => {
  it.each([
    ['update_affiliate_status', 'affiliate_id', { status: 'suspended' }],
    ['create_tracking_link', 'affiliate_id', { offer_id: 'off_seed001' }],
    ['record_conversion', 'affiliate_id', { amount: 5, currency: 'EUR', external_id: 'order_5' }],
    ['update_conversion_status', 'conversion_id', { status: 'rejected' }],
  ])('for %s fills its %s', async (key, input, others) => {
    const { search, output } = zapier.offeredSearch('creates', key, input);
    const ofAffiliate = input === 'affiliate_id';
    const { result, writes } = await run([
      {
        kind: 'search',
        name: 'found',
        key: search,
        inputs: () =>
          ofAffiliate
            ? { email: 'affiliate-3@example.com' }
            : { customer_email: 'customer-3@example.com' },
      },
      create(key, ({ found }) => ({ ...others, [input]: found?.[output] })),
    ]);
    const found = result.given['found']?.[input];
    expect(found).toMatch(ofAffiliate ? /^aff_/ : /^conv_/);
    expect(writes).toHaveLength(1);
    // The record to change is in the path, that to refer to in the body.
    expect(JSON.stringify([writes[0]?.path, writes[0]?.body])).toContain(found);
  });
});

describe('the dropdown', () => {
  const definition = app as unknown as Definition;
  const loaded = (['triggers', 'searches', 'creates'] as const).flatMap((kind) =>
    Object.entries(definition[kind] ?? {}).flatMap(([key, { operation }]) =>
      (operation.inputFields ?? [])
        .filter(({ choices = {} }) => 'perform' in choices)
        .map(({ key: input }) => [kind, key, input] as const),
    ),
  );
  const ID = { affiliate_id: 'aff', offer_id: 'off', conversion_id: 'conv', payout_id: 'pay' };

  it('is there for every kind of record', () => {
    expect(new Set(loaded.map(([, , input]) => input))).toEqual(new Set(Object.keys(ID)));
  });

  it.each(loaded)('of %s.%s shows all records for %s by name', async (kind, key, input) => {
    const choices = await zapier.loadChoices(kind, key, input);
    expect(choices.length).toBeGreaterThan(2);
    expect(new Set(choices.map(({ value }) => value)).size).toBe(choices.length);
    for (const { value, label } of choices) {
      expect(value).toMatch(new RegExp(`^${ID[input as keyof typeof ID]}_\\w+$`));
      expect(label).not.toMatch(/aff_|off_|conv_|pay_|Unnamed/);
    }
  });

  it('of affiliates shows more than Attro lists at once', async () => {
    const choices = await zapier.loadChoices('triggers', 'new_conversion', 'affiliate_id');
    expect(choices.length).toBeGreaterThan(100);
  });

  const TYPES = ['External Partner', 'Internal User'];

  it.each<[StepKind, string, string, string[]]>([
    ['triggers', 'new_affiliate', 'affiliate_type', TYPES],
    ['triggers', 'affiliate_approved', 'affiliate_type', TYPES],
    ['triggers', 'affiliate_suspended', 'affiliate_type', TYPES],
    ['creates', 'create_affiliate', 'affiliate_type', TYPES],
    ['creates', 'update_affiliate_status', 'status', ['Approve', 'Suspend']],
    ['creates', 'update_conversion_status', 'status', ['Approve', 'Reject']],
  ])('of %s.%s shows for %s: %j', async (kind, key, input, labels) => {
    const choices = await zapier.loadChoices(kind, key, input);
    expect(choices.map(({ label }) => label)).toEqual(labels);
  });
});

describe('a choice of a dropdown', () => {
  it.each([
    ['update_affiliate_status', 'affiliate_id', 'Approve', 'active'],
    ['update_affiliate_status', 'affiliate_id', 'Suspend', 'suspended'],
    ['update_conversion_status', 'conversion_id', 'Approve', 'approved'],
    ['update_conversion_status', 'conversion_id', 'Reject', 'rejected'],
  ])('for %s and its %s: %s asks Attro for %s', async (key, input, label, status) => {
    const choices = await zapier.loadChoices('creates', key, 'status');
    const chosen = choices.find((choice) => choice.label === label)?.value;
    const id = input === 'affiliate_id' ? 'aff_seed003' : 'conv_seed003';
    const { writes } = await run([create(key, () => ({ [input]: id, status: chosen }))]);
    expect(writes).toMatchObject([{ method: 'PATCH', body: { status } }]);
    expect(writes[0]?.path).toMatch(new RegExp(`/${id}$`));
  });

  it.each([
    ['External Partner', 'external', 'internal'],
    ['Internal User', 'internal', 'external'],
  ])('narrows a trigger: %s', async (label, type, other) => {
    const choices = await zapier.loadChoices('triggers', 'new_affiliate', 'affiliate_type');
    const affiliate_type = choices.find((choice) => choice.label === label)?.value;
    const zap = await zapier.turnOn('new_affiliate', { affiliate_type });
    await sandbox.emit('affiliate.created', { data: { id: `aff_${type}`, type } });
    await sandbox.emit('affiliate.created', { data: { id: `aff_${other}`, type: other } });
    await zapier.settled();
    const ran = zap.runs.flatMap(({ records }) => records).map(({ id }) => id);
    expect(ran).toEqual([`aff_${type}`]);
    await zapier.turnOff(zap);
  });
});

it('what is typed into the form of a trigger narrows it', async () => {
  const [offer] = await zapier.loadChoices('triggers', 'new_conversion', 'offer_id');
  const zap = await zapier.turnOn('new_conversion', {
    offer_id: offer?.value,
    affiliate_id: '',
    min_amount: '100.50',
    currency: 'eur',
  });
  const sale = { offer_id: offer?.value, amount: 100.5, currency: 'EUR' };
  await sandbox.emit('conversion.created', { data: { ...sale, id: 'conv_fits' } });
  await sandbox.emit('conversion.created', { data: { ...sale, id: 'conv_less', amount: 100.4 } });
  await sandbox.emit('conversion.created', { data: { ...sale, id: 'conv_usd', currency: 'USD' } });
  await sandbox.emit('conversion.created', {
    data: { ...sale, id: 'conv_off', offer_id: 'off_x' },
  });
  await zapier.settled();
  expect(zap.runs.flatMap(({ records }) => records).map(({ id }) => id)).toEqual(['conv_fits']);
  await zapier.turnOff(zap);
});
