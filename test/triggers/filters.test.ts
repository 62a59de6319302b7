import { describe, expect, it } from '@jest/globals';
import { EVENTS } from '../../attro/contract.ts';
import type { TriggerKey } from '../../triggers/index.ts';
import { TRIGGER_TABLE } from '../../triggers/table.ts';
import { callTrigger, errorOf, messageOf } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { receivedSigned, sample, sampleWith } from '../support/deliveries.ts';

mockNetwork();

type Inputs = Record<string, unknown>;

function eventOf(key: TriggerKey) {
  const row = TRIGGER_TABLE.find((candidate) => candidate.key === key);
  if (!row) throw new Error(key);
  return row.event;
}

/** Delivers a record to a narrowed trigger. */
async function delivered(key: TriggerKey, inputData: Inputs, data: Inputs) {
  const bundle = await receivedSigned(sampleWith(eventOf(key), data), { inputData });
  const { results, logs } = await callTrigger(key, 'perform', bundle);
  return { ran: results.length === 1, log: logs.join('\n') };
}

/** Lists the same record, however Attro itself narrows its list. */
async function listed(key: TriggerKey, inputData: Inputs, data: Inputs) {
  const event = eventOf(key);
  const queries: Record<string, unknown>[] = [];
  attro()
    .get(EVENTS[event].list.path)
    .query((query) => queries.push(query) > 0)
    .reply(200, [{ ...sample(event).data, ...data }]);
  const { results } = await callTrigger(key, 'performList', {
    inputData,
    meta: { isLoadingSample: true },
  });
  return { found: results.length === 1, query: queries[0] };
}

type Case = [key: TriggerKey, inputs: Inputs, data: Inputs, fits: boolean];

const CASES: Case[] = [
  ['new_affiliate', { affiliate_type: 'external' }, { type: 'external' }, true],
  ['new_affiliate', { affiliate_type: 'EXTERNAL' }, { type: 'external' }, true],
  ['new_affiliate', { affiliate_type: 'internal' }, { type: 'external' }, false],
  ['affiliate_suspended', { affiliate_type: 'ambassador' }, { type: 'ambassador' }, true],
  ['affiliate_approved', { affiliate_type: '' }, { type: 'internal' }, true],
  ['new_conversion', { offer_id: 'off_def456' }, {}, true],
  ['new_conversion', { offer_id: 'off_other' }, {}, false],
  ['conversion_approved', { affiliate_id: 'aff_xyz789' }, {}, true],
  ['conversion_rejected', { affiliate_id: 'aff_other' }, {}, false],
  ['new_conversion', { min_amount: 99, currency: 'USD' }, { amount: 99 }, true],
  ['new_conversion', { min_amount: '99', currency: 'usd' }, { amount: '99.00' }, true],
  ['new_conversion', { min_amount: 99.01, currency: 'USD' }, { amount: 99 }, false],
  ['new_conversion', { min_amount: 1, currency: 'USD' }, { currency: 'EUR' }, false],
  ['new_conversion', { currency: 'EUR' }, { currency: 'EUR' }, true],
  ['new_conversion', { currency: 'EUR' }, { currency: 'USD' }, false],
  ['payout_sent', { min_amount: 500, currency: 'USD' }, {}, true],
  ['payout_failed', { min_amount: 600, currency: 'USD' }, {}, false],
  ['payout_initiated', { method: 'PayPal' }, { method: 'paypal' }, true],
  ['payout_sent', { method: 'wire' }, { method: 'paypal' }, false],
  ['high_fraud_score', { min_fraud_score: 87 }, { fraud_score: 87 }, true],
  ['high_fraud_score', { min_fraud_score: '90' }, { fraud_score: 87 }, false],
  ['high_fraud_score', { min_fraud_score: 80, offer_id: 'off_other' }, {}, false],
  ['high_fraud_score', { min_fraud_score: 0 }, { fraud_score: 76 }, true],
];

describe('a filter narrows deliveries and the list alike', () => {
  it.each(CASES)('%s %j %j: %p', async (key, inputs, data, fits) => {
    expect(await delivered(key, inputs, data)).toMatchObject({ ran: fits });
    expect(await listed(key, inputs, data)).toMatchObject({ found: fits });
  });

  it('says in the log that a delivery does not fit', async () => {
    const { log } = await delivered('payout_sent', { method: 'wire' }, {});
    expect(log).toMatch(/it does not fit the filters of the trigger/);
  });
});

describe('a delivery that lacks what a filter needs runs the Zap, and the log says so', () => {
  it.each<[TriggerKey, Inputs, Inputs]>([
    ['new_affiliate', { affiliate_type: 'external' }, { type: null }],
    ['new_conversion', { offer_id: 'off_1' }, { offer_id: '' }],
    ['new_conversion', { affiliate_id: 'aff_1' }, { affiliate_id: null }],
    ['new_conversion', { min_amount: 500, currency: 'USD' }, { amount: null }],
    ['new_conversion', { min_amount: 500, currency: 'USD' }, { amount: 'much' }],
    ['new_conversion', { min_amount: 500, currency: 'USD' }, { currency: null }],
    ['payout_sent', { method: 'paypal' }, { method: null }],
    ['high_fraud_score', { min_fraud_score: 90 }, { fraud_score: null }],
    // A Zap from before Currency was asked for, or one whose Currency is mapped to nothing.
    ['new_conversion', { min_amount: 500 }, { amount: 1 }],
  ])('%s %j %j', async (key, inputs, data) => {
    const { ran, log } = await delivered(key, inputs, data);
    expect(ran).toBe(true);
    expect(log).toMatch(/lacks a value that a filter needs, so the Zap runs/);
  });

  it('but not when another filter tells that it differs', async () => {
    const inputs = { affiliate_id: 'aff_other', min_amount: 5, currency: 'USD' };
    expect(await delivered('new_conversion', inputs, { amount: null })).toMatchObject({
      ran: false,
    });
  });
});

describe('inputs that cannot work are told before a Zap is turned on or tested', () => {
  it.each<[TriggerKey, Inputs, RegExp]>([
    ['new_conversion', { min_amount: 'lots', currency: 'USD' }, /Minimum Amount must be a number/],
    ['new_conversion', { min_amount: 5 }, /Fill in Currency as well/],
    ['payout_sent', { min_amount: 5, currency: ' ' }, /Fill in Currency as well/],
    ['high_fraud_score', { min_fraud_score: 101 }, /from 0 to 100/],
    ['high_fraud_score', { min_fraud_score: -1 }, /from 0 to 100/],
    ['high_fraud_score', { min_fraud_score: 'high' }, /from 0 to 100/],
  ])('%s %j', async (key, inputData, expected) => {
    for (const name of ['performList', 'performSubscribe'] as const) {
      const error = await errorOf(callTrigger(key, name, { inputData }));
      expect(messageOf(error).message).toMatch(expected);
    }
  });
});

describe("Attro's own list is asked for what fits", () => {
  it.each<[TriggerKey, Inputs, Record<string, string>]>([
    ['new_affiliate', { affiliate_type: 'external' }, { type: 'external', limit: '100' }],
    ['new_affiliate', {}, { limit: '3' }],
    ['affiliate_approved', {}, { status: 'active', limit: '3' }],
    [
      'new_conversion',
      { offer_id: 'off_def456', affiliate_id: 'aff_xyz789' },
      { offer_id: 'off_def456', affiliate_id: 'aff_xyz789', limit: '100' },
    ],
    ['high_fraud_score', {}, { min_fraud_score: '0', limit: '100' }],
    ['high_fraud_score', { min_fraud_score: '80' }, { min_fraud_score: '80', limit: '100' }],
  ])('%s %j', async (key, inputs, query) => {
    expect((await listed(key, inputs, {})).query).toEqual(query);
  });
});
