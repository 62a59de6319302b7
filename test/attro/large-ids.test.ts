import { describe, expect, it } from '@jest/globals';
import { call, callTrigger, create, search } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { receivedSigned, sampleText, SUBSCRIPTION } from '../support/deliveries.ts';

mockNetwork();

/** Two ids past 2^53 that are one and the same number to JSON.parse. */
const ONE = '12345678901234567890';
const OTHER = '12345678901234567891';

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** A conversion as Attro would send it if its ids were numbers. */
function conversion(id: string): string {
  return `{
    "id": ${id},
    "affiliate_id": 9007199254740993,
    "offer_id": ${OTHER},
    "amount": 99.00,
    "commission_amount": 12345678901234567890,
    "currency": "USD",
    "status": "pending",
    "metadata": { "order_id": ${OTHER}, "visits": 12345678901234567890 },
    "campaign_ids": [7, ${ONE}, ${OTHER}],
    "partner": { "id": ${OTHER} },
    "teamId": ${OTHER},
    "created_at": "2026-01-26T12:00:00Z"
  }`;
}

function delivery(id: string): string {
  return `{"event":"conversion.created","timestamp":"2026-01-26T12:00:00Z","data":${conversion(id)}}`;
}

/** What a user sees of it: the digits of ids, and numbers where numbers were sent. */
const SEEN = {
  id: ONE,
  conversion_id: ONE,
  attro_url: `https://get-attro.com/conversions/${ONE}`,
  affiliate_id: '9007199254740993',
  offer_id: OTHER,
  amount: 99,
  commission: Number(ONE),
  metadata_order_id: OTHER,
  metadata_visits: Number(ONE),
  metadata_summary: `order_id: ${OTHER}, visits: 12345678901234567000`,
};

describe('an id past 2^53 keeps its digits', () => {
  it('in a delivery, in every field that is an id', async () => {
    const bundle = await receivedSigned(delivery(ONE));
    const { results } = await callTrigger('new_conversion', 'perform', bundle);
    expect(results).toEqual([
      expect.objectContaining({
        ...SEEN,
        campaign_ids: `7, ${ONE}, ${OTHER}`,
        partner_id: OTHER,
        teamId: OTHER,
      }),
    ]);
  });

  it('in a list', async () => {
    attro()
      .get('/api/v1/conversions')
      .query(true)
      .reply(200, `{"data":[${conversion(ONE)},${conversion(OTHER)}]}`, JSON_TYPE);
    const { results } = await callTrigger('new_conversion', 'performList');
    expect(results[0]).toMatchObject(SEEN);
    expect(results.map(({ id }) => id)).toEqual([ONE, OTHER]);
  });

  it('in a dropdown, whose choice then fits', async () => {
    attro()
      .get('/api/v1/offers')
      .query(true)
      .reply(200, `[{"id":${ONE},"name":"Pro"},{"id":${OTHER},"name":"Team"}]`, JSON_TYPE);
    const { results } = await call<{ results: { id: string }[] }>(
      'triggers.new_conversion.operation.inputFields.0.choices.perform',
    );
    expect(results.results.map(({ id }) => id)).toEqual([ONE, OTHER]);

    const perform = async (offer_id?: string) => {
      const bundle = await receivedSigned(delivery(ONE), { inputData: { offer_id } });
      return (await callTrigger('new_conversion', 'perform', bundle)).results.length;
    };
    expect(await perform(results.results[0]?.id)).toBe(0);
    expect(await perform(results.results[1]?.id)).toBe(1);
  });

  it('in records that are found, none of which is taken for another', async () => {
    const list = `[${conversion(ONE)},${conversion(OTHER)},${conversion(ONE)}]`;
    attro().get('/api/v1/conversions').query(true).reply(200, list, JSON_TYPE);
    const found = await search('find_conversion', { external_id: 'order_1' });
    expect(found.map(({ id }) => id)).toEqual([ONE, OTHER]);
    attro().get(`/api/v1/conversions/${ONE}`).reply(200, conversion(ONE), JSON_TYPE);
    expect(await search('find_conversion', { conversion_id: ONE })).toEqual(found.slice(0, 1));
  });

  it('in the answer to a write', async () => {
    attro()
      .post('/api/v1/tracking-links')
      .reply(201, `{"data":{"id":${ONE},"code":"abc","offer":{"id":${OTHER}}}}`, JSON_TYPE);
    const link = await create('create_tracking_link', { affiliate_id: 'aff_1', offer_id: OTHER });
    expect(link).toMatchObject({ id: ONE, tracking_link_id: ONE, offer_id: OTHER });
  });

  it('in the answer to subscribing, so that the right subscription is ended', async () => {
    const bundle = { targetUrl: 'https://hooks.zapier.com/hooks/standard/1/abc/' };
    attro().post('/api/v1/webhooks').reply(201, `{"id":${ONE}}`, JSON_TYPE);
    type Stored = typeof SUBSCRIPTION;
    const { results } = await callTrigger<Stored>('new_affiliate', 'performSubscribe', bundle);
    expect(results.id).toBe(ONE);
    const ended = attro().delete(`/api/v1/webhooks/${ONE}`).reply(204);
    await callTrigger('new_affiliate', 'performUnsubscribe', { subscribeData: results });
    expect(ended.isDone()).toBe(true);
  });

  it('in who is connected', async () => {
    const me = `{"id":${ONE},"organization":{"id":${OTHER},"name":"Acme"}}`;
    attro().get('/api/v1/me').reply(200, me, JSON_TYPE);
    const { results } = await call('authentication.test');
    expect(results).toMatchObject({ id: ONE, account_id: OTHER });
  });
});

it('leaves an id that is a small number as it always was', async () => {
  const body = sampleText('conversion.created')
    .replace('"aff_xyz789"', '7')
    .replace('"metadata": {', '"metadata": { "order_id": 9007199254740991,');
  const { results } = await callTrigger('new_conversion', 'perform', await receivedSigned(body));
  expect(results[0]).toMatchObject({ affiliate_id: '7', metadata_order_id: 9007199254740991 });
});
