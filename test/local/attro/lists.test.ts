import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startSandbox } from '../../../local/attro/index.ts';
import type { Sandbox } from '../../../local/attro/index.ts';
import { callApi, ownerOf, signIn } from './sign-in.ts';

interface Page {
  data: Record<string, unknown>[];
  next_cursor: string | null;
}

const COUNTS = { affiliates: 125, conversions: 60, payouts: 25, offers: 120 };
type ListName = keyof typeof COUNTS;
const LISTS = Object.keys(COUNTS) as ListName[];

let sandbox: Sandbox;
let token: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  token = (await signIn(sandbox)).access_token;
});

afterAll(() => sandbox.close());

/** One page of a list. */
async function page(list: ListName, query: Record<string, string> = {}): Promise<Page> {
  const { status, body } = await callApi(
    sandbox,
    `/${list}?${new URLSearchParams(query).toString()}`,
    {
      token,
    },
  );
  expect(status).toBe(200);
  return body as Page;
}

/** Every record of a list, page by page. */
async function all(list: ListName, query: Record<string, string> = {}) {
  const records: Record<string, unknown>[] = [];
  let cursor: string | null = null;
  do {
    const next: Page = await page(list, { ...query, ...(cursor !== null && { cursor }) });
    records.push(...next.data);
    cursor = next.next_cursor;
  } while (cursor !== null);
  return records;
}

describe.each(LISTS)('GET /%s', (list) => {
  it.each([['7'], ['100']])('can be read to the end in pages of %s', async (limit) => {
    const records = await all(list, { limit });
    expect(records).toHaveLength(COUNTS[list]);
    expect(new Set(records.map(({ id }) => id)).size).toBe(COUNTS[list]);
  });

  it('filters by status', async () => {
    const statuses = new Set((await all(list)).map(({ status }) => String(status)));
    expect(statuses.size).toBeGreaterThan(1);
    let total = 0;
    for (const status of statuses) {
      const records = await all(list, { status, limit: '10' });
      expect(new Set(records.map((record) => record['status']))).toEqual(new Set([status]));
      total += records.length;
    }
    expect(total).toBe(COUNTS[list]);
    expect(await page(list, { status: 'unheard_of' })).toEqual({ data: [], next_cursor: null });
  });

  it.each([
    ['colour', { colour: 'red' }],
    ['limit', { limit: '0' }],
    ['limit', { limit: '101' }],
    ['limit', { limit: 'many' }],
    ['cursor', { cursor: 'made-up' }],
  ])('refuses a bad %s', async (path, query) => {
    const { status, body } = await callApi(
      sandbox,
      `/${list}?${new URLSearchParams(query).toString()}`,
      {
        token,
      },
    );
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'Invalid request',
      details: [{ path: [path], message: expect.any(String) }],
      retryable: false,
    });
  });
});

describe.each(LISTS)('GET /%s/{id}', (list) => {
  it('gives a record of the list, and 404 where there is none', async () => {
    const [first] = (await page(list)).data;
    const one = await callApi(sandbox, `/${list}/${String(first?.['id'])}`, { token });
    expect([one.status, one.body]).toEqual([200, first]);
    const none = await callApi(sandbox, `/${list}/none`, { token });
    expect([none.status, none.body]).toEqual([404, { error: 'Not found', retryable: false }]);
  });
});

describe('filters', () => {
  it("refuses another list's cursor", async () => {
    const { next_cursor } = await page('affiliates');
    const query = new URLSearchParams({ cursor: next_cursor ?? '' });
    expect((await callApi(sandbox, `/offers?${query.toString()}`, { token })).status).toBe(400);
  });

  it('find affiliates by type and e-mail address', async () => {
    const internal = await all('affiliates', { type: 'internal' });
    expect(new Set(internal.map(({ type }) => type))).toEqual(new Set(['internal']));
    expect(await all('affiliates', { email: 'JANE@example.com' })).toEqual([
      expect.objectContaining({ id: 'aff_abc123' }),
    ]);
    expect(await all('affiliates', { email: 'jane' })).toEqual([]);
  });

  it.each<[ListName, string]>([
    ['conversions', 'offer_id'],
    ['conversions', 'affiliate_id'],
    ['payouts', 'affiliate_id'],
  ])('find %s by %s', async (list, field) => {
    const records = await all(list);
    const value = String(records[5]?.[field]);
    const expected = records.filter((record) => record[field] === value);
    expect(await all(list, { [field]: value })).toEqual(expected);
  });

  it('find offers by a part of their name', async () => {
    const found = await all('offers', { search: 'ALYTICS p' });
    expect(found.map(({ name }) => name)).toEqual(['Analytics Plus']);
  });

  it('find conversions by the least fraud score', async () => {
    const scores = (await all('conversions', { min_fraud_score: '75.5' })).map(
      ({ fraud_score }) => fraud_score as number,
    );
    expect(scores.length).toBeGreaterThan(0);
    expect(Math.min(...scores)).toBeGreaterThanOrEqual(75.5);
    const scored = await all('conversions', { min_fraud_score: '0' });
    expect(scored.length).toBeLessThan(COUNTS.conversions);
  });

  it('combine', async () => {
    const [payout] = await all('payouts', { status: 'failed' });
    const affiliate_id = String(payout?.['affiliate_id']);
    expect(await all('payouts', { affiliate_id, status: 'failed' })).toContainEqual(payout);
    expect(await all('payouts', { affiliate_id, status: 'completed' })).not.toContainEqual(payout);
    const records = await all('affiliates', { status: 'active', type: 'external' });
    expect(records.length).toBeGreaterThan(0);
    for (const record of records) {
      expect(record).toMatchObject({ status: 'active', type: 'external' });
    }
  });
});

describe('records', () => {
  it("begin with the guide's own", async () => {
    const ids = async (list: ListName) => (await page(list)).data.map(({ id }) => id);
    expect((await ids('affiliates')).slice(0, 2)).toEqual(['aff_abc123', 'aff_xyz789']);
    expect((await ids('conversions'))[0]).toBe('conv_abc123');
    expect((await ids('payouts'))[0]).toBe('pay_abc123');
    expect((await page('offers')).data[0]).toMatchObject({ id: 'off_def456', name: 'Pro Plan' });
  });

  it('are the same for the same seed, and others for another', async () => {
    const listed = async (seed: number) => {
      const other = await startSandbox({ seed });
      const pages = LISTS.map((list) => ownerOf(other)('GET', `/${list}?limit=100`));
      const bodies = (await Promise.all(pages)).map(({ body }) => body);
      await other.close();
      return bodies;
    };
    const seven = await listed(7);
    expect(await listed(7)).toEqual(seven);
    for (const [index, list] of (await listed(8)).entries()) expect(list).not.toEqual(seven[index]);
  });

  it('refer to each other', async () => {
    const affiliates = new Map((await all('affiliates')).map((record) => [record['id'], record]));
    const offers = new Map((await all('offers')).map((record) => [record['id'], record]));
    for (const record of await all('conversions')) {
      expect(affiliates.get(record['affiliate_id'])?.['display_name']).toBe(
        record['affiliate_name'],
      );
      expect(offers.get(record['offer_id'])?.['name']).toBe(record['offer_name']);
    }
    for (const record of await all('payouts')) {
      expect(affiliates.get(record['affiliate_id'])?.['display_name']).toBe(
        record['affiliate_name'],
      );
    }
    expect(new Set([...offers.values()].map(({ name }) => name)).size).toBe(COUNTS.offers);
  });

  it('can be none', async () => {
    const other = await startSandbox({ seed: 'empty' });
    const { access_token } = await signIn(other);
    for (const list of LISTS) {
      const { body } = await callApi(other, `/${list}`, { token: access_token });
      expect(body).toEqual({ data: [], next_cursor: null });
    }
    await other.close();
  });
});
