import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ZObject } from 'zapier-platform-core';
import { isDuplicate, MAX_CACHE_WAIT_MS } from '../../deliveries/deduplicate.ts';
import {
  startCacheServer,
  type CacheFault,
  type CacheServer,
} from '../../local/zapier/cache-rpc.ts';
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

/** The time of the cache, in milliseconds. */
let clock = 0;
let cache: CacheServer;

beforeEach(async () => {
  clock = 0;
  cache = await startCacheServer({ now: () => clock });
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

  it('is remembered for as long as Attro goes on trying, and not much longer', async () => {
    const attempts = 4;
    const lastAttemptEnds = (1 + 5 + 30) * 60 + attempts * 30;
    const hour = 60 * 60;
    expect(await runs()).toBe(1);
    clock += (lastAttemptEnds + 15 * 60) * 1000;
    expect(await runs()).toBe(0);
    clock = hour * 1000;
    expect(await runs()).toBe(1);
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

describe('a received request that Zapier runs again runs again', () => {
  it.each([
    ...['Cf-Ray', 'Traceparent', 'X-Amz-Cf-Id', 'X-Amzn-Trace-Id', 'X-B3-Traceid'],
    ...['X-Cloud-Trace-Context', 'X-Correlation-Id', 'X-Datadog-Trace-Id', 'X-Request-Id'],
    ...['X-Zapier-Request-Id', 'Http-X-Zapier-Request-Id'],
  ])('when %s tells which one it is', async (header) => {
    expect(await runsOfRequest({ [header]: 'one' })).toBe(1);
    expect(await runsOfRequest({ [header]: 'one' })).toBe(1);
    expect(await runsOfRequest({ [header]: 'other' })).toBe(0);
  });

  it('but not when a header tells something else', async () => {
    expect(await runsOfRequest({ 'Http-User-Agent': 'Attro' })).toBe(1);
    expect(await runsOfRequest({ 'Http-User-Agent': 'Attro' })).toBe(0);
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

const CLAIM_OF_ANOTHER = JSON.stringify({ run: 'another', request: null });

describe('what is asked of the cache', () => {
  it('is one call for a new event', async () => {
    expect(await runs()).toBe(1);
    expect(cache.calls.map(({ method }) => method)).toEqual(['zcache_set']);
  });

  it('is a second call only to see whose claim stands in the way', async () => {
    await runs();
    expect(await runs()).toBe(0);
    expect(cache.calls.map(({ method }) => method)).toEqual([
      'zcache_set',
      'zcache_set',
      'zcache_get',
    ]);
  });
});

/** Has the cache go wrong once: the platform's repetition of the call works. */
function failOnce(fault: CacheFault): void {
  let isFirst = true;
  cache.misbehave(() => {
    const now = isFirst ? fault : undefined;
    isFirst = false;
    return now;
  });
}

describe('a claim whose answer was lost on the way', () => {
  it.each(['dropped', 'failed'] as const)(
    "is not taken for another's, and stands against copies: %s",
    async (answer) => {
      failOnce({ answer, carriedOut: true });
      expect(await runs()).toBe(1);
      expect(cache.calls.map(({ method }) => method)).toEqual([
        'zcache_set',
        'zcache_set',
        'zcache_get',
      ]);
      expect(await runs()).toBe(0);
    },
  );
});

describe('when the cache cannot be relied on, the event goes through', () => {
  it.each<[string, CacheFault]>([
    ['it throttles', { answer: 'throttled' }],
    ['it fails', { answer: 'failed' }],
    ['it ends the connection', { answer: 'dropped' }],
    ['it answers nonsense', { answer: 'nonsense' }],
    ['it answers a text', { answer: { result: 'false' } }],
    ['it answers a number', { answer: { result: 0 } }],
    ['it answers nothing', { answer: { result: undefined } }],
  ])('because %s', async (_name, fault) => {
    expect(await runs()).toBe(1);
    cache.misbehave(() => fault);
    expect(await runs()).toBe(1);
    cache.misbehave();
    expect(await runs()).toBe(0);
  });

  it.each<[string, CacheFault]>([
    ['empty', { answer: { result: null } }],
    ['throttled', { answer: 'throttled' }],
    ['failing', { answer: 'failed' }],
    ['ended', { answer: 'dropped' }],
    ['nonsense', { answer: 'nonsense' }],
    ['not JSON', { answer: { result: '{' } }],
    ['a text', { answer: { result: '"another"' } }],
    ['no object', { answer: { result: '[{"run":"another"}]' } }],
    ['a claim of no one', { answer: { result: '{"run":7,"request":null}' } }],
  ])('because the answer to whose claim it is was %s', async (_name, fault) => {
    expect(await runs()).toBe(1);
    cache.misbehave(({ method }) => (method === 'zcache_get' ? fault : undefined));
    expect(await runs()).toBe(1);
  });

  it("unless the answer is another's claim, so that each of those decides", async () => {
    cache.misbehave(({ method }) => ({
      answer: { result: method === 'zcache_get' ? CLAIM_OF_ANOTHER : false },
    }));
    expect(await runs()).toBe(0);
  });

  it('also when it cannot even be asked', async () => {
    const refuse = (): never => {
      throw new Error('rpc is not available');
    };
    const broken = { get: refuse, set: refuse, delete: refuse };
    expect(await isDuplicate(broken, identity, {})).toBe(false);
  });

  it('and twice, but not never, should nx ever be ignored', async () => {
    cache.misbehave(() => ({ answer: { result: true } }));
    expect(await runs()).toBe(1);
    expect(await runs()).toBe(1);
  });
});

describe('the event waits for the cache', () => {
  type CacheTool = ZObject['cache'];

  const never = (): Promise<never> => new Promise(() => undefined);
  const delete_ = (): Promise<boolean> => Promise.resolve(true);

  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it.each<[string, CacheTool]>([
    ['to be claimed', { set: never, get: never, delete: delete_ }],
    [
      'altogether',
      {
        set: () => new Promise((resolve) => setTimeout(resolve, MAX_CACHE_WAIT_MS - 100, false)),
        get: never,
        delete: delete_,
      },
    ],
  ])('one and a half seconds at the most, %s', async (_name, slow) => {
    let answer: boolean | undefined;
    void isDuplicate(slow, identity, {}).then((duplicate) => (answer = duplicate));
    await jest.advanceTimersByTimeAsync(1_499);
    expect(answer).toBeUndefined();
    await jest.advanceTimersByTimeAsync(1);
    expect(answer).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('as long as it takes within that', async () => {
    const another = { run: 'another', request: null };
    const slow: CacheTool = {
      set: () => new Promise((resolve) => setTimeout(resolve, 700, false)),
      get: () => new Promise((resolve) => setTimeout(resolve, 700, another)),
      delete: delete_,
    };
    const answer = isDuplicate(slow, identity, {});
    await jest.advanceTimersByTimeAsync(1_400);
    expect(await answer).toBe(true);
  });

  it('no longer once it has failed', async () => {
    const set = (): Promise<boolean> => Promise.reject(new Error('The cache is down.'));
    let answer: boolean | undefined;
    void isDuplicate({ set, get: never, delete: delete_ }, identity, {}).then(
      (duplicate) => (answer = duplicate),
    );
    await jest.advanceTimersByTimeAsync(0);
    expect(answer).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('and leaves no timer behind that would hold up the process', async () => {
    const quick: CacheTool = { set: () => Promise.resolve(true), get: never, delete: delete_ };
    await isDuplicate(quick, identity, {});
    expect(jest.getTimerCount()).toBe(0);
  });
});
