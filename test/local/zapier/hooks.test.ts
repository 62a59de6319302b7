import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { version as platformVersion, type Bundle, type ZObject } from 'zapier-platform-core';
import type { Zap, ZapierRunner, ZapRun } from '../../../local/zapier/index.ts';
import { until } from '../attro/receiver.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { startWithApp } from '../../support/zapier.ts';

interface Told {
  name: string;
  throttle?: number;
  times?: number;
  fail?: boolean;
  forever?: boolean;
}

const callsOf: Record<string, number> = {};

/** Does as the delivery's body says. */
async function perform(z: ZObject, { rawRequest, cleanedRequest }: Bundle) {
  const { name, throttle, times = Infinity, fail, forever } = cleanedRequest as Told;
  const calls = (callsOf[name] = (callsOf[name] ?? 0) + 1);
  if (throttle !== undefined && calls <= times) {
    throw new z.errors.ThrottledError('busy', throttle);
  }
  if (fail) throw new z.errors.Error('Broken', 'broken');
  if (forever) await new Promise(() => undefined);
  return [{ id: 1, calls, rawRequest, cleanedRequest: cleanedRequest as unknown }];
}

let subscribed = 0;
/** When the subscriptions that are made end. */
let endsAt: string | undefined;

const APP = {
  version: '1.0.0',
  platformVersion,
  triggers: {
    thing: {
      key: 'thing',
      noun: 'Thing',
      display: { label: 'New Thing', description: 'Triggers when a thing is new.' },
      operation: {
        type: 'hook',
        perform,
        performSubscribe: () => {
          subscribed += 1;
          return { id: `wh_${subscribed}`, ...(endsAt && { expiration_date: endsAt }) };
        },
        performUnsubscribe: () => ({}),
        sample: { id: 1 },
      },
    },
  },
};

const clock = new ManualClock();
let runner: ZapierRunner;
let zap: Zap;

beforeAll(async () => {
  runner = await startWithApp(APP, { clock });
});

afterAll(() => runner.stop());

beforeEach(async () => {
  runner.hooks.misbehave();
  zap = await runner.turnOn('thing');
});

function post(body: unknown = {}, signal?: AbortSignal): Promise<Response> {
  return fetch(zap.hookUrl, { method: 'POST', body: JSON.stringify(body), signal: signal ?? null });
}

describe('a hook', () => {
  it('is acknowledged, and handed to the trigger as it came', async () => {
    const answer = await fetch(`${zap.hookUrl}?a=1&b`, {
      method: 'PUT',
      body: 'no JSON',
      headers: { 'x-attro-SIGNATURE': 'sha256=0' },
    });
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'success' }]);
    await runner.settled();
    const [run] = zap.runs;
    expect(run?.received).toMatchObject({
      zapId: zap.id,
      method: 'PUT',
      querystring: 'a=1&b',
      content: 'no JSON',
    });
    expect(run?.received.headers['x-attro-signature']).toBe('sha256=0');
    const headers: unknown = expect.objectContaining({ 'Http-X-Attro-Signature': 'sha256=0' });
    expect(run?.records).toEqual([
      expect.objectContaining({
        rawRequest: { method: 'PUT', querystring: 'a=1&b', headers, content: 'no JSON' },
        cleanedRequest: 'no JSON',
      }),
    ]);
  });

  it('larger than Zapier takes is refused', async () => {
    expect((await post('x'.repeat(10_000_000))).status).toBe(413);
    await runner.settled();
    expect(zap.runs).toEqual([]);
  });

  it('whose trigger is throttled is tried once more, after its delay', async () => {
    await post({ name: 'once', throttle: 7, times: 1 });
    await clock.passWhenAwaited(7_000);
    await runner.settled();
    expect(zap.runs.map(({ records }) => records)).toEqual([
      [expect.objectContaining({ calls: 2 })],
    ]);
  });

  it.each([
    [86_400, 300],
    [null, 60],
  ])(
    'whose trigger asks for a delay of %j is put off by %i seconds, once',
    async (throttle, seconds) => {
      await post({ name: `throttled by ${throttle}`, throttle });
      await clock.passWhenAwaited(seconds * 1000);
      await runner.settled();
      expect(zap.runs.map(({ error }) => error)).toEqual([expect.stringContaining('busy')]);
    },
  );

  it('whose trigger fails is not tried again', async () => {
    await post({ name: 'failing', fail: true });
    await runner.settled();
    expect(zap.runs.map(({ error }) => error)).toEqual([expect.stringContaining('Broken')]);
    await post({ name: 'failing' });
    await runner.settled();
    expect(zap.runs[1]?.records).toEqual([expect.objectContaining({ calls: 2 })]);
  });

  it('whose trigger takes longer than Zapier waits ends with that', async () => {
    await post({ name: 'hanging', forever: true });
    await clock.passWhenAwaited(30_000);
    await runner.settled();
    expect(zap.runs[0]?.error).toMatch(/did not respond in-time/);
  });
});

it('an observer is told of each run with what was received, in place of the list', async () => {
  const told: [Zap, ZapRun][] = [];
  const own = await startWithApp(APP, { onRun: (...run) => told.push(run) });
  const observed = await own.turnOn('thing');
  for (const body of ['{"a":1}', '{"fail":true}']) {
    await fetch(observed.hookUrl, { method: 'POST', body });
    await own.settled();
  }
  await own.stop();
  expect(told.map(([of]) => of)).toEqual([observed, observed]);
  expect(told.map(([, { received, error }]) => [received.content, error])).toEqual([
    ['{"a":1}', undefined],
    ['{"fail":true}', expect.stringContaining('Broken')],
  ]);
  expect(observed.runs).toEqual([]);
});

it('a subscription with an expiration date is not made anew for a Zap that is off', async () => {
  const HOUR_MS = 3_600_000;
  endsAt = new Date(clock.now() + HOUR_MS).toISOString();
  zap = await runner.turnOn('thing');
  endsAt = undefined;
  await runner.turnOff(zap);
  const before = subscribed;
  clock.pass(HOUR_MS);
  await new Promise(setImmediate);
  expect(subscribed).toBe(before);
});

describe('on demand a hook', () => {
  it('is answered with a status, and runs nothing', async () => {
    runner.hooks.misbehave(({ content }) =>
      content === '{"n":1}' ? { answer: { status: 503 } } : undefined,
    );
    expect((await post({ n: 1 })).status).toBe(503);
    expect((await post({ n: 2 })).status).toBe(200);
    runner.hooks.misbehave();
    await runner.settled();
    expect((await post({ n: 1 })).status).toBe(200);
    await runner.settled();
    expect(zap.runs.map(({ received }) => received.content)).toEqual(['{"n":2}', '{"n":1}']);
  });

  it('is answered late, and runs the Zap', async () => {
    runner.hooks.misbehave(() => ({ delayMs: 60 }));
    const before = performance.now();
    expect((await post()).status).toBe(200);
    // At the least: how much longer it takes is up to the machine.
    expect(performance.now() - before).toBeGreaterThan(50);
    await runner.settled();
    expect(zap.runs).toHaveLength(1);
  });

  it('is never answered, and holds up nothing', async () => {
    const ended = new AbortController();
    runner.hooks.misbehave(() => {
      setImmediate(() => {
        ended.abort();
      });
      return { answer: 'hang' };
    });
    await expect(post({}, ended.signal)).rejects.toThrow(/abort/);
    await runner.settled();
    expect(zap.runs).toEqual([]);
  });

  it.each([{ status: 500 }, 'hang', 'dropped'] as const)(
    'loses the answer of a run that it has made: %j',
    async (answer) => {
      runner.hooks.misbehave(() => ({ answer, carriedOut: true }));
      const ended = new AbortController();
      const answered = post({}, ended.signal).then(
        ({ status }) => status,
        () => 'none',
      );
      await until(() => zap.runs.length > 0);
      if (answer === 'hang') ended.abort();
      expect(await answered).toBe(typeof answer === 'object' ? 500 : 'none');
      expect(zap.runs).toHaveLength(1);
    },
  );
});
