import { describe, expect, it } from '@jest/globals';
import { EVENTS } from '../../attro/contract.ts';
import { TRIGGER_TABLE } from '../../triggers/table.ts';
import { app, callTrigger, errorOf, messageOf } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { receivedSigned, sample, sampleText, SUBSCRIPTION } from '../support/deliveries.ts';

mockNetwork();

/** What a user sees of the guide's payloads, typed by hand from Attro's guide. */
const AFFILIATE = {
  id: 'aff_abc123',
  attro_url: 'https://get-attro.com/affiliates/aff_abc123',
  affiliate_id: 'aff_abc123',
  affiliate_name: 'Jane Doe',
  affiliate_first_name: 'Jane',
  affiliate_last_name: 'Doe',
  affiliate_email: 'jane@example.com',
  affiliate_company: 'Acme Corp',
  affiliate_type: 'external',
  affiliate_website: 'https://acme.com',
  created_at: '2026-01-26T10:30:00Z',
};
const CONVERSION = {
  id: 'conv_abc123',
  attro_url: 'https://get-attro.com/conversions/conv_abc123',
  conversion_id: 'conv_abc123',
  affiliate_id: 'aff_xyz789',
  affiliate_name: 'John Smith',
  affiliate_first_name: 'John',
  affiliate_last_name: 'Smith',
  offer_id: 'off_def456',
  offer_name: 'Pro Plan',
  amount: 99,
  amount_formatted: '$99.00',
  commission: 19.8,
  commission_formatted: '$19.80',
  currency: 'USD',
  customer_email: 'customer@example.com',
  metadata_summary: 'plan: pro, period: monthly',
  created_at: '2026-01-26T12:00:00Z',
  metadata_plan: 'pro',
  metadata_period: 'monthly',
};
const PAYOUT = {
  id: 'pay_abc123',
  attro_url: 'https://get-attro.com/payouts/pay_abc123',
  payout_id: 'pay_abc123',
  affiliate_id: 'aff_xyz789',
  affiliate_name: 'John Smith',
  affiliate_first_name: 'John',
  affiliate_last_name: 'Smith',
  amount: 523.4,
  amount_formatted: '$523.40',
  currency: 'USD',
  method: 'paypal',
  created_at: '2026-01-26T14:55:00Z',
};
const UNPAID = { transaction_id: null, completed_at: null };

const EXPECTED = {
  new_affiliate: { ...AFFILIATE, affiliate_status: 'pending' },
  affiliate_approved: { ...AFFILIATE, affiliate_status: 'active', previous_status: 'pending' },
  affiliate_suspended: { ...AFFILIATE, affiliate_status: 'suspended', previous_status: 'active' },
  new_conversion: { ...CONVERSION, status: 'pending' },
  conversion_approved: { ...CONVERSION, status: 'approved', previous_status: 'pending' },
  conversion_rejected: {
    ...CONVERSION,
    status: 'rejected',
    previous_status: 'pending',
    rejection_reason: 'The order was refunded',
  },
  payout_initiated: { ...PAYOUT, ...UNPAID, status: 'processing', previous_status: 'pending' },
  payout_sent: {
    ...PAYOUT,
    status: 'completed',
    transaction_id: 'PAY-xxx',
    completed_at: '2026-01-26T15:00:00Z',
    previous_status: null,
  },
  payout_failed: {
    ...PAYOUT,
    ...UNPAID,
    status: 'failed',
    previous_status: 'processing',
    failure_reason: 'The PayPal account cannot receive payments',
  },
  high_fraud_score: {
    ...CONVERSION,
    status: 'pending',
    fraud_score: 87,
    fraud_threshold: 75,
    fraud_reasons: 'Many conversions from one IP address, Customer e-mail matches the affiliate',
  },
} as const;

describe.each(TRIGGER_TABLE)('$key', ({ key, event }) => {
  const { path, status, scope } = EVENTS[event].list;

  it('turns a delivery into one flat record', async () => {
    const { results } = await callTrigger(key, 'perform', await receivedSigned(sampleText(event)));
    expect(results).toEqual([{ ...EXPECTED[key], event, occurred_at: sample(event).timestamp }]);
    expect(results[0]).toMatchObject(app.triggers[key].operation.sample);
  });

  it('lists real records in the same shape', async () => {
    const { data } = sample(event);
    attro()
      .get(path)
      .query((query) => query['status'] === status)
      .reply(200, { data: [data], next_cursor: null });
    const { results } = await callTrigger(key, 'performList', { meta: { isLoadingSample: true } });
    const occurred_at = data['completed_at'] ?? data['created_at'];
    expect(results).toEqual([{ ...EXPECTED[key], event, occurred_at }]);
  });

  it('says which permission its list needs', async () => {
    attro().get(path).query(true).reply(403, {});
    const { message } = messageOf(await errorOf(callTrigger(key, 'performList')));
    expect(message).toContain(`lacks the permission "${scope}".`);
  });

  it('subscribes to its event alone, with a secret of its own', async () => {
    const targetUrl = 'https://hooks.zapier.com/hooks/standard/1/abc/';
    const bodies: Record<string, unknown>[] = [];
    attro()
      .post('/api/v1/webhooks', (body: Record<string, unknown>) => bodies.push(body) > 0)
      .reply(201, { id: 'wh_42', url: targetUrl, events: [event], status: 'active' });
    attro().get('/api/v1/webhooks').query({ limit: 100 }).reply(200, []);
    const { results } = await callTrigger<Record<string, unknown>>(key, 'performSubscribe', {
      targetUrl,
    });
    const secret: unknown = expect.stringMatching(/^whsec_[0-9a-f]{64}$/);
    expect(bodies).toEqual([{ url: targetUrl, events: [event], secret }]);
    expect(results).toEqual({ id: 'wh_42', secret: bodies[0]?.['secret'], filter_records: {} });
  });

  it('unsubscribes by the id that was stored', async () => {
    attro().delete('/api/v1/webhooks/wh_1').reply(204);
    const { results } = await callTrigger(key, 'performUnsubscribe', {
      subscribeData: SUBSCRIPTION,
    });
    expect(results).toEqual({});
  });
});
