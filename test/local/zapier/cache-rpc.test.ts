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

  it('counts its calls', async () => {
    await run((cache) => cache.set('a', 1));
    await run((cache) => cache.get('a'));
    expect(server.calls).toEqual([
      { method: 'zcache_set', key: 'a' },
      { method: 'zcache_get', key: 'a' },
    ]);
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

  /** Has the first call go wrong, and the platform's repetitions of it work. */
  function once(fault: CacheFault): void {
    let isFirst = true;
    server.misbehave(() => {
      const now = isFirst ? fault : undefined;
      isFirst = false;
      return now;
    });
  }

  it('throttles with null and carries nothing out', async () => {
    server.misbehave(() => ({ answer: 'throttled' }));
    expect(await run(claim)).toBeNull();
    expect(server.entries()).toEqual([]);
  });

  it.each<NonNullable<CacheFault['answer']>>(['failed', 'dropped'])(
    'is %s, which the platform tries three times',
    async (answer) => {
      server.misbehave(() => ({ answer }));
      await expect(run(claim)).rejects.toThrow(/RPC request failed after 3 attempts/);
      expect(server.calls).toHaveLength(3);
      expect(server.entries()).toEqual([]);
    },
  );

  it.each<NonNullable<CacheFault['answer']>>(['failed', 'dropped'])(
    'loses the answer of a call that it carried out, which makes a claim look like another’s: %s',
    async (answer) => {
      once({ answer, carriedOut: true });
      expect(await run(claim)).toBe(false);
      expect(server.calls).toHaveLength(2);
      expect(server.entries()).toEqual([['a', '1']]);
    },
  );

  it('answers nonsense, which the platform does not take for an answer', async () => {
    server.misbehave(() => ({ answer: 'nonsense' }));
    await expect(run(claim)).rejects.toThrow(/Got id another/);
  });

  it('answers what it is told to', async () => {
    server.misbehave(() => ({ answer: { result: 'yes' } }));
    expect(await run(claim)).toBe('yes');
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
