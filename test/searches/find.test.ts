import { describe, expect, it } from '@jest/globals';
import { callTrigger, errorOf, messageOf, search } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { receivedSigned, sample, sampleText } from '../support/deliveries.ts';

mockNetwork();

const AFFILIATES = '/api/v1/affiliates';
const CONVERSIONS = '/api/v1/conversions';
const { data: jane } = sample('affiliate.created');
const { data: conversion } = sample('conversion.created');

/** An affiliate of a name, made on a day of January. */
function affiliate(id: string, day: number, more: Record<string, unknown> = {}) {
  const created_at = `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`;
  return { ...jane, id, created_at, ...more };
}

function page(data: unknown[]): { data: unknown[]; next_cursor: null } {
  return { data, next_cursor: null };
}

const ids = (records: { id?: unknown }[]): unknown[] => records.map(({ id }) => id);

describe('Find Affiliate', () => {
  it('asks for one email address and gives its affiliate as triggers give it', async () => {
    attro()
      .get(AFFILIATES)
      .query({ email: 'Jane@Example.com', limit: 10 })
      .reply(200, page([jane]));
    const found = await search('find_affiliate', { email: ' Jane@Example.com ', name: '' });
    const delivery = await receivedSigned(sampleText('affiliate.created'));
    const { results } = await callTrigger('new_affiliate', 'perform', delivery);
    // What only an event has is not there; what only some events tell is.
    const { event: _event, occurred_at: _time, ...asTriggered } = results[0] ?? {};
    expect(asTriggered).toMatchObject({ id: 'aff_abc123', affiliate_name: 'Jane Doe' });
    expect(found).toEqual([{ ...asTriggered, previous_status: null }]);
  });

  it('asks for a name, and gives the newest first and ten at the most', async () => {
    const many = Array.from({ length: 12 }, (_, index) => affiliate(`aff_${index + 1}`, index + 1));
    attro().get(AFFILIATES).query({ search: 'doe', limit: 100 }).reply(200, page(many));
    const found = await search('find_affiliate', { name: 'doe' });
    expect(ids(found)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((day) => `aff_${day}`));
  });

  it('puts the exact email address before those of the name, and nobody twice', async () => {
    const exact = affiliate('exact', 1);
    const newer = affiliate('newer', 9, { email: 'other@example.com' });
    const undated = affiliate('undated', 1, { created_at: null });
    attro()
      .get(AFFILIATES)
      .query({ email: 'jane@example.com', limit: 10 })
      .reply(200, page([exact]))
      .get(AFFILIATES)
      .query({ search: 'Jane', limit: 100 })
      .reply(200, page([undated, { ...undated, id: 'undated too' }, exact, newer]));
    const found = await search('find_affiliate', { email: 'jane@example.com', name: 'Jane' });
    expect(ids(found)).toEqual(['exact', 'newer', 'undated', 'undated too']);
  });

  it('finds by name or company, without case and accents', async () => {
    const records = [
      affiliate('name', 3, { display_name: 'María José', company_name: null }),
      affiliate('company', 2, { display_name: 'X', company_name: 'Maria & Sons' }),
      affiliate('neither', 1, { display_name: 'X', company_name: null }),
    ];
    attro().get(AFFILIATES).query({ search: 'MARIA', limit: 100 }).reply(200, records);
    expect(ids(await search('find_affiliate', { name: 'MARIA' }))).toEqual(['name', 'company']);
  });

  it('gives nobody else should Attro overlook the question', async () => {
    const strangers = [affiliate('a', 1, { email: 'x@example.com' }), { id: 'b' }];
    attro().get(AFFILIATES).query(true).reply(200, page(strangers));
    expect(await search('find_affiliate', { email: 'jane@example.com' })).toEqual([]);
  });
});

describe('Find Affiliate by what names one', () => {
  it('gets one by its id, which decides alone', async () => {
    attro().get(`${AFFILIATES}/aff_abc123`).reply(200, jane);
    const inputs = { affiliate_id: 'aff_abc123', email: 'no address', name: 'X' };
    expect(ids(await search('find_affiliate', inputs))).toEqual(['aff_abc123']);
  });

  it.each([
    [{ affiliate_id: 'Jane Doe' }, { search: 'Jane Doe', limit: 100 }],
    [{ affiliate_id: 'jane@example.com' }, { email: 'jane@example.com', limit: 10 }],
    [{ name: 'jane@example.com' }, { email: 'jane@example.com', limit: 10 }],
  ])('looks for %j', async (inputs, query) => {
    attro().get(AFFILIATES).query(query).reply(200, [jane]);
    expect(ids(await search('find_affiliate', inputs))).toEqual(['aff_abc123']);
  });

  it('looks among the newest where the search of Attro overlooks less', async () => {
    attro().get(AFFILIATES).query({ search: 'jane-doe', limit: 100 }).reply(200, []);
    attro().get(AFFILIATES).query({ limit: 100 }).reply(200, [jane]);
    expect(ids(await search('find_affiliate', { name: 'jane-doe' }))).toEqual(['aff_abc123']);
  });
});

describe('Find Offer', () => {
  const OFFERS = '/api/v1/offers';
  const offers = ['Pro Plan Yearly', 'Pro plan', 'Basic'].map((name, index) => ({
    id: `off_${index + 1}`,
    name,
    status: 'active',
    created_at: `2026-01-0${9 - index}T00:00:00Z`,
  }));

  it('gets one by its id, under the names of a Zap', async () => {
    attro().get(`${OFFERS}/off_2`).reply(200, offers[1]);
    expect(await search('find_offer', { offer_id: 'off_2', name: 'Basic' })).toEqual([
      {
        id: 'off_2',
        attro_url: 'https://get-attro.com/offers/off_2',
        offer_id: 'off_2',
        offer_name: 'Pro plan',
        offer_status: 'active',
        created_at: '2026-01-08T00:00:00Z',
      },
    ]);
  });

  it.each([
    [{ name: 'PRO PLÁN' }, ['off_2', 'off_1']],
    [{ name: 'pro' }, ['off_1', 'off_2']],
    [{ offer_id: 'pro plan' }, ['off_2']],
    [{ name: 'gold' }, []],
  ])('finds by a name or part of one, the exact name first: %j', async (inputs, expected) => {
    attro().get(OFFERS).query(true).times(3).optionally().reply(200, page(offers));
    expect(ids(await search('find_offer', inputs))).toEqual(expected);
  });
});

describe('Find Payout', () => {
  const PAYOUTS = '/api/v1/payouts';
  const { data: payout } = sample('payout.completed');
  const older = { ...payout, id: 'pay_1', created_at: '2025-01-01T00:00:00Z' };

  it('gets one by its id, as triggers give it', async () => {
    attro().get(`${PAYOUTS}/pay_abc123`).reply(200, payout);
    const [found] = await search('find_payout', { payout_id: 'pay_abc123', status: 'failed' });
    const delivery = await receivedSigned(sampleText('payout.completed'));
    const { results } = await callTrigger('payout_sent', 'perform', delivery);
    const { event: _event, occurred_at: _time, ...asTriggered } = results[0] ?? {};
    expect(found).toEqual({ ...asTriggered, failure_reason: null });
  });

  it.each([
    [{}, {}],
    [{ affiliate_id: 'aff_xyz789' }, { affiliate_id: 'aff_xyz789' }],
    [{ status: 'Sent' }, { status: 'completed' }],
  ])('finds the newest of %j', async (inputs, query) => {
    attro()
      .get(PAYOUTS)
      .query({ ...query, limit: 10 })
      .reply(200, [older, payout]);
    expect(ids(await search('find_payout', inputs))).toEqual(['pay_abc123', 'pay_1']);
  });

  it('finds none of another affiliate or status should Attro overlook the question', async () => {
    const inputs = { affiliate_id: 'aff_xyz789', status: 'completed' };
    const failed = { ...payout, id: 'pay_2', status: 'failed' };
    const strangers = { ...payout, id: 'pay_3', affiliate_id: 'aff_1' };
    attro()
      .get(PAYOUTS)
      .query({ ...inputs, limit: 10 })
      .reply(200, [older, failed, strangers, payout]);
    expect(ids(await search('find_payout', inputs))).toEqual(['pay_abc123', 'pay_1']);
  });

  it('of an affiliate by name, who is looked up first', async () => {
    attro()
      .get(AFFILIATES)
      .query({ search: 'John Smith', limit: 100 })
      .reply(200, [{ id: 'aff_xyz789', display_name: 'John Smith' }]);
    attro().get(PAYOUTS).query({ affiliate_id: 'aff_xyz789', limit: 10 }).reply(200, [payout]);
    expect(await search('find_payout', { affiliate_id: 'John Smith' })).toHaveLength(1);
  });

  it('of an affiliate whom nobody knows is refused, and not found to be none', async () => {
    attro().get(AFFILIATES).query(true).times(2).reply(200, []);
    const error = await errorOf(search('find_payout', { affiliate_id: 'Nobody' }));
    expect(messageOf(error).message).toMatch(/^Affiliate names no affiliate/);
  });
});

describe('Find Conversion', () => {
  it('gets one by its id, and uses nothing else', async () => {
    attro().get(`${CONVERSIONS}/conv_abc123`).reply(200, conversion);
    const [found, ...others] = await search('find_conversion', {
      conversion_id: 'conv_abc123',
      customer_email: 'no address',
      affiliate_id: 'Nobody',
      external_id: 'order_1',
    });
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      id: 'conv_abc123',
      conversion_id: 'conv_abc123',
      amount: 99,
      amount_formatted: '$99.00',
      metadata_plan: 'pro',
      fraud_score: null,
      rejection_reason: null,
    });
  });

  it('gets one in an envelope, and by an id that needs escaping', async () => {
    attro().get(`${CONVERSIONS}/a%2Fb%3F`).reply(200, { data: conversion });
    expect(await search('find_conversion', { conversion_id: 'a/b?' })).toHaveLength(1);
  });

  it.each([404, 410])('gives an empty list for an id that is gone (%i)', async (status) => {
    attro().get(`${CONVERSIONS}/conv_gone`).reply(status, { error: 'Not found' });
    expect(await search('find_conversion', { conversion_id: 'conv_gone' })).toEqual([]);
  });

  it.each([
    [{ customer_email: 'Customer@example.com' }, {}],
    [{ customer_email: 'customer@example.com', affiliate_id: 'aff_xyz789' }, {}],
    [{ external_id: 'order_1' }, { external_id: 'order_1' }],
    [{ external_id: 'order_1' }, {}],
  ])('asks for %j', async (inputData, more) => {
    attro()
      .get(CONVERSIONS)
      .query({ ...inputData, limit: 10 })
      .reply(200, page([{ ...conversion, ...more }]));
    expect(ids(await search('find_conversion', inputData))).toEqual(['conv_abc123']);
  });

  it.each([
    [{ customer_email: 'customer@example.com' }, { customer_email: 'x@example.com' }],
    [{ customer_email: 'customer@example.com' }, { customer_email: null }],
    [{ customer_email: 'customer@example.com', affiliate_id: 'aff_1' }, {}],
    [{ external_id: 'order_1' }, { external_id: 'order_2' }],
  ])('of %j gives nothing else should Attro overlook the question', async (inputData, more) => {
    attro()
      .get(CONVERSIONS)
      .query(true)
      .reply(200, page([{ ...conversion, ...more }]));
    expect(await search('find_conversion', inputData)).toEqual([]);
  });
});

const EMPTY = (labels: string): string =>
  `Fill in ${labels}, so that there is something to look for.`;
const NO_AFFILIATE = EMPTY('Affiliate, Email, or Name or Company');
const NO_CONVERSION = EMPTY('Conversion, Customer Email or External ID');
const NO_EMAIL = 'Email must be one email address, such as jane@example.com.';
const NO_ID =
  'Conversion must be an ID. Pick one from the list, or find it with the step Find Conversion.';

describe('nothing is asked', () => {
  it.each([
    ['find_affiliate', {}, NO_AFFILIATE],
    ['find_affiliate', { email: ' ', name: null }, NO_AFFILIATE],
    ['find_offer', { name: ' ' }, EMPTY('Offer or Name')],
    ['find_affiliate', { email: 'jane' }, NO_EMAIL],
    ['find_conversion', { affiliate_id: 'aff_1' }, NO_CONVERSION],
    ['find_conversion', { conversion_id: '..' }, NO_ID],
  ] as const)('of Attro by %s with %j', async (key, inputData, message) => {
    const error = await errorOf(search(key, inputData));
    expect(messageOf(error)).toMatchObject({ message, code: 'input' });
  });
});

describe('what goes wrong is said', () => {
  it.each([
    [403, {}, 'permission_missing', /lacks the permission "conversions:read".*Reconnect/],
    [200, '<html>', 'unreadable_answer', /could not look up one of your conversions.*not be read/],
  ])('for %i %j', async (status, body, code, words) => {
    attro().get(`${CONVERSIONS}/conv_1`).reply(status, body);
    const error = messageOf(await errorOf(search('find_conversion', { conversion_id: 'conv_1' })));
    expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
  });

  it('for a list that cannot be had, a 404 included', async () => {
    attro().get(AFFILIATES).query(true).reply(404, {});
    const error = await errorOf(search('find_affiliate', { email: 'jane@example.com' }));
    expect(messageOf(error)).toMatchObject({ code: 'not_found' });
  });

  it('and an expired token is left to Zapier', async () => {
    attro().get(AFFILIATES).query(true).reply(401, {});
    const error = await errorOf(search('find_affiliate', { name: 'Jane' }));
    expect(error.name).toBe('RefreshAuthError');
  });
});
