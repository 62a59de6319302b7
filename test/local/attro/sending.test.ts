import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Database } from '../../../local/attro/database.ts';
import { startSandbox } from '../../../local/attro/index.ts';
import type { AttemptReport, Delivery, Endpoint, Sandbox } from '../../../local/attro/index.ts';
import { Deliveries } from '../../../local/attro/webhooks/deliveries.ts';
import type { Health } from '../../../local/attro/webhooks/deliveries.ts';
import { MAX_AT_ONCE } from '../../../local/attro/webhooks/sender.ts';
import { Endpoints } from '../../../local/attro/webhooks/endpoints.ts';
import { hang, startReceiver, until } from './receiver.ts';
import type { Received, Receiver } from './receiver.ts';
import { ownerOf } from './sign-in.ts';

/** When deliveries are sent, and what becomes of them when their endpoint changes meanwhile. */

const SECRET = 'whsec_of_the_tests';

let receiver: Receiver;
let sandbox: Sandbox;
let reports: AttemptReport[];
let call: ReturnType<typeof ownerOf>;

beforeEach(async () => {
  receiver = await startReceiver();
});

afterEach(async () => {
  await sandbox.close();
  await receiver.close();
});

async function start(speed = 1e6): Promise<void> {
  reports = [];
  sandbox = await startSandbox({ speed, onAttempt: (report) => reports.push(report) });
  call = ownerOf(sandbox);
}

/** Adds an endpoint, at a path of its own below the receiver's. */
async function add(path = '', events = ['payout.completed']): Promise<string> {
  const json = { url: `${receiver.url}${path}`, events, secret: SECRET };
  return ((await call('POST', '/webhooks', json)).body as Endpoint).id;
}

async function deliveriesOf(id: string, query = ''): Promise<Delivery[]> {
  const { body } = await call('GET', `/webhooks/${id}/deliveries${query}`);
  return (body as { data: Delivery[] }).data;
}

async function healthOf(id: string): Promise<Health> {
  return (await call('GET', `/webhooks/${id}/health`)).body as Health;
}

function isSignedWith(secret: string, { body, headers }: Received): boolean {
  const digest = createHmac('sha256', secret).update(body).digest('hex');
  return headers['x-attro-signature'] === `sha256=${digest}`;
}

describe('the schedule', () => {
  it('is 1, 5 and 30 minutes after the previous attempt, and then the endpoint is disabled', async () => {
    await start(1);
    const id = await add();
    receiver.otherwise = 500;
    void sandbox.emit('payout.completed');
    for (let attempts = 1; attempts <= 4; attempts += 1) {
      await until(() => reports.length === attempts);
      const [{ id: delivery } = {}] = await deliveriesOf(id);
      // Instead of waiting for it.
      if (attempts < 4) await call('POST', `/webhooks/${id}/deliveries/${delivery}/retry`);
    }
    expect(reports.map(({ nextInMs, endpointIs }) => [nextInMs, endpointIs])).toEqual([
      [60_000, undefined],
      [300_000, undefined],
      [1_800_000, undefined],
      [null, 'disabled'],
    ]);
  });

  it('counts from the end of an attempt, also when it is sped up', async () => {
    await start(600);
    const id = await add();
    receiver.otherwise = (response) => setTimeout(() => response.writeHead(500).end(), 150);
    receiver.reactions = [receiver.otherwise, receiver.otherwise];
    receiver.otherwise = 200;
    await sandbox.emit('payout.completed');
    const [{ attempts }] = (await deliveriesOf(id)) as [Delivery];
    const waits = attempts.slice(1).map(({ started_at }, index) => {
      const before = attempts[index];
      return (
        Date.parse(started_at) - Date.parse(before?.started_at ?? '') - (before?.duration_ms ?? 0)
      );
    });
    expect(waits).toHaveLength(2);
    // Both times are rounded.
    expect(waits[0]).toBeGreaterThanOrEqual(98);
    expect(waits[1]).toBeGreaterThanOrEqual(498);
  });

  it('forgets no attempt that becomes due while others are looked for', async () => {
    await start();
    const database = new Database();
    const endpoints = new Endpoints(database);
    const retryDelaysMs = Array.from({ length: 60 }, (_, index) => index % 6);
    const deliveries = new Deliveries(database, endpoints, {
      ...{ retryDelaysMs, timeoutMs: 30_000, onAttempt: () => undefined },
    });
    const { id } = endpoints.add({ url: receiver.url, events: ['payout.failed'], secret: SECRET });
    receiver.otherwise = 500;
    const realNow = Date.now;
    let looks = 0;
    // A clock that goes on by a millisecond with each look at it.
    jest.spyOn(Date, 'now').mockImplementation(() => realNow() + (looks += 1));
    const [sent] = deliveries.send({ event: 'payout.failed', body: '{}' });
    await until(() => deliveries.health(id)?.attempts.total === retryDelaysMs.length);
    expect(deliveries.find(id, sent?.id ?? '')?.status).toBe('failed');
    await deliveries.stop(true);
    database.close();
  });
});

describe('many deliveries', () => {
  it('to one endpoint do not wait for those to another on the same host', async () => {
    await start();
    const [slow, quick] = [await add('/slow'), await add('/quick')];
    receiver.otherwise = (response, { path }) => {
      if (path?.endsWith('/quick')) response.end();
    };
    void sandbox.emit('payout.completed', { copies: 50 });
    await until(async () => (await healthOf(quick)).deliveries.succeeded === 50);
    expect(await healthOf(slow)).toMatchObject({
      deliveries: { succeeded: 0, failed: 0, pending: 50 },
      attempts: { total: 0 },
    });
  });

  it(`to a slow endpoint hold at most ${MAX_AT_ONCE} connections, and all arrive`, async () => {
    await start();
    const id = await add();
    receiver.otherwise = (response) => setTimeout(() => response.end(), 20);
    const results = await sandbox.emit('payout.completed', { copies: 100 });
    expect(results.map(({ status }) => status)).toEqual(Array<string>(100).fill('succeeded'));
    expect(receiver.received).toHaveLength(100);
    expect(receiver.mostConnections).toBeLessThanOrEqual(MAX_AT_ONCE);
    expect(await healthOf(id)).toMatchObject({ deliveries: { succeeded: 100, pending: 0 } });
  });

  it('that nobody answers hold no more, and the others wait without an attempt', async () => {
    await start();
    const id = await add();
    receiver.otherwise = hang;
    void sandbox.emit('payout.completed', { copies: 100 });
    await until(() => receiver.received.length === MAX_AT_ONCE);
    // What is asked for again meanwhile does not get in between.
    const [{ id: newest } = {}] = await deliveriesOf(id);
    await call('POST', `/webhooks/${id}/deliveries/${newest}/retry`);
    await call('POST', `/webhooks/${id}/test`, { event: 'payout.failed' });
    expect(receiver.received).toHaveLength(MAX_AT_ONCE);
    expect(receiver.mostConnections).toBe(MAX_AT_ONCE);
    expect((await healthOf(id)).deliveries.pending).toBe(101);
  });

  it('are sent in the order in which they happened', async () => {
    await start();
    await add();
    const all = Array.from({ length: 40 }, (_, index) => `pay_${index}`);
    receiver.otherwise = (response) => setTimeout(() => response.end(), 5);
    await Promise.all(all.map((id) => sandbox.emit('payout.completed', { data: { id } })));
    const ids = receiver.received.map(
      ({ body }) => (JSON.parse(body) as { data: { id: string } }).data.id,
    );
    // Those that are under way together arrive in any order.
    for (const [place, id] of ids.entries()) {
      expect(Math.abs(place - all.indexOf(id))).toBeLessThan(2 * MAX_AT_ONCE);
    }
  });
});

describe('an endpoint', () => {
  it('that is paused has what waits for it fail, and gets nothing more', async () => {
    await start(1);
    const id = await add();
    receiver.reactions = [500];
    const emitted = sandbox.emit('payout.completed');
    await until(() => reports.length === 1);
    await call('PATCH', `/webhooks/${id}`, { status: 'disabled' });
    expect(await emitted).toMatchObject([{ status: 'failed' }]);
    expect(await deliveriesOf(id)).toMatchObject([{ status: 'failed', next_attempt_at: null }]);
    expect(await sandbox.emit('payout.completed')).toEqual([]);
    expect(receiver.received).toHaveLength(1);
  });

  it('that is paused while it answers keeps the answer, but is not tried again', async () => {
    await start();
    const id = await add();
    const answers: ((status: number) => void)[] = [];
    receiver.otherwise = (response) =>
      answers.push((status) => response.writeHead(status).end('late'));
    void sandbox.emit('payout.completed', { copies: 2 });
    await until(() => answers.length === 2);
    await call('PATCH', `/webhooks/${id}`, { status: 'disabled' });
    answers[0]?.(200);
    answers[1]?.(500);
    await until(() => reports.length === 2);
    const results = (await deliveriesOf(id)).map(({ status, attempts }) => [
      status,
      attempts.map(({ response_status }) => response_status),
    ]);
    expect(results).toHaveLength(2);
    expect(results).toEqual(
      expect.arrayContaining([
        ['succeeded', [200]],
        ['failed', [500]],
      ]),
    );
    expect(receiver.received).toHaveLength(2);
  });

  it('that is enabled again starts afresh', async () => {
    await start();
    const id = await add();
    receiver.reactions = [500, 500, 500, 500];
    const [failed] = await sandbox.emit('payout.completed');
    await call('PATCH', `/webhooks/${id}`, { status: 'active' });
    receiver.reactions = [500, 500, 500];
    const [later] = await sandbox.emit('payout.completed');
    // What failed before was not sent, and its failures do not count.
    expect(later).toMatchObject({ status: 'succeeded' });
    expect(later?.attempts).toHaveLength(4);
    expect(await healthOf(id)).toMatchObject({ status: 'active' });
    const before = (await deliveriesOf(id)).find((each) => each.id === failed?.id);
    expect(before).toMatchObject({ status: 'failed', next_attempt_at: null });
    expect(before?.attempts).toHaveLength(4);
  });

  it('is disabled by the fourth failure, which fails what else waits', async () => {
    await start();
    const id = await add();
    receiver.otherwise = 500;
    const results = await sandbox.emit('payout.completed', { copies: 20 });
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['failed']));
    await until(async () => (await healthOf(id)).attempts.total === receiver.received.length);
    expect(Math.max(...results.map(({ attempts }) => attempts.length))).toBe(4);
    expect(await healthOf(id)).toMatchObject({
      status: 'disabled',
      deliveries: { succeeded: 0, failed: 20, pending: 0 },
    });
    expect(await deliveriesOf(id, '?status=pending')).toEqual([]);
    expect(reports.filter(({ endpointIs }) => endpointIs === 'disabled')).toHaveLength(1);
  });

  it('that answers 410 is gone with all that waits for it', async () => {
    await start();
    const [id, other] = [await add('/gone'), await add('/stays')];
    receiver.otherwise = (response, { path }) =>
      response.writeHead(path?.endsWith('/gone') ? 410 : 200).end();
    const results = await sandbox.emit('payout.completed', { copies: 20 });
    expect(results.filter(({ status }) => status === 'succeeded')).toHaveLength(20);
    for (const path of [
      `/webhooks/${id}`,
      `/webhooks/${id}/deliveries`,
      `/webhooks/${id}/health`,
    ]) {
      expect((await call('GET', path)).status).toBe(404);
    }
    expect(sandbox.subscriptions().map((endpoint) => endpoint.id)).toEqual([other]);
    expect(reports.filter(({ endpointIs }) => endpointIs === 'removed')).toHaveLength(1);
  });

  it('with another URL and other events gets what happens from then on there', async () => {
    await start();
    const id = await add('/old');
    receiver.reactions = [500];
    await sandbox.emit('payout.completed');
    const change = { url: `${receiver.url}/new`, events: ['payout.failed'] };
    await call('PATCH', `/webhooks/${id}`, change);
    expect(await sandbox.emit('payout.completed')).toEqual([]);
    await sandbox.emit('payout.failed');
    expect(receiver.received.map(({ path }) => path)).toEqual([
      '/hook/old',
      '/hook/old',
      '/hook/new',
    ]);
  });
});

describe('a new secret', () => {
  it('signs what is sent for the first time from then on, and not what is sent again', async () => {
    await start();
    const id = await add();
    let isChanged = false;
    receiver.reactions = Array.from({ length: MAX_AT_ONCE }, () => (response) => {
      const poll = setInterval(() => {
        if (!isChanged) return;
        clearInterval(poll);
        response.writeHead(500).end();
      }, 5);
    });
    const emitted = sandbox.emit('payout.completed', { copies: MAX_AT_ONCE + 4 });
    await until(() => receiver.received.length === MAX_AT_ONCE);
    await call('PATCH', `/webhooks/${id}`, { secret: 'whsec_another_secret' });
    isChanged = true;
    const results = await emitted;
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'succeeded'));
    const count = (secret: string) =>
      receiver.received.filter((delivery) => isSignedWith(secret, delivery)).length;
    // Those under way were sent twice; four had waited for their first attempt.
    expect(receiver.received).toHaveLength(2 * MAX_AT_ONCE + 4);
    expect(count(SECRET)).toBe(2 * MAX_AT_ONCE);
    expect(count('whsec_another_secret')).toBe(4);
  });

  it('makes no forgery genuine that waits to be sent', async () => {
    await start();
    const id = await add();
    receiver.reactions = Array.from({ length: MAX_AT_ONCE }, () => hang);
    void sandbox.emit('payout.completed', { copies: MAX_AT_ONCE });
    const forged = sandbox.emit('payout.completed', { forge: 'signature' });
    await until(() => receiver.received.length === MAX_AT_ONCE);
    await call('PATCH', `/webhooks/${id}`, { secret: 'whsec_another_secret' });
    await call('DELETE', `/webhooks/${id}`);
    await forged;
    const other = await add();
    await sandbox.emit('payout.completed', { forge: 'body' });
    const [last] = receiver.received.slice(-1) as [Received];
    expect(isSignedWith(SECRET, last)).toBe(false);
    expect(other).not.toBe(id);
  });
});

describe('closing', () => {
  it('finishes what is under way when asked to, and starts nothing new', async () => {
    await start();
    await add();
    receiver.otherwise = (response) => setTimeout(() => response.end(), 100);
    const emitted = sandbox.emit('payout.completed', { copies: 20 });
    await until(() => receiver.received.length === MAX_AT_ONCE);
    await sandbox.close(true);
    const results = await emitted;
    const count = (status: string) => results.filter((each) => each.status === status).length;
    expect(receiver.received).toHaveLength(MAX_AT_ONCE);
    expect([count('succeeded'), count('pending')]).toEqual([MAX_AT_ONCE, 20 - MAX_AT_ONCE]);
  });

  it('cuts what is under way otherwise, and can be asked for twice', async () => {
    await start();
    await add();
    receiver.otherwise = hang;
    const emitted = sandbox.emit('payout.completed', { copies: 20 });
    await until(() => receiver.received.length === MAX_AT_ONCE);
    await Promise.all([sandbox.close(), sandbox.close(true), sandbox.close()]);
    expect((await emitted).every(({ status }) => status === 'pending')).toBe(true);
    await expect(fetch(sandbox.baseUrl)).rejects.toThrow();
  });
});
