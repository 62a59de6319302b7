import { describe, expect, it } from '@jest/globals';
import { outputFieldsOf } from '../../output/fields.ts';
import type { CreateKey } from '../../creates/index.ts';
import { CREATE_TABLE } from '../../creates/table.ts';
import { create, errorOf, messageOf } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { sample } from '../support/deliveries.ts';

mockNetwork();

const { data: affiliate } = sample('affiliate.created');
const { data: conversion } = sample('conversion.created');
const link = {
  id: 'link_1',
  code: 'abc12345',
  url: 'https://get-attro.com/r/abc12345',
  affiliate_id: 'aff_1',
  offer: { id: 'off_1', name: 'Pro Plan' },
  created_at: '2026-01-27T09:15:05Z',
};

/** What is filled in at an affiliate and a conversion, and what is sent of it. */
const PARTNER = { display_name: 'Jane Doe', company_name: 'Acme Corp' };
const NOTHING = { website: '', affiliate_type: '  ' };
const FORM = { ...PARTNER, website: 'acme.com', affiliate_type: 'External Partner' };
const SENT = { ...PARTNER, website: 'https://acme.com', type: 'external' };
const SALE = { offer_id: 'off_1', customer_email: 'customer@example.com', external_id: 'order_1' };

type Request = [inputData: Record<string, unknown>, path: string, body: object];

/** Each action with all of its inputs, and with those alone that it cannot do without. */
const REQUESTS: Record<CreateKey, [Request, ...Request[]]> = {
  create_affiliate: [
    [{ email: ' jane@example.com ', ...FORM }, '', { email: 'jane@example.com', ...SENT }],
    [
      { email: 'j@example.com', display_name: 'Jane', company_name: null, ...NOTHING },
      '',
      { email: 'j@example.com', display_name: 'Jane' },
    ],
  ],
  update_affiliate: [
    [{ affiliate_id: 'aff_1', ...FORM }, '/aff_1', SENT],
    [
      { affiliate_id: 'aff_1', company_name: ' Acme ', display_name: null, ...NOTHING },
      '/aff_1',
      { company_name: 'Acme' },
    ],
  ],
  update_affiliate_status: [
    [{ affiliate_id: '12', status: 'active' }, '/12', { status: 'active' }],
    [{ affiliate_id: 'aff_1', status: 'suspend' }, '/aff_1', { status: 'suspended' }],
  ],
  create_tracking_link: [
    [
      { affiliate_id: 'aff_1', offer_id: 'off_1' },
      '',
      { affiliate_id: 'aff_1', offer_id: 'off_1' },
    ],
  ],
  record_conversion: [
    [
      {
        ...{ ...SALE, affiliate_id: 'aff_1', amount: '99.90', currency: 'usd' },
        metadata: { plan: 'pro', ' seats ': 5, empty: '', '': 'x', none: null },
      },
      '',
      {
        ...{ ...SALE, affiliate_id: 'aff_1', amount: 99.9, currency: 'USD' },
        metadata: { plan: 'pro', seats: '5' },
      },
    ],
    [
      {
        ...{ affiliate_id: 7, amount: 0, currency: 'EUR', external_id: 1001 },
        ...{ offer_id: '', metadata: { empty: '' } },
      },
      '',
      { affiliate_id: '7', amount: 0, currency: 'EUR', external_id: '1001' },
    ],
  ],
  update_conversion_status: [
    [
      { conversion_id: 'conv_1', status: 'Reject', reason: 'Refunded' },
      '/conv_1',
      { status: 'rejected', reason: 'Refunded' },
    ],
    [
      { conversion_id: 'a/b?', status: 'approved', reason: '' },
      '/a%2Fb%3F',
      { status: 'approved' },
    ],
  ],
};

const ANSWERS = { affiliate, conversion, tracking_link: link };

/** Attro, which gets one request of that very body. */
function expecting(method: 'POST' | 'PATCH', path: string, body: object) {
  return attro().intercept(path, method, (sent) => {
    expect(sent).toEqual(body);
    return true;
  });
}

describe.each(CREATE_TABLE)('$label', ({ key, method, path, record }) => {
  const answer = ANSWERS[record];

  it.each(REQUESTS[key])('sends just what was filled in: %j', async (inputData, place, body) => {
    expecting(method, `${path}${place}`, body).reply(method === 'POST' ? 201 : 200, answer);
    const created = await create(key, inputData);
    const declared = outputFieldsOf(record).map((field) => field.key);
    expect(Object.keys(created)).toEqual(expect.arrayContaining(declared));
    expect(created['id']).toBe(answer.id);
  });

  it('takes the record inside an envelope too', async () => {
    const [[inputData, place, body]] = REQUESTS[key];
    expecting(method, `${path}${place}`, body).reply(200, { data: answer });
    expect((await create(key, inputData))['id']).toBe(answer.id);
  });
});

it('gives a tracking link under the names of a Zap', async () => {
  attro().post('/api/v1/tracking-links').reply(200, link);
  expect(
    await create('create_tracking_link', { affiliate_id: 'aff_1', offer_id: 'off_1' }),
  ).toEqual({
    id: 'link_1',
    tracking_link_id: 'link_1',
    tracking_code: 'abc12345',
    tracking_url: 'https://get-attro.com/r/abc12345',
    affiliate_id: 'aff_1',
    offer_id: 'off_1',
    offer_name: 'Pro Plan',
    created_at: '2026-01-27T09:15:05Z',
  });
});

it('gives a rejected conversion with its reason', async () => {
  const [[inputData]] = REQUESTS.update_conversion_status;
  const answer = { ...conversion, status: 'rejected', rejection_reason: 'Refunded' };
  attro().patch('/api/v1/conversions/conv_1').reply(200, answer);
  expect(await create('update_conversion_status', inputData)).toMatchObject({
    conversion_id: 'conv_abc123',
    status: 'rejected',
    rejection_reason: 'Refunded',
    affiliate_name: 'John Smith',
    metadata_plan: 'pro',
  });
});

it('an update of an affiliate that changes nothing says so, and sends nothing', async () => {
  const calling = create('update_affiliate', { affiliate_id: 'Jane Doe', website: ' ' });
  expect(messageOf(await errorOf(calling))).toMatchObject({
    message:
      'Fill in at least one of Name, Company, Website and Affiliate Type, so that there is something to change.',
    code: 'input',
  });
});

describe('what a person calls a record by is looked up once, before anything is written', () => {
  const AFFILIATES = '/api/v1/affiliates';
  const OFFERS = '/api/v1/offers';
  const inputs = { affiliate_id: 'aff_1', offer_id: 'off_1' };
  const jane = { id: 'aff_7', ...PARTNER, email: 'Jane@example.com' };
  const namesake = { id: 'aff_8', display_name: 'jane doe', company_name: 'Other Corp' };
  const pro = { id: 'off_7', name: 'Pro Plan' };

  it.each<[string, object[], object]>([
    ['Jane Doe', [jane, { id: 'aff_9', display_name: 'Jane Doe-Roe' }], { search: 'Jane Doe' }],
    [' JÁNE  doe ', [jane], { search: 'JÁNE  doe' }],
    ['Jane Doe (Acme Corp)', [namesake, jane], { search: 'Jane Doe' }],
    ['(Jane Doe)', [{ ...jane, display_name: '(Jane Doe)' }], { search: '(Jane Doe)' }],
    ['jane@example.com', [jane], { email: 'jane@example.com' }],
    ['aff 7', [jane], { search: 'aff 7' }],
  ])('an affiliate as %s', async (said, answer, query) => {
    attro()
      .get(AFFILIATES)
      .query({ ...query, limit: 100 })
      .reply(200, answer);
    expecting('POST', '/api/v1/tracking-links', { ...inputs, affiliate_id: 'aff_7' }).reply(
      201,
      link,
    );
    await create('create_tracking_link', { ...inputs, affiliate_id: said });
  });

  it('an affiliate and an offer at once, one of them past the first answer', async () => {
    attro().get(AFFILIATES).query({ search: 'Jane Doe', limit: 100 }).reply(200, [jane]);
    attro().get(OFFERS).query({ search: 'pro-plan', limit: 100 }).reply(200, []);
    attro().get(OFFERS).query({ limit: 100 }).reply(200, { data: [], next_cursor: 'c2' });
    attro().get(OFFERS).query({ limit: 100, cursor: 'c2' }).reply(200, [pro]);
    const ids = { affiliate_id: 'aff_7', offer_id: 'off_7' };
    expecting('POST', '/api/v1/tracking-links', ids).reply(201, link);
    await create('create_tracking_link', { affiliate_id: 'Jane Doe', offer_id: 'pro-plan' });
  });

  it.each(['aff_x1', '7', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', '01ARZ3NDEKTSV4RRFFQ69G5FAV'])(
    'but %s has the form of an ID, and is sent as it is',
    async (affiliate_id) => {
      expecting('POST', '/api/v1/tracking-links', { ...inputs, affiliate_id }).reply(201, link);
      await create('create_tracking_link', { ...inputs, affiliate_id });
    },
  );

  const TWO =
    /^Affiliate names 2 affiliates that your account has\. Pick .* with the step Find Affiliate and use its ID\.$/;
  const NONE =
    /^Affiliate names no affiliate that could be found\. It must be an ID, an email address or a full name: .*Find Affiliate\.$/;
  const NO_OFFER = /^Offer "Pro" names no offer .*an ID or a full name: .*Find Offer\.$/;
  const NEITHER = /^(?=.*Affiliate names no affiliate)(?=.*Offer "Pro" names no offer)/;

  it.each<[object, object, RegExp]>([
    [{ affiliate_id: 'Jane Doe' }, [jane, namesake], TWO],
    [{ affiliate_id: 'jane@example.org' }, [jane], NONE],
    [{ offer_id: 'Pro' }, [pro], NO_OFFER],
    [{ affiliate_id: 'Jane', offer_id: 'Pro' }, [], NEITHER],
  ])('%j is refused, and nothing is written', async (said, answer, message) => {
    attro()
      .get(/affiliates|offers/)
      .query(true)
      .times(9)
      .optionally()
      .reply(200, answer);
    const error = await errorOf(create('create_tracking_link', { ...inputs, ...said }));
    expect(messageOf(error).code).toBe('input');
    expect(messageOf(error).message).toMatch(message);
    expect(messageOf(error).message).not.toMatch(/jane@/);
  });

  it('is not written where the lookup fails, and says why', async () => {
    attro().get(AFFILIATES).query(true).reply(500, {});
    const error = await errorOf(
      create('create_tracking_link', { ...inputs, affiliate_id: 'Jane' }),
    );
    expect(messageOf(error).message).toMatch(/^Attro could not list your affiliates\./);
  });
});
