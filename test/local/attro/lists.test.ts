import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSandbox } from '../../../local/attro/index.ts';
import type { Sandbox } from '../../../local/attro/index.ts';
import { everyOf, ownerOf } from './sign-in.ts';

/** What the lists hold, and what their queries find. */

type Fields = Record<string, unknown>;

const COUNTS = { affiliates: 125, conversions: 60, payouts: 25, offers: 120 };
type ListName = keyof typeof COUNTS;
const LISTS = Object.keys(COUNTS) as ListName[];

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});

afterAll(() => sandbox.close());

const all = (list: ListName, query: Record<string, string> = {}) =>
  everyOf<Fields>(sandbox, `/${list}`, query);

describe.each(LISTS)('GET /%s', (list) => {
  it.each(['7', '100'])('can be read to the end in pages of %s', async (limit) => {
    const records = await all(list, { limit });
    expect(records).toHaveLength(COUNTS[list]);
    expect(new Set(records.map(({ id }) => id)).size).toBe(COUNTS[list]);
  });

  it('filters by each status that there is', async () => {
    const records = await all(list);
    const statuses = new Set(records.map(({ status }) => String(status)));
    expect(statuses.size).toBeGreaterThan(1);
    for (const status of statuses) {
      const expected = records.filter((record) => record['status'] === status);
      expect(await all(list, { status, limit: '10' })).toEqual(expected);
    }
  });
});

it.each<[ListName, Record<string, string>, (record: Fields) => boolean]>([
  ['affiliates', { type: 'internal' }, ({ type }) => type === 'internal'],
  ['affiliates', { email: 'JANE@example.com' }, ({ id }) => id === 'aff_abc123'],
  ['affiliates', { email: 'jane' }, () => false],
  ['conversions', { offer_id: 'off_seed003' }, ({ offer_id }) => offer_id === 'off_seed003'],
  ['conversions', { affiliate_id: 'aff_seed003' }, (one) => one['affiliate_id'] === 'aff_seed003'],
  ['payouts', { affiliate_id: 'aff_seed003' }, (one) => one['affiliate_id'] === 'aff_seed003'],
  ['offers', { search: 'ALYTICS p' }, ({ name }) => name === 'Analytics Plus'],
  ['conversions', { min_fraud_score: '75.5' }, (one) => Number(one['fraud_score']) >= 75.5],
  ['conversions', { min_fraud_score: '0' }, (one) => 'fraud_score' in one],
  [
    'affiliates',
    { status: 'active', type: 'external' },
    ({ status, type }) => status === 'active' && type === 'external',
  ],
])('%s are found by %j', async (list, query, isFound) => {
  const records = await all(list);
  const expected = records.filter(isFound);
  expect(await all(list, query)).toEqual(expected);
  expect(expected.length > 0).toBe(query['email'] !== 'jane');
  expect(expected.length).toBeLessThan(records.length);
});

it.each([
  ['affiliates?colour=red', 'colour'],
  ['offers?limit=0', 'limit'],
  ['payouts?limit=101', 'limit'],
  ['webhooks?limit=many', 'limit'],
  ['webhooks?cursor=made-up', 'cursor'],
  // That of another list.
  [`offers?cursor=${Buffer.from('aff_abc123').toString('base64url')}`, 'cursor'],
])('%s is refused', async (path, field) => {
  const { status, body } = await ownerOf(sandbox)('GET', `/${path}`);
  expect(status).toBe(400);
  expect(body).toEqual({
    error: 'Invalid request',
    details: [{ path: [field], message: expect.any(String) }],
    retryable: false,
  });
});

describe('records', () => {
  it("begin with the guide's own", async () => {
    const ids = async (list: ListName) => (await all(list)).slice(0, 2).map(({ id }) => id);
    expect(await ids('affiliates')).toEqual(['aff_abc123', 'aff_xyz789']);
    expect((await ids('conversions'))[0]).toBe('conv_abc123');
    expect((await ids('payouts'))[0]).toBe('pay_abc123');
    expect((await all('offers'))[0]).toMatchObject({ id: 'off_def456', name: 'Pro Plan' });
  });

  it('are the same for the same seed, others for another, and none for "empty"', async () => {
    const listed = async (seed: number | 'empty') => {
      const other = await startSandbox({ seed });
      const lists = await Promise.all(LISTS.map((list) => everyOf(other, `/${list}`)));
      await other.close();
      return lists;
    };
    const seven = await listed(7);
    expect(await listed(7)).toEqual(seven);
    for (const [index, list] of (await listed(8)).entries()) expect(list).not.toEqual(seven[index]);
    expect(await listed('empty')).toEqual([[], [], [], []]);
  });

  it('refer to each other', async () => {
    const affiliates = new Map((await all('affiliates')).map((record) => [record['id'], record]));
    const offers = new Map((await all('offers')).map((record) => [record['id'], record]));
    const conversions = await all('conversions');
    for (const record of conversions) {
      expect(offers.get(record['offer_id'])?.['name']).toBe(record['offer_name']);
    }
    for (const { affiliate_id, affiliate_name } of [...conversions, ...(await all('payouts'))]) {
      expect(affiliates.get(affiliate_id)?.['display_name']).toBe(affiliate_name);
    }
    expect(new Set([...offers.values()].map(({ name }) => name)).size).toBe(COUNTS.offers);
  });
});
