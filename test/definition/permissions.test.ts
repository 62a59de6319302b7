import { expect, it } from '@jest/globals';
import { callTrigger, create, errorOf, messageOf, search } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';

mockNetwork();

/** What every search and action can do with. */
const FILLED_IN = {
  affiliate_id: 'aff_1',
  amount: 5,
  conversion_id: 'conv_1',
  currency: 'USD',
  display_name: 'Jane',
  email: 'jane@example.com',
  external_id: 'order_1',
  offer_id: 'off_1',
};

const affiliates = 'affiliates:read';
const conversions = 'conversions:read';
const payouts = 'payouts:read';

type Step = [
  key: string,
  method: 'GET' | 'POST' | 'PATCH',
  scope: string,
  run: () => Promise<unknown>,
];

/** The permission that each step needs, as Attro's description of its API has it. */
const STEPS: Step[] = [
  ...(['new_affiliate', 'affiliate_approved', 'affiliate_suspended'] as const).map((key): Step => [
    key,
    'GET',
    affiliates,
    () => callTrigger(key, 'performList'),
  ]),
  ...(
    ['new_conversion', 'conversion_approved', 'conversion_rejected', 'high_fraud_score'] as const
  ).map((key): Step => [key, 'GET', conversions, () => callTrigger(key, 'performList')]),
  ...(['payout_initiated', 'payout_sent', 'payout_failed'] as const).map((key): Step => [
    key,
    'GET',
    payouts,
    () => callTrigger(key, 'performList'),
  ]),
  ['find_affiliate', 'GET', affiliates, () => search('find_affiliate', { email: 'j@x.de' })],
  ['find_conversion', 'GET', conversions, () => search('find_conversion', FILLED_IN)],
  ['create_affiliate', 'POST', 'affiliates:write', () => create('create_affiliate', FILLED_IN)],
  [
    'update_affiliate_status',
    'PATCH',
    'affiliates:write',
    () => create('update_affiliate_status', { ...FILLED_IN, status: 'active' }),
  ],
  ['create_tracking_link', 'POST', 'links:write', () => create('create_tracking_link', FILLED_IN)],
  ['record_conversion', 'POST', 'conversions:write', () => create('record_conversion', FILLED_IN)],
  [
    'update_conversion_status',
    'PATCH',
    'conversions:write',
    () => create('update_conversion_status', { ...FILLED_IN, status: 'approved' }),
  ],
];

it.each(STEPS)('%s says on a refusal that %s needs the permission %s', async (...step) => {
  const [, method, scope, run] = step;
  attro()
    .intercept(/^\/api\/v1\//, method)
    .reply(403, {});
  const { message } = messageOf(await errorOf(run()));
  expect(message).toContain(`Your connection lacks the permission "${scope}".`);
});
