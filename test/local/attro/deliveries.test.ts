import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lineFor } from '../../../local/attro/attempt-line.ts';
import { Database } from '../../../local/attro/database.ts';
import { EVENT_NAMES, startSandbox } from '../../../local/attro/index.ts';
import type {
  AttemptReport,
  Delivery,
  DeliveryResult,
  Endpoint,
  Sandbox,
  SandboxOptions,
} from '../../../local/attro/index.ts';
import { MAX_HISTORY, Deliveries } from '../../../local/attro/webhooks/deliveries.ts';
import type { Health } from '../../../local/attro/webhooks/deliveries.ts';
import { Endpoints } from '../../../local/attro/webhooks/endpoints.ts';
import { MAX_AT_ONCE } from '../../../local/attro/webhooks/sender.ts';
import { hang, startReceiver, until } from './receiver.ts';
import type { Reaction, Received, Receiver } from './receiver.ts';
import { callApi, ownerOf, signIn } from './sign-in.ts';

/** What is sent when, what becomes of it, and what an endpoint's owner sees of it and can do with it. */

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

/** Starts the sandbox; attempts follow at once where nothing else is said. */
async function start(options: SandboxOptions = {}): Promise<void> {
  reports = [];
  sandbox = await startSandbox({
    ...{ speed: 1e6, onAttempt: (report) => reports.push(report) },
    ...options,
  });
  call = ownerOf(sandbox);
}

/** Adds an endpoint, at a path of its own below the receiver's. */
async function add(
  path = '',
  events: readonly string[] = ['payout.completed', 'payout.failed'],
  secret = SECRET,
): Promise<string> {
  const json = { url: new URL(path, `${receiver.url}/`).href, events, secret };
  return ((await call('POST', '/webhooks', json)).body as Endpoint).id;
}

async function pageOf(id: string, query = '') {
  const { body, status } = await call('GET', `/webhooks/${id}/deliveries${query}`);
  expect(status).toBe(200);
  return body as { data: Delivery[]; next_cursor: string | null };
}

async function deliveriesOf(id: string, query = ''): Promise<Delivery[]> {
  return (await pageOf(id, query)).data;
}

async function healthOf(id: string): Promise<Health> {
  return (await call('GET', `/webhooks/${id}/health`)).body as Health;
}

function isSignedWith(secret: string, { body, headers }: Received): boolean {
  const digest = createHmac('sha256', secret).update(body, 'utf8').digest('hex');
  return headers['x-attro-signature'] === `sha256=${digest}`;
}

/** What is sent the same in each of these. */
const sent = (deliveries: Received[]) =>
  new Set(deliveries.map(({ body, headers }) => `${String(headers['x-attro-signature'])}${body}`));

/** The statuses that attempts were answered with. */
const statusesOf = (delivery: Pick<DeliveryResult, 'attempts'> | undefined) =>
  delivery?.attempts.map(({ response_status }) => response_status);

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** An attempt that was answered. */
function answered(number: number, response_status: number, response_body = '{}') {
  return {
    number,
    started_at: expect.stringMatching(TIME),
    duration_ms: expect.any(Number),
    response_status,
    response_body,
    error: null,
  };
}

/** An attempt that was not. */
function unanswered(number: number, error: string) {
  return { ...answered(number, 0), response_status: null, response_body: null, error };
}

describe('an event', () => {
  it('is sent as its sample at the time of the event, byte for byte but for that', async () => {
    const now = Date.UTC(2027, 1, 3);
    await start({ clock: () => now });
    await add('', EVENT_NAMES);
    for (const [index, event] of EVENT_NAMES.entries()) {
      const [result] = await sandbox.emit(event);
      const file = new URL(`../../../samples/${event}.json`, import.meta.url);
      const sample = readFileSync(file, 'utf8');
      const body = receiver.received.at(-1)?.body ?? '';
      expect(result).toMatchObject({ event, status: 'succeeded', body });
      const { timestamp } = JSON.parse(sample) as { timestamp: string };
      // No two are of the same time.
      expect(body).toBe(sample.replace(timestamp, new Date(now + index).toISOString()));
    }
  });

  it("is signed under each endpoint's own secret", async () => {
    await start();
    const secrets = ['whsec_of_the_first', 'whsec_of_the_second'];
    for (const secret of secrets) await add('', ['affiliate.created'], secret);
    expect(
      await sandbox.emit('affiliate.created', { data: { display_name: 'Zoë 田中' } }),
    ).toHaveLength(2);
    const signers = receiver.received.map((one) =>
      secrets.filter((secret) => isSignedWith(secret, one)),
    );
    expect(signers.flat().sort()).toEqual(secrets);
    expect(receiver.received[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
  });

  it('goes only to active endpoints that chose it', async () => {
    await start();
    await add('', ['payout.failed']);
    const paused = await add('', ['affiliate.created']);
    await call('PATCH', `/webhooks/${paused}`, { status: 'disabled' });
    expect(await sandbox.emit('affiliate.created')).toEqual([]);
    expect(receiver.received).toEqual([]);
  });

  it('takes changed data, and is sent in copies', async () => {
    await start();
    await add();
    const data = { amount: 1, extra: true };
    const results = await sandbox.emit('payout.completed', { data, copies: 3 });
    expect(new Set(results.map(({ id }) => id)).size).toBe(3);
    expect(receiver.received).toHaveLength(3);
    expect(sent(receiver.received).size).toBe(1);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      event: 'payout.completed',
      data: { id: 'pay_abc123', amount: 1, extra: true, currency: 'USD' },
    });
  });

  it.each(['signature', 'body'] as const)('is sent with a forged %s', async (forge) => {
    await start();
    await add();
    await sandbox.emit('payout.completed', { forge });
    const [delivery] = receiver.received as [Received];
    expect(delivery.headers['x-attro-signature']).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(isSignedWith(SECRET, delivery)).toBe(false);
    const { id } = (JSON.parse(delivery.body) as { data: { id: string } }).data;
    expect(id).toBe(forge === 'body' ? 'pay_abc123_forged' : 'pay_abc123');
  });
});

describe('the schedule', () => {
  it('is 1, 5 and 30 minutes after the previous attempt, and then the endpoint is disabled', async () => {
    await start({ speed: 1 });
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

  it('counts from the end of an attempt, and is told in words', async () => {
    let time = Date.UTC(2026, 0, 26, 12);
    await start({ speed: 20, clock: () => time });
    const id = await add();
    receiver.reactions = [
      (response) => {
        time += 1200;
        response.writeHead(503).end();
      },
    ];
    void sandbox.emit('payout.completed');
    await until(() => reports.length === 1);
    expect(await deliveriesOf(id)).toMatchObject([
      {
        next_attempt_at: '2026-01-26T12:00:04.200Z',
        attempts: [{ started_at: '2026-01-26T12:00:00.000Z', duration_ms: 1200 }],
      },
    ]);
    const [report] = reports as [AttemptReport];
    const line = (change: Partial<AttemptReport>): string => lineFor({ ...report, ...change });
    const begin = `12:00:00 payout.completed to ${id}: attempt 1, 503 in 1 second`;
    expect(line({})).toBe(`${begin}, next attempt in 3 seconds`);
    expect(line({ nextInMs: 300_000 })).toBe(`${begin}, next attempt in 5 minutes`);
    expect(line({ nextInMs: 60_000 })).toBe(`${begin}, next attempt in 1 minute`);
    expect(line({ nextInMs: 2 })).toBe(`${begin}, next attempt in 2 ms`);
    expect(line({ nextInMs: null, endpointIs: 'disabled' })).toBe(
      `${begin}, the endpoint is disabled`,
    );
  });

  it('goes on, with the same bytes, until an attempt succeeds', async () => {
    await start();
    const id = await add();
    receiver.reactions = [500, 302];
    const [result] = await sandbox.emit('payout.completed');
    expect(result?.status).toBe('succeeded');
    expect(statusesOf(result)).toEqual([500, 302, 200]);
    expect(sent(receiver.received).size).toBe(1);
    expect(await healthOf(id)).toMatchObject({ status: 'active' });
  });

  it('ends with the endpoint', async () => {
    await start({ speed: 1 });
    const id = await add();
    receiver.reactions = [500];
    const emitted = sandbox.emit('payout.completed');
    await until(() => reports.length === 1);
    await call('DELETE', `/webhooks/${id}`);
    expect(await emitted).toMatchObject([{ status: 'failed' }]);
    expect(receiver.received).toHaveLength(1);
  });

  it('forgets no attempt that becomes due while others are looked for', async () => {
    await start();
    const database = new Database();
    const endpoints = new Endpoints(database);
    const retryDelaysMs = Array.from({ length: 60 }, (_, index) => index % 6);
    let looks = 0;
    const deliveries = new Deliveries(database, endpoints, {
      ...{ retryDelaysMs, timeoutMs: 30_000, onAttempt: () => undefined },
      // A clock that goes on by a millisecond with each look at it.
      clock: () => Date.now() + (looks += 1),
    });
    const { id } = endpoints.add({ url: receiver.url, events: ['payout.failed'], secret: SECRET });
    receiver.otherwise = 500;
    const [made] = deliveries.send({ event: 'payout.failed', body: '{}' });
    await until(() => deliveries.health(id)?.attempts.total === retryDelaysMs.length);
    expect(deliveries.find(id, made?.id ?? '')?.status).toBe('failed');
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
});

describe('an endpoint', () => {
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
});

describe('Zapier', () => {
  /** A URL like those of its hooks, here. */
  const hook = '/hooks/standard/1/abc';
  const told = () => receiver.received.filter(({ method }) => method === 'DELETE');

  it.each<[string, (id: string) => Promise<unknown>]>([
    ['is removed', (id) => call('DELETE', `/webhooks/${id}`)],
    ['is disabled', (id) => call('PATCH', `/webhooks/${id}`, { status: 'disabled' })],
  ])('is told once when an endpoint of its own %s by a person', async (_case, end) => {
    await start();
    const id = await add(hook);
    receiver.otherwise = 500;
    await end(id);
    await sandbox.settled();
    expect(told()).toMatchObject([{ path: hook, body: '' }]);
    await call('DELETE', `/webhooks/${id}`);
    await sandbox.settled();
    expect(receiver.received).toHaveLength(1);
  });

  it('is told once when the fourth failure disables one', async () => {
    await start();
    await add(hook);
    receiver.otherwise = 500;
    await sandbox.emit('payout.completed', { copies: 3 });
    await sandbox.settled();
    expect(told()).toHaveLength(1);
  });

  it('is not told what it has asked for itself, or has said with a 410', async () => {
    await start();
    const { access_token: token } = await signIn(sandbox);
    const [removed, disabled] = [await add(hook), await add(hook)];
    await callApi(sandbox, `/webhooks/${removed}`, { token, method: 'DELETE' });
    const json = { status: 'disabled' };
    await callApi(sandbox, `/webhooks/${disabled}`, { token, method: 'PATCH', json });
    await add(hook);
    receiver.otherwise = 410;
    await sandbox.emit('payout.completed');
    await sandbox.settled();
    expect(told()).toEqual([]);
  });

  it('is the only one that is told', async () => {
    await start();
    for (const path of ['/hook', '/other/hooks/1'])
      await call('DELETE', `/webhooks/${await add(path)}`);
    await sandbox.settled();
    expect(receiver.received).toEqual([]);
  });
});

describe('closing', () => {
  it('finishes what is under way when asked to, and starts nothing new', async () => {
    await start();
    await add();
    const held: ServerResponse[] = [];
    receiver.otherwise = (response) => held.push(response);
    const emitted = sandbox.emit('payout.completed', { copies: 20 });
    await until(() => held.length === MAX_AT_ONCE);
    const closed = sandbox.close(true);
    for (const response of held) response.end();
    await closed;
    const results = await emitted;
    const count = (status: string) => results.filter((each) => each.status === status).length;
    expect(receiver.received).toHaveLength(MAX_AT_ONCE);
    expect([count('succeeded'), count('pending')]).toEqual([MAX_AT_ONCE, 20 - MAX_AT_ONCE]);
  });

  it.each<[string, Reaction]>([
    ['that waits', 500],
    ['that nobody has answered', hang],
  ])('cuts an attempt %s, and can be asked for twice', async (_case, reaction) => {
    await start({ speed: 1 });
    await add();
    receiver.reactions = [reaction];
    const emitted = sandbox.emit('payout.completed');
    await until(() => receiver.received.length === 1);
    await Promise.all([sandbox.close(), sandbox.close()]);
    expect(await emitted).toMatchObject([{ status: 'pending' }]);
  });
});

describe('GET /webhooks/{id}/deliveries', () => {
  it('shows each delivery with its attempts, newest first', async () => {
    await start();
    const id = await add();
    receiver.reactions = [500, 302];
    const [first] = await sandbox.emit('payout.completed');
    const [second] = await sandbox.emit('payout.failed');
    const { data, next_cursor } = await pageOf(id);
    expect(next_cursor).toBeNull();
    expect(data).toEqual([
      {
        id: second?.id,
        event: 'payout.failed',
        status: 'succeeded',
        created_at: expect.stringMatching(TIME),
        next_attempt_at: null,
        attempts: [answered(1, 200)],
      },
      {
        id: first?.id,
        event: 'payout.completed',
        status: 'succeeded',
        created_at: expect.stringMatching(TIME),
        next_attempt_at: null,
        attempts: [answered(1, 500), answered(2, 302), answered(3, 200)],
      },
    ]);
    const times = data[1]?.attempts.map(({ started_at }) => started_at) ?? [];
    expect(times).toEqual(times.toSorted());
    expect(JSON.stringify(data)).not.toContain(SECRET);
  });

  it.each([
    ['status', 'delivered'],
    ['cursor', 'made-up'],
    ['limit', '0'],
    ['colour', 'red'],
  ])('refuses the %s %s', async (name, value) => {
    await start();
    const { status, body } = await call(
      'GET',
      `/webhooks/${await add()}/deliveries?${name}=${value}`,
    );
    expect(status).toBe(400);
    expect(body).toMatchObject({ details: [{ path: [name] }] });
  });
});

describe('an attempt', () => {
  it.each<[string, Reaction]>([
    ['connection_reset', (response) => response.destroy()],
    ['connection_reset', (response) => response.socket?.resetAndDestroy()],
    // Neither a timeout nor a cut: what comes back is no HTTP.
    ['network', (response) => response.socket?.end('nonsense\r\n\r\n')],
  ])('says %s where no answer came', async (error, reaction) => {
    await start();
    const id = await add();
    receiver.reactions = [reaction];
    await sandbox.emit('payout.completed');
    const [delivery] = await deliveriesOf(id);
    expect(delivery?.attempts).toEqual([unanswered(1, error), answered(2, 200)]);
  });

  it('says timeout where an answer takes too long', async () => {
    await start({ deliveryTimeoutMs: 50 });
    const id = await add();
    receiver.otherwise = hang;
    await sandbox.emit('payout.completed');
    const [delivery] = await deliveriesOf(id);
    expect(delivery?.attempts).toEqual([1, 2, 3, 4].map((number) => unanswered(number, 'timeout')));
  });

  it('shows the first 2,000 characters of an answer, and does not wait for the rest', async () => {
    await start();
    const id = await add();
    receiver.reactions = [
      (response) => response.writeHead(500).end('é'.repeat(2000)),
      (response) => response.writeHead(500).end('ab'.repeat(50_000)),
      (response) => response.writeHead(200).write('田'.repeat(3000)),
    ];
    await sandbox.emit('payout.completed');
    const [delivery] = await deliveriesOf(id);
    expect(delivery?.attempts).toEqual([
      answered(1, 500, 'é'.repeat(2000)),
      answered(2, 500, 'ab'.repeat(1000)),
      answered(3, 200, '田'.repeat(2000)),
    ]);
  });

  it('counts once its status is there, whatever becomes of the body', async () => {
    await start();
    const id = await add();
    receiver.reactions = [
      (response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('half', () => response.destroy());
      },
      (response) => response.writeHead(204).end(),
    ];
    await sandbox.emit('payout.completed');
    await sandbox.emit('payout.completed');
    const data = await deliveriesOf(id);
    expect(data.map(({ attempts }) => attempts)).toEqual([
      [answered(1, 204, '')],
      [answered(1, 200, 'half')],
    ]);
  });
});

it.each([
  ['connection_refused', 'http://CLOSED/'],
  ['network', 'http://nowhere.invalid/'],
  ['network', 'https://RECEIVER/'],
])('an attempt says %s for %s', async (error, url) => {
  await start();
  const closed = await startReceiver();
  await closed.close();
  const hosts = [closed, receiver].map((one) => new URL(one.url).host);
  const [closedHost = '', host = ''] = hosts;
  const id = await add(url.replace('CLOSED', closedHost).replace('RECEIVER', host));
  await sandbox.emit('payout.completed');
  const [delivery] = await deliveriesOf(id);
  expect(delivery?.attempts).toEqual([1, 2, 3, 4].map((number) => unanswered(number, error)));
});

describe('GET /webhooks/{id}/health', () => {
  it('counts deliveries and attempts, and shows the latest attempts first', async () => {
    await start();
    const id = await add();
    await sandbox.emit('payout.completed');
    receiver.reactions = [500, (response) => response.destroy(), 404];
    await sandbox.emit('payout.failed');
    receiver.reactions = [500, 500, 500, 500];
    await sandbox.emit('payout.completed');
    const health = await healthOf(id);
    expect(health).toMatchObject({
      status: 'disabled',
      deliveries: { succeeded: 2, failed: 1, pending: 0 },
      attempts: { total: 9, succeeded: 2, failed: 7 },
    });
    const data = await deliveriesOf(id);
    const attempts = data.flatMap(({ id: delivery_id, event, attempts: made }) =>
      made.map((attempt) => ({ ...attempt, delivery_id, event })).reverse(),
    );
    expect(health.recent_attempts).toEqual(attempts);
    expect(health.last_attempt_at).toBe(attempts[0]?.started_at);
    const durations = attempts.flatMap(({ response_status, duration_ms }) =>
      response_status === null ? [] : [duration_ms],
    );
    const total = durations.reduce((sum, each) => sum + each, 0);
    expect(health.average_response_ms).toBe(Math.round(total / durations.length));
  });
});

describe('POST /webhooks/{id}/deliveries/{delivery_id}/retry', () => {
  /** Sends a delivery once more and waits for the attempt. */
  async function retry(id: string, delivery: string | undefined) {
    const attempts = async () =>
      (await deliveriesOf(id)).find((each) => each.id === delivery)?.attempts.length ?? 0;
    const before = await attempts();
    const answer = await call('POST', `/webhooks/${id}/deliveries/${delivery}/retry`);
    await until(async () => (await attempts()) > before);
    return answer;
  }

  it.each(['succeeded', 'failed'])('sends the same bytes of a %s one', async (state) => {
    await start();
    const id = await add();
    if (state === 'failed') receiver.reactions = [500, 500, 500, 500];
    const [first] = await sandbox.emit('payout.completed');
    expect(first?.status).toBe(state);
    const answer = await retry(id, first?.id);
    expect(answer).toMatchObject({ status: 202, body: { id: first?.id, status: 'pending' } });
    const sent = receiver.received.map(({ body, headers }) => [body, headers['x-attro-signature']]);
    expect(new Set(sent.map((each) => each.join())).size).toBe(1);
    const data = await deliveriesOf(id);
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({ status: 'succeeded', next_attempt_at: null });
    // A disabled endpoint gets it all the same, and stays disabled.
    const { status } = await healthOf(id);
    expect(status).toBe(state === 'failed' ? 'disabled' : 'active');
  });

  it('is one attempt, whose failure disables nothing', async () => {
    await start();
    const id = await add();
    const [first] = await sandbox.emit('payout.completed');
    receiver.otherwise = 500;
    for (let times = 0; times < 5; times += 1) await retry(id, first?.id);
    const [delivery] = await deliveriesOf(id);
    expect(delivery).toMatchObject({ status: 'failed', next_attempt_at: null });
    expect(delivery?.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await healthOf(id)).status).toBe('active');
  });
});

describe('POST /webhooks/{id}/test', () => {
  it('sends the sample of any event to this endpoint alone', async () => {
    await start();
    const [id, other] = [await add(), await add()];
    const { status, body } = await call('POST', `/webhooks/${id}/test`, {
      event: 'fraud.detected',
    });
    expect(status).toBe(202);
    expect(body).toMatchObject({ event: 'fraud.detected', status: 'pending', attempts: [] });
    await until(async () => (await healthOf(id)).deliveries.succeeded === 1);
    expect(await healthOf(other)).toMatchObject({ attempts: { total: 0 } });
    const [delivery] = receiver.received as [Received];
    expect(JSON.parse(delivery.body)).toMatchObject({
      event: 'fraud.detected',
      data: { id: 'conv_abc123' },
    });
    expect(isSignedWith(SECRET, delivery)).toBe(true);
  });

  it('reaches a disabled endpoint, once', async () => {
    await start();
    const id = await add();
    await call('PATCH', `/webhooks/${id}`, { status: 'disabled' });
    receiver.reactions = [500];
    await call('POST', `/webhooks/${id}/test`, { event: 'payout.failed' });
    await until(async () => (await healthOf(id)).deliveries.failed === 1);
    expect(await healthOf(id)).toMatchObject({ status: 'disabled', attempts: { total: 1 } });
  });

  it.each([
    ['an unknown key', { event: 'payout.failed', data: {} }, ['data']],
    ['no event', {}, ['event']],
  ])('refuses %s', async (_case, json, path) => {
    await start();
    const answer = await call('POST', `/webhooks/${await add()}/test`, json);
    expect(answer).toMatchObject({ status: 422, body: { details: [{ path }] } });
  });
});

it(`the history of an endpoint keeps the newest ${MAX_HISTORY}, however they ended`, async () => {
  await start();
  const database = new Database();
  const endpoints = new Endpoints(database);
  const deliveries = new Deliveries(database, endpoints, {
    ...{ retryDelaysMs: [0], timeoutMs: 30_000, clock: Date.now, onAttempt: () => undefined },
  });
  const { id } = endpoints.add({ url: receiver.url, events: ['payout.failed'], secret: SECRET });
  const count = () => [...deliveries.newestFirst(id)].length;
  deliveries.send({ event: 'payout.failed', body: '{"old":1}', copies: 300 });
  await until(() => deliveries.health(id)?.deliveries.succeeded === 300);
  deliveries.send({ event: 'payout.failed', body: '{"new":1}', copies: MAX_HISTORY + 200 });
  // What waits is no history yet, and nothing of it may go.
  deliveries.changeEndpoint(id, { status: 'disabled' });
  await until(() => deliveries.health(id)?.deliveries.pending === 0);
  expect(count()).toBe(MAX_HISTORY);
  const kept = [...deliveries.newestFirst(id)].map((each) => deliveries.contentOf(each.id)?.body);
  expect(new Set(kept)).toEqual(new Set(['{"new":1}']));
  await deliveries.stop(true);
  database.close();
});
