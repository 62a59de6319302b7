import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { version as platformVersion, type ZObject } from 'zapier-platform-core';
import {
  startCacheServer,
  type CacheFault,
  type CacheServer,
} from '../../../local/zapier/cache-rpc.ts';
import { createAppHandler } from '../../../local/zapier/platform.ts';
import { until } from '../attro/receiver.ts';

/** What the platform's own client of the cache, in an app of one action, makes of the stand-in. */

interface Cache {
  get: (key: string, scope?: string[]) => Promise<unknown>;
  set: (
    key: string,
    value: unknown,
    ttl?: number,
    scope?: string[],
    nx?: boolean,
  ) => Promise<unknown>;
  delete: (key: string, scope?: string[]) => Promise<unknown>;
}

let use: (cache: Cache) => Promise<unknown> = () => Promise.resolve();

const handler = createAppHandler({
  version: '1.0.0',
  platformVersion,
  creates: {
    use: {
      key: 'use',
      noun: 'Use',
      display: { label: 'Use', description: 'Uses the cache.' },
      operation: {
        perform: async (z: ZObject) => {
          z.console.log('The cache is used.');
          return { answer: await use(z.cache) };
        },
      },
    },
  },
});

let clock = 0;
let server: CacheServer;

beforeEach(async () => {
  clock = 1_000_000;
  server = await startCacheServer(() => clock);
});

afterEach(() => server.close());

/** Runs something with the platform's client. */
async function run<T>(what: (cache: Cache) => Promise<T>): Promise<T> {
  use = what;
  const { results } = await handler({
    command: 'execute',
    method: 'creates.use.operation.perform',
    bundle: { inputData: {} },
    ...server.eventFields(),
    calledFromCli: true,
  });
  return (results as { answer: T }).answer;
}

describe("Zapier's cache", () => {
  it('gives back what was set, and null for what was not', async () => {
    expect(await run((cache) => cache.set('a', { deep: [1, 'ü'] }))).toBe(true);
    expect(await run((cache) => cache.get('a'))).toEqual({ deep: [1, 'ü'] });
    expect(await run((cache) => cache.get('b'))).toBeNull();
    expect(server.entries()).toEqual([['a', '{"deep":[1,"ü"]}']]);
    expect(server.calls).toEqual([
      { method: 'zcache_set', key: 'a' },
      { method: 'zcache_get', key: 'a' },
      { method: 'zcache_get', key: 'b' },
    ]);
  });

  it('sets anew without nx, and says false and keeps the first value with it', async () => {
    expect(await run((cache) => cache.set('a', 1))).toBe(true);
    expect(await run((cache) => cache.set('a', 2))).toBe(true);
    expect(await run((cache) => cache.set('a', 3, 60, undefined, true))).toBe(false);
    expect(await run((cache) => cache.get('a'))).toBe(2);
    expect(await run((cache) => cache.set('b', 3, 60, undefined, true))).toBe(true);
  });

  it('has one winner of any number of claims at once', async () => {
    const answers = await run((cache) =>
      Promise.all([1, 2, 3, 4].map((value) => cache.set('a', value, 60, undefined, true))),
    );
    expect((answers as boolean[]).filter(Boolean)).toHaveLength(1);
  });

  it('forgets when the time to live is over, to the second', async () => {
    await run((cache) => cache.set('a', 1, 60));
    await run((cache) => cache.set('for good', 1));
    clock += 59_999;
    expect(await run((cache) => cache.get('a'))).toBe(1);
    clock += 1;
    expect(await run((cache) => cache.get('a'))).toBeNull();
    expect(await run((cache) => cache.set('a', 2, 60, undefined, true))).toBe(true);
    clock += 1e12;
    expect(server.entries()).toEqual([['for good', '1']]);
  });

  it('deletes, and says whether there was anything', async () => {
    await run((cache) => cache.set('a', 1, 60));
    expect(await run((cache) => cache.delete('a'))).toBe(true);
    expect(await run((cache) => cache.delete('a'))).toBe(false);
    await run((cache) => cache.set('a', 1, 60));
    clock += 60_000;
    expect(await run((cache) => cache.delete('a'))).toBe(false);
  });

  it('refuses who has no token, what is no call, and a scope', async () => {
    const { rpc_base, token } = server.eventFields();
    const post = async (headers: Record<string, string>, body: unknown): Promise<number> =>
      (await fetch(rpc_base, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    const call = { id: '1', method: 'zcache_get', params: ['a', null] };
    expect(await post({ 'x-token': token }, call)).toBe(200);
    expect(await post({ 'x-token': 'another' }, call)).toBe(401);
    expect(await post({}, call)).toBe(401);
    expect(await post({ 'x-token': token }, { ...call, method: 'zcache_flush' })).toBe(400);
    expect(await post({ 'x-token': token }, { ...call, params: ['a', ['user']] })).toBe(400);
  });
});

it('what the app logs is streamed to the stand-in, and not to Zapier', async () => {
  await run(() => Promise.resolve());
  await until(() => server.logs.length > 0);
  expect(server.logs[0]).toContain('The cache is used.');
});

describe('on demand', () => {
  const claim = (cache: Cache): Promise<unknown> => cache.set('a', 1, 60, undefined, true);

  const THREE_ATTEMPTS = /RPC request failed after 3 attempts/;

  it.each<[fault: CacheFault, times: number, outcome: unknown, calls: number, isHeld: boolean]>([
    [{ answer: 'throttled' }, Infinity, null, 1, false],
    [{ answer: 'failed' }, Infinity, THREE_ATTEMPTS, 3, false],
    [{ answer: 'dropped' }, Infinity, THREE_ATTEMPTS, 3, false],
    // The platform's repetition works, and the claim looks like another's.
    [{ answer: 'failed', carriedOut: true }, 1, false, 2, true],
    [{ answer: 'dropped', carriedOut: true }, 1, false, 2, true],
    [{ answer: 'nonsense' }, Infinity, /Got id another/, 1, false],
    [{ answer: { result: 'yes' } }, Infinity, 'yes', 1, false],
  ])('goes wrong with %j, %d times', async (fault, times, outcome, calls, isHeld) => {
    let asked = 0;
    server.misbehave(() => ((asked += 1) <= times ? fault : undefined));
    const claimed = run(claim);
    if (outcome instanceof RegExp) await expect(claimed).rejects.toThrow(outcome);
    else expect(await claimed).toBe(outcome);
    expect(server.calls).toHaveLength(calls);
    expect(server.entries()).toEqual(isHeld ? [['a', '1']] : []);
  });

  it('keeps a call waiting, and behaves again', async () => {
    server.misbehave(({ method }) => (method === 'zcache_set' ? { delayMs: 60 } : undefined));
    const before = performance.now();
    expect(await run(claim)).toBe(true);
    expect(performance.now() - before).toBeGreaterThan(50);
    server.misbehave(() => ({ answer: 'throttled' }));
    server.misbehave();
    expect(await run((cache) => cache.get('a'))).toBe(1);
  });
});
