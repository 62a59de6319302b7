import { describe, expect, it } from '@jest/globals';
import type nock from 'nock';
import type { TriggerKey } from '../../triggers/index.ts';
import { callTrigger } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { sample } from '../support/deliveries.ts';

mockNetwork();

const { data } = sample('conversion.created');
const CONVERSIONS = '/api/v1/conversions';
const isLoadingSample = { meta: { isLoadingSample: true } };

/** Has Attro list these, and gives what the editor is shown of them. */
async function listed(answer: nock.Body, key: TriggerKey = 'new_conversion') {
  attro().get(CONVERSIONS).query(true).reply(200, answer);
  return (await callTrigger(key, 'performList', isLoadingSample)).results;
}

function conversions(count: number, change: Record<string, unknown> = {}) {
  return Array.from({ length: count }, (_, index) => ({ ...data, id: `conv_${index}`, ...change }));
}

describe('a list for the editor', () => {
  it('holds three records while a sample is loading', async () => {
    attro()
      .get(CONVERSIONS)
      .query({ limit: 3 })
      .reply(200, { data: conversions(5), next_cursor: 'c' });
    const { results } = await callTrigger('new_conversion', 'performList', isLoadingSample);
    expect(results.map(({ id }) => id)).toEqual(['conv_0', 'conv_1', 'conv_2']);
  });

  it('holds the newest page otherwise, and needs no meta for that', async () => {
    attro()
      .get(CONVERSIONS)
      .query({ limit: 100 })
      .reply(200, { data: conversions(5), next_cursor: 'c' });
    const { results } = await callTrigger('new_conversion', 'performList', { meta: undefined });
    expect(results).toHaveLength(5);
  });

  it.each([[[]], [{ data: [], next_cursor: null }], [{ data: [] }]])(
    'is empty for an empty account that answers %j',
    async (body) => {
      expect(await listed(body)).toEqual([]);
    },
  );

  it('leaves out what has no id', async () => {
    const list = [null, 'text', { amount: 5 }, { ...data, id: 7 }];
    const results = await listed(list);
    expect(results.map(({ id }) => id)).toEqual(['7']);
  });

  it('looks at one more page when too few records fit', async () => {
    const bundle = { ...isLoadingSample, inputData: { currency: 'EUR' } };
    attro()
      .get(CONVERSIONS)
      .query({ limit: 100 })
      .reply(200, { data: conversions(2), next_cursor: 'page-2' });
    attro()
      .get(CONVERSIONS)
      .query({ limit: 100, cursor: 'page-2' })
      .reply(200, { data: conversions(4, { currency: 'EUR' }), next_cursor: 'page-3' });
    const { results } = await callTrigger('new_conversion', 'performList', bundle);
    expect(results).toHaveLength(3);
  });

  it('tells the latest time that is known of a record as when it occurred', async () => {
    const list = [
      { ...data, id: 'a', updated_at: '2026-01-27T09:00:00Z' },
      { ...data, id: 'b', updated_at: '2026-01-20T09:00:00Z' },
      { id: 'c' },
    ];
    const results = await listed(list);
    expect(results.map(({ occurred_at }) => occurred_at)).toEqual([
      '2026-01-27T09:00:00Z',
      '2026-01-26T12:00:00Z',
      null,
    ]);
  });

  it('shows no field that a delivery may lack', async () => {
    const list = [{ ...data, fraud_score: 12, internal_note: 'x', device: { os: 'iOS' } }];
    const results = await listed(list);
    expect(Object.keys(results[0] ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/fraud_score|internal_note|device/)]),
    );
    expect(results[0]).toMatchObject({ metadata_plan: 'pro', amount: 99 });
  });

  it('of high fraud scores holds no conversion without a score or below its threshold', async () => {
    const list = [
      { ...data, id: 'none' },
      { ...data, id: 'low', fraud_score: 10, fraud_threshold: 75 },
      { ...data, id: 'high', fraud_score: 75, fraud_threshold: 75 },
      { ...data, id: 'unknown', fraud_score: 50 },
    ];
    const results = await listed(list, 'high_fraud_score');
    expect(results.map(({ id }) => id)).toEqual(['high', 'unknown']);
  });
});
