import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunnerOptions, Zap, ZapierRunner, ZapRun } from '../../../local/zapier/index.ts';
import { startWithApp } from '../../support/zapier.ts';

/** An app with one REST hook that does as the delivery's body says. */
const APP = `
const callsOf = {};
const perform = async (z, { rawRequest, cleanedRequest }) => {
  const { name, throttle, times = Infinity, fail, forever } = cleanedRequest;
  const calls = (callsOf[name] = (callsOf[name] ?? 0) + 1);
  if (throttle !== undefined && calls <= times) throw new z.errors.ThrottledError('busy', throttle);
  if (fail) throw new z.errors.Error('Broken', 'broken');
  if (forever) await new Promise(() => {});
  return [{ id: 1, calls, rawRequest, cleanedRequest }];
};
export default {
  version: '1.0.0',
  platformVersion: built.platformVersion,
  triggers: {
    thing: {
      key: 'thing',
      noun: 'Thing',
      display: { label: 'New Thing', description: 'Triggers when a thing is new.' },
      operation: {
        type: 'hook',
        perform,
        performSubscribe: () => ({ id: 'wh_1' }),
        performUnsubscribe: () => ({}),
        sample: { id: 1 },
      },
    },
  },
};`;

/** How long throttled triggers were put off, in seconds. */
const waits: number[] = [];
let runner: ZapierRunner;
let zap: Zap;

beforeAll(async () => {
  runner = await startWithApp(APP, {
    wait: (seconds) => Promise.resolve(void waits.push(seconds)),
  });
});

afterAll(() => runner.stop());

beforeEach(async () => {
  runner.hooks.misbehave();
  zap = await runner.turnOn('thing');
});

/** The same with a runner of its own, for one test. */
async function withOptions(
  options: Partial<RunnerOptions>,
  test: (runner: ZapierRunner, zap: Zap) => Promise<void>,
): Promise<void> {
  const own = await startWithApp(APP, options);
  try {
    await test(own, await own.turnOn('thing'));
  } finally {
    await own.stop();
  }
}

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

  it('of a Zap that is off, or of none, is answered with 410', async () => {
    await runner.turnOff(zap);
    expect((await post()).status).toBe(410);
    expect((await fetch(zap.hookUrl.replace(zap.id, 'none'), { method: 'POST' })).status).toBe(410);
    await runner.settled();
    expect(zap.runs).toEqual([]);
  });

  it('larger than Zapier takes is refused', async () => {
    expect((await post('x'.repeat(10_000_000))).status).toBe(413);
    await runner.settled();
    expect(zap.runs).toEqual([]);
  });

  it('whose trigger is throttled is tried once more, after its delay', async () => {
    await post({ name: 'once', throttle: 7, times: 1 });
    await runner.settled();
    expect(zap.runs.map(({ records }) => records)).toEqual([
      [expect.objectContaining({ calls: 2 })],
    ]);
    expect(waits.splice(0)).toEqual([7]);
  });

  it.each([
    [86_400, 300],
    [null, 60],
  ])(
    'whose trigger asks for a delay of %j is put off by %i seconds, once',
    async (throttle, seconds) => {
      await post({ name: `throttled by ${throttle}`, throttle });
      await runner.settled();
      expect(zap.runs.map(({ error }) => error)).toEqual([expect.stringContaining('busy')]);
      expect(waits.splice(0)).toEqual([seconds]);
    },
  );

  it('whose trigger fails is not tried again', async () => {
    await post({ name: 'failing', fail: true });
    await runner.settled();
    expect(zap.runs.map(({ error }) => error)).toEqual([expect.stringContaining('Broken')]);
    expect(waits).toEqual([]);
    await post({ name: 'failing' });
    await runner.settled();
    expect(zap.runs[1]?.records).toEqual([expect.objectContaining({ calls: 2 })]);
  });

  it('whose trigger takes longer than Zapier waits ends with that', async () => {
    await withOptions({ timeLimitMs: 500 }, async (own, { hookUrl, runs }) => {
      await fetch(hookUrl, { method: 'POST', body: '{"forever":true}' });
      await own.settled();
      expect(runs[0]?.error).toMatch(/did not respond in-time/);
    });
  });
});

describe('an observer of the runs', () => {
  it('is told of each with what was received, in place of the list', async () => {
    const told: [Zap, ZapRun][] = [];
    await withOptions({ onRun: (...run) => told.push(run) }, async (own, observed) => {
      for (const body of ['{"a":1}', '{"fail":true}']) {
        await fetch(observed.hookUrl, { method: 'POST', body });
        await own.settled();
      }
      expect(told.map(([of]) => of)).toEqual([observed, observed]);
      expect(told.map(([, { received, error }]) => [received.content, error])).toEqual([
        ['{"a":1}', undefined],
        ['{"fail":true}', expect.stringContaining('Broken')],
      ]);
      expect(observed.runs).toEqual([]);
    });
  });
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
    expect(performance.now() - before).toBeGreaterThan(50);
    await runner.settled();
    expect(zap.runs).toHaveLength(1);
  });

  it('is never answered, and holds up nothing', async () => {
    runner.hooks.misbehave(() => ({ answer: 'hang' }));
    await expect(post({}, AbortSignal.timeout(300))).rejects.toThrow(/timeout/);
    await runner.settled();
    expect(zap.runs).toEqual([]);
  });

  it.each([{ status: 500 }, 'hang', 'dropped'] as const)(
    'loses the answer of a run that it has made: %j',
    async (answer) => {
      runner.hooks.misbehave(() => ({ answer, carriedOut: true }));
      const answered = post({}, AbortSignal.timeout(300)).then(
        ({ status }) => status,
        () => 'none',
      );
      expect(await answered).toBe(typeof answer === 'object' ? 500 : 'none');
      await runner.settled();
      expect(zap.runs).toHaveLength(1);
    },
  );
});
