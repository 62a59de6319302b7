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
  cache = await startCacheServer(() => clock);
});

afterEach(() => cache.close());

/** Runs a Zap with a delivery, as Zapier received it with these headers; returns how often it ran. */
async function runs(body = BODY, rest = {}, headers = {}): Promise<number> {
  const signed = { 'Http-X-Attro-Signature': await sign(body), ...headers };
  const trigger = body.includes('"payout.') ? 'payout_sent' : 'new_conversion';
  const bundle = received(body, signed, rest);
  return (await callTrigger(trigger, 'perform', bundle, { cache })).results.length;
}

const asked = (): string[] => cache.calls.map(({ method }) => method);

describe('a delivery that arrives again', () => {
  it('makes one Zap run, and the log says why', async () => {
    expect(await runs()).toBe(1);
    expect(asked()).toEqual(['zcache_set']);
    const copy = await receivedSigned(BODY);
    const { results, logs } = await callTrigger('payout_sent', 'perform', copy, { cache });
    expect(results).toEqual([]);
    expect(logs.join('\n')).toMatch(/the same delivery has run this Zap before/);
    // The second call sees whose claim stands in the way.
    expect(asked()).toEqual(['zcache_set', 'zcache_set', 'zcache_get']);
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
});

describe('a received request that Zapier runs again runs again', () => {
  const runsOfRequest = (headers: Record<string, string>) => runs(BODY, {}, headers);

  it.each([
    ...['Cf-Ray', 'Traceparent', 'X-Amz-Cf-Id', 'X-Amzn-Trace-Id', 'X-B3-Traceid'],
    ...['X-Cloud-Trace-Context', 'X-Correlation-Id', 'X-Datadog-Trace-Id', 'X-Request-Id'],
    ...['X-Zapier-Request-Id', 'Http-X-Zapier-Request-Id'],
  ])('when %s tells which one it is', async (header) => {
    expect(await runsOfRequest({ [header]: 'one' })).toBe(1);
    expect(await runsOfRequest({ [header]: 'one' })).toBe(1);
    expect(await runsOfRequest({ [header]: 'other' })).toBe(0);
  });

  it('when several headers do, in any order, and each of them counts', async () => {
    const request = { 'Http-X-Amzn-Trace-Id': 'Root=1-a', 'Http-Cf-Ray': '8f' };
    expect(await runsOfRequest(request)).toBe(1);
    const reordered = Object.fromEntries(Object.entries(request).reverse());
    expect(await runsOfRequest(reordered)).toBe(1);
    expect(await runsOfRequest({ ...request, 'Http-Cf-Ray': '90' })).toBe(0);
  });

  it('but not when a header tells something else', async () => {
    expect(await runsOfRequest({ 'Http-User-Agent': 'Attro' })).toBe(1);
    expect(await runsOfRequest({ 'Http-User-Agent': 'Attro' })).toBe(0);
  });
});

describe('different events are not taken for one', () => {
  const conversion = sample('conversion.created');
  /** A conversion whose id is a number that JSON.parse cannot tell from the next one. */
  const numbered = (id: string) =>
    sampleText('conversion.created').replace(/"id": "[^"]*"/, `"id": ${id}`);
  const untimed = (amount: number) => {
    const { event, data } = sample('payout.completed');
    return JSON.stringify({ event, data: { ...data, amount } });
  };

  it.each([
    ['of another record', BODY, sampleWith('payout.completed', { id: 'pay_2' })],
    [
      'of an id with another last digit',
      numbered('12345678901234567890'),
      numbered('12345678901234567891'),
    ],
    ['of another time', BODY, BODY.replace('T15:00:00Z', 'T15:00:01Z')],
    ['without a time, whose bodies differ', untimed(1), untimed(2)],
  ])('%s', async (_name, one, other) => {
    expect(other).not.toBe(one);
    expect(await runs(one)).toBe(1);
    expect(await runs(other)).toBe(1);
    expect([await runs(one), await runs(other)]).toEqual([0, 0]);
  });

  it('another event of the same record at the same time', async () => {
    expect(await runs(JSON.stringify(conversion))).toBe(1);
    const approved = await receivedSigned(
      JSON.stringify({ ...conversion, event: 'conversion.approved' }),
    );
    const { results } = await callTrigger('conversion_approved', 'perform', approved, { cache });
    expect(results).toHaveLength(1);
  });

  it('a delivery that a filter left out is not remembered', async () => {
    expect(await runs(BODY, { inputData: { method: 'wire' } })).toBe(0);
    expect(cache.calls).toEqual([]);
    expect(await runs()).toBe(1);
  });
});

it('what the cache holds tells nothing of the delivery', async () => {
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

const identity = {
  subscriptionId: 'wh_1',
  event: 'payout.completed',
  recordId: 'pay_1',
  timestamp: '2026-01-26T15:00:00Z',
  body: BODY,
};

const CLAIM_OF_ANOTHER = JSON.stringify({ run: 'another', request: null });

it.each(['dropped', 'failed'] as const)(
  "a claim whose answer was lost is not taken for another's, and stands against copies: %s",
  async (answer) => {
    // Once: the platform's repetition of the call works.
    let fault: CacheFault | undefined = { answer, carriedOut: true };
    cache.misbehave(() => {
      const now = fault;
      fault = undefined;
      return now;
    });
    expect(await runs()).toBe(1);
    expect(asked()).toEqual(['zcache_set', 'zcache_set', 'zcache_get']);
    expect(await runs()).toBe(0);
  },
);

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
  type CacheTool = Pick<ZObject['cache'], 'get' | 'set'>;

  const never = (): Promise<never> => new Promise(() => undefined);
  const after = (ms: number, answer: unknown) => (): Promise<never> =>
    new Promise((resolve) => setTimeout(resolve, ms, answer as never));

  /** What becomes of asking a cache; its answer, once there is one. */
  function ask(tool: CacheTool): { answer?: boolean } {
    const asking: { answer?: boolean } = {};
    const cache = { ...tool, delete: never };
    void isDuplicate(cache, identity, {}).then((duplicate) => (asking.answer = duplicate));
    return asking;
  }

  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it.each<[string, CacheTool]>([
    ['to be claimed', { set: never, get: never }],
    ['altogether', { set: after(MAX_CACHE_WAIT_MS - 100, false), get: never }],
  ])('one and a half seconds at the most, %s', async (_name, slow) => {
    const asking = ask(slow);
    await jest.advanceTimersByTimeAsync(1_499);
    expect(asking).toEqual({});
    await jest.advanceTimersByTimeAsync(1);
    expect(asking).toEqual({ answer: false });
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each<[string, number, boolean, CacheTool]>([
    [
      'as long as it takes within that',
      1_400,
      true,
      { set: after(700, false), get: after(700, { run: 'another', request: null }) },
    ],
    [
      'no longer once it has failed',
      0,
      false,
      { set: () => Promise.reject(new Error('The cache is down.')), get: never },
    ],
    ['no longer once it has the claim', 0, false, { set: () => Promise.resolve(true), get: never }],
  ])('%s, and no timer is left that would hold up the process', async (_name, ms, answer, tool) => {
    const asking = ask(tool);
    await jest.advanceTimersByTimeAsync(ms);
    expect(asking).toEqual({ answer });
    expect(jest.getTimerCount()).toBe(0);
  });
});
