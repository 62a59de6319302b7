import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ZObject } from 'zapier-platform-core';
import { isDuplicate, MAX_CACHE_WAIT_MS, REMEMBER_SECONDS } from '../../deliveries/deduplicate.ts';
import { startCacheServer, type CacheServer } from '../../local/zapier/cache-rpc.ts';
import { callTrigger } from '../support/app.ts';
import {
  received,
  receivedSigned,
  sample,
  sampleText,
  sampleWith,
  sign,
  SECRET,
} from '../support/deliveries.ts';

const BODY = sampleText('payout.completed');

let cache: CacheServer;

beforeEach(async () => {
  cache = await startCacheServer();
});

afterEach(() => cache.close());

async function runs(body = BODY, rest = {}): Promise<number> {
  const bundle = await receivedSigned(body, rest);
  const { results } = await callTrigger('payout_sent', 'perform', bundle, { cache });
  return results.length;
}

/** The same delivery as Zapier received it in one request, told by a header of its network. */
async function runsOfRequest(headers: Record<string, string>): Promise<number> {
  const signature = await sign(BODY);
  const bundle = received(BODY, { 'Http-X-Attro-Signature': signature, ...headers });
  const { results } = await callTrigger('payout_sent', 'perform', bundle, { cache });
  return results.length;
}

describe('a delivery that arrives again', () => {
  it('makes one Zap run, and the log says why', async () => {
    expect(await runs()).toBe(1);
    const again = await callTrigger('payout_sent', 'perform', await receivedSigned(BODY), {
      cache,
    });
    expect(again.results).toEqual([]);
    expect(again.logs.join('\n')).toMatch(/the same delivery has run this Zap before/);
  });

  it('makes one Zap run for each subscription', async () => {
    expect(await runs()).toBe(1);
    expect(await runs(BODY, { subscribeData: { id: 'wh_2', secret: SECRET } })).toBe(1);
  });

  it('makes one Zap run also when both copies arrive at once', async () => {
    const counts = await Promise.all([runs(), runs(), runs()]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(1);
  });

  it('makes one Zap run also where Zapier hands over no headers', async () => {
    const cache = fakeCache();
    expect(await isDuplicate(cache, identity, undefined)).toBe(false);
    expect(await isDuplicate(cache, identity, undefined)).toBe(true);
  });

  it('is remembered longer than Attro goes on trying', () => {
    const attempts = 4;
    const guide = (1 + 5 + 30) * 60 + attempts * 30;
    expect(REMEMBER_SECONDS).toBeGreaterThan(guide);
  });

  it('runs again when Zapier runs the same received request again', async () => {
    const request = { 'Http-X-Amzn-Trace-Id': 'Root=1-a', 'Http-Cf-Ray': '8f' };
    expect(await runsOfRequest(request)).toBe(1);
    expect(await runsOfRequest(request)).toBe(1);
    const reordered = Object.fromEntries(Object.entries(request).reverse());
    expect(await runsOfRequest(reordered)).toBe(1);
    expect(await runsOfRequest({ ...request, 'Http-Cf-Ray': '90' })).toBe(0);
  });
});

describe('different events are not taken for one', () => {
  it.each([
    ['another record', sampleWith('payout.completed', { id: 'pay_2' })],
    [
      'another time',
      JSON.stringify({ ...sample('payout.completed'), timestamp: '2026-01-26T15:00:01Z' }),
    ],
  ])('%s', async (_name, body) => {
    expect(await runs()).toBe(1);
    expect(await runs(body)).toBe(1);
  });

  it('another event of the same record at the same time', async () => {
    const at = (event: 'conversion.created' | 'conversion.approved') =>
      JSON.stringify({ ...sample(event), timestamp: '2026-01-26T12:00:00Z' });
    const first = await callTrigger(
      'new_conversion',
      'perform',
      await receivedSigned(at('conversion.created')),
      { cache },
    );
    const second = await callTrigger(
      'conversion_approved',
      'perform',
      await receivedSigned(at('conversion.approved')),
      { cache },
    );
    expect([first.results.length, second.results.length]).toEqual([1, 1]);
  });

  it('without a timestamp, the whole body decides', async () => {
    const body = (amount: number) => {
      const { event, data } = sample('payout.completed');
      return JSON.stringify({ event, data: { ...data, amount } });
    };
    expect(await runs(body(1))).toBe(1);
    expect(await runs(body(2))).toBe(1);
    expect(await runs(body(2))).toBe(0);
  });

  it('a subscription without an id is never deduplicated', async () => {
    const rest = { subscribeData: { secret: SECRET } };
    expect(await runs(BODY, rest)).toBe(1);
    expect(await runs(BODY, rest)).toBe(1);
    expect(cache.calls).toEqual([]);
  });

  it('a delivery that a filter left out is not remembered', async () => {
    expect(await runs(BODY, { inputData: { method: 'wire' } })).toBe(0);
    expect(cache.calls).toEqual([]);
    expect(await runs()).toBe(1);
  });
});

describe('what the cache holds', () => {
  it('tells nothing of the delivery', async () => {
    await runs();
    const entries = cache.entries();
    expect(entries).toHaveLength(1);
    const [key, value] = entries[0] ?? [];
    expect(key).toMatch(/^delivery-[0-9a-f]{64}$/);
    expect(JSON.parse(String(value))).toEqual({
      run: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      request: null,
    });
  });
});

const identity = {
  subscriptionId: 'wh_1',
  event: 'payout.completed',
  recordId: 'pay_1',
  timestamp: '2026-01-26T15:00:00Z',
  body: BODY,
};

type CacheTool = ZObject['cache'];

/** A cache with real `nx`, whose calls can be replaced one by one. */
function fakeCache(changes: Partial<CacheTool> = {}): CacheTool & { stored: Map<string, unknown> } {
  const stored = new Map<string, unknown>();
  return {
    stored,
    get: (key) => Promise.resolve(stored.get(key) ?? null),
    set: (key, value, _ttl, _scope, nx) => {
      if (nx && stored.has(key)) return Promise.resolve(null);
      stored.set(key, value);
      return Promise.resolve(true);
    },
    delete: (key) => Promise.resolve(stored.delete(key)),
    ...changes,
  };
}

describe('when the cache cannot be relied on, the event goes through', () => {
  const never = (): Promise<never> => new Promise(() => undefined);

  it.each<[string, Partial<CacheTool>]>([
    ['reading fails', { get: () => Promise.reject(new Error('RPC request failed')) }],
    ['writing fails', { set: () => Promise.reject(new Error('RPC request failed')) }],
    [
      'it throws at once',
      {
        get: () => {
          throw new Error('rpc is not available');
        },
      },
    ],
    ['it answers a text', { get: () => Promise.resolve('nonsense') }],
    ['it answers a number', { get: () => Promise.resolve(1) }],
    ['it answers an object of something else', { get: () => Promise.resolve({ run: 7 }) }],
    ['it forgets at once', { get: () => Promise.resolve(null) }],
  ])('because %s', async (_name, changes) => {
    expect(await isDuplicate(fakeCache(changes), identity, {})).toBe(false);
  });

  it.each<[string, Partial<CacheTool>]>([
    ['reading', { get: never }],
    ['writing', { set: never }],
  ])('because %s takes too long', async (_name, changes) => {
    jest.useFakeTimers();
    try {
      const waiting = isDuplicate(fakeCache(changes), identity, {});
      await jest.advanceTimersByTimeAsync(MAX_CACHE_WAIT_MS);
      expect(await waiting).toBe(false);
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('two runs at the same time', () => {
  it('have one winner where the cache knows nx', async () => {
    const cache = fakeCache();
    const results = await Promise.all([
      isDuplicate(cache, identity, {}),
      isDuplicate(cache, identity, {}),
    ]);
    expect(results.filter((duplicate) => !duplicate)).toHaveLength(1);
  });

  it('have one winner where the cache ignores nx', async () => {
    const stored = new Map<string, unknown>();
    const cache = fakeCache({
      get: (key) => Promise.resolve(stored.get(key) ?? null),
      set: (key, value) => Promise.resolve(stored.set(key, value).size > 0),
    });
    const results = await Promise.all([
      isDuplicate(cache, identity, {}),
      isDuplicate(cache, identity, {}),
    ]);
    expect(results.filter((duplicate) => !duplicate)).toHaveLength(1);
  });

  it('leaves no timer behind that would hold up the process', async () => {
    jest.useFakeTimers();
    try {
      await isDuplicate(fakeCache(), identity, {});
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('asks for nx and for the time to remember', async () => {
    const set = jest.fn(fakeCache().set);
    await isDuplicate(fakeCache({ set }), identity, {});
    expect(set).toHaveBeenCalledWith(
      expect.stringMatching(/^delivery-/),
      expect.anything(),
      REMEMBER_SECONDS,
      undefined,
      true,
    );
  });
});
