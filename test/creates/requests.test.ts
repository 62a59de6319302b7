import { describe, expect, it } from '@jest/globals';
import { outputFieldsOf } from '../../output/fields.ts';
import type { CreateKey } from '../../creates/index.ts';
import { CREATE_TABLE } from '../../creates/table.ts';
import { create } from '../support/app.ts';
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

interface Request {
  inputData: Record<string, unknown>;
  path: string;
  body: object;
  answer: { id: string } & Record<string, unknown>;
}

/** Each action with all of its inputs, and with those alone that it cannot do without. */
const REQUESTS: Record<CreateKey, [Request, ...Request[]]> = {
  create_affiliate: [
    {
      inputData: {
        email: ' jane@example.com ',
        display_name: 'Jane Doe',
        company_name: 'Acme Corp',
        website: 'https://acme.com',
        affiliate_type: 'external',
      },
      path: '/api/v1/affiliates',
      body: {
        email: 'jane@example.com',
        display_name: 'Jane Doe',
        company_name: 'Acme Corp',
        website: 'https://acme.com',
        type: 'external',
      },
      answer: affiliate,
    },
    {
      inputData: {
        email: 'jane@example.com',
        display_name: 'Jane',
        company_name: '',
        website: null,
        affiliate_type: '  ',
      },
      path: '/api/v1/affiliates',
      body: { email: 'jane@example.com', display_name: 'Jane' },
      answer: affiliate,
    },
  ],
  update_affiliate_status: [
    {
      inputData: { affiliate_id: 'aff/1', status: 'active' },
      path: '/api/v1/affiliates/aff%2F1',
      body: { status: 'active' },
      answer: { ...affiliate, status: 'active' },
    },
    {
      inputData: { affiliate_id: 'aff_1', status: 'suspend' },
      path: '/api/v1/affiliates/aff_1',
      body: { status: 'suspended' },
      answer: { ...affiliate, status: 'suspended' },
    },
  ],
  create_tracking_link: [
    {
      inputData: { affiliate_id: 'aff_1', offer_id: 'off_1' },
      path: '/api/v1/tracking-links',
      body: { affiliate_id: 'aff_1', offer_id: 'off_1' },
      answer: link,
    },
  ],
  record_conversion: [
    {
      inputData: {
        affiliate_id: 'aff_1',
        amount: '99.90',
        currency: 'usd',
        external_id: 'order_1',
        offer_id: 'off_1',
        customer_email: 'customer@example.com',
        metadata: { plan: 'pro', ' seats ': 5, empty: '', '': 'x', none: null },
      },
      path: '/api/v1/conversions',
      body: {
        affiliate_id: 'aff_1',
        amount: 99.9,
        currency: 'USD',
        external_id: 'order_1',
        offer_id: 'off_1',
        customer_email: 'customer@example.com',
        metadata: { plan: 'pro', seats: '5' },
      },
      answer: conversion,
    },
    {
      inputData: {
        affiliate_id: 7,
        amount: 0,
        currency: 'EUR',
        external_id: 1001,
        metadata: { empty: '' },
        offer_id: '',
      },
      path: '/api/v1/conversions',
      body: { affiliate_id: '7', amount: 0, currency: 'EUR', external_id: '1001' },
      answer: conversion,
    },
  ],
  update_conversion_status: [
    {
      inputData: { conversion_id: 'conv_1', status: 'Reject', reason: 'Refunded' },
      path: '/api/v1/conversions/conv_1',
      body: { status: 'rejected', reason: 'Refunded' },
      answer: { ...conversion, status: 'rejected', rejection_reason: 'Refunded' },
    },
    {
      inputData: { conversion_id: 'conv_1', status: 'approved', reason: '' },
      path: '/api/v1/conversions/conv_1',
      body: { status: 'approved' },
      answer: { ...conversion, status: 'approved' },
    },
  ],
};

/** Attro, which gets one request of that very body. */
function expecting(method: 'POST' | 'PATCH', path: string, body: object) {
  return attro().intercept(path, method, (sent) => {
    expect(sent).toEqual(body);
    return true;
  });
}

describe.each(CREATE_TABLE)('$label', ({ key, method, record }) => {
  it.each(REQUESTS[key])('sends just what was filled in: $inputData', async (request) => {
    const { inputData, path, body, answer } = request;
    expecting(method, path, body).reply(method === 'POST' ? 201 : 200, answer);
    const created = await create(key, inputData);
    const declared = outputFieldsOf(record).map((field) => field.key);
    expect(Object.keys(created)).toEqual(expect.arrayContaining(declared));
    expect(created['id']).toBe(answer.id);
  });

  it('takes the record inside an envelope too', async () => {
    const [{ inputData, path, body, answer }] = REQUESTS[key];
    expecting(method, path, body).reply(200, { data: answer });
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
  const [{ inputData, answer }] = REQUESTS.update_conversion_status;
  attro().patch('/api/v1/conversions/conv_1').reply(200, answer);
  expect(await create('update_conversion_status', inputData)).toMatchObject({
    conversion_id: 'conv_abc123',
    status: 'rejected',
    rejection_reason: 'Refunded',
    affiliate_name: 'John Smith',
    metadata_plan: 'pro',
  });
});
