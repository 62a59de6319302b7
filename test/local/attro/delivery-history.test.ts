import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '../../../local/attro/database.ts';
import { startSandbox } from '../../../local/attro/index.ts';
import type { Delivery, Endpoint, Sandbox, SandboxOptions } from '../../../local/attro/index.ts';
import { MAX_HISTORY, Deliveries } from '../../../local/attro/webhooks/deliveries.ts';
import type { Health } from '../../../local/attro/webhooks/deliveries.ts';
import { Endpoints } from '../../../local/attro/webhooks/endpoints.ts';
import { hang, startReceiver, until } from './receiver.ts';
import type { Reaction, Received, Receiver } from './receiver.ts';
import { ownerOf } from './sign-in.ts';

/** What an endpoint's owner sees of its deliveries, and can do with them. */

const SECRET = 'whsec_of_the_tests';

let receiver: Receiver;
let sandbox: Sandbox;
let call: ReturnType<typeof ownerOf>;

beforeEach(async () => {
  receiver = await startReceiver();
});

afterEach(async () => {
  await sandbox.close();
  await receiver.close();
});

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ speed: 1e6, ...options });
  call = ownerOf(sandbox);
}

async function add(url = receiver.url): Promise<string> {
  const { body } = await call('POST', '/webhooks', {
    ...{ url, events: ['payout.completed', 'payout.failed'], secret: SECRET },
  });
  return (body as Endpoint).id;
}

async function deliveriesOf(id: string, query = '') {
  const { body, status } = await call('GET', `/webhooks/${id}/deliveries${query}`);
  expect(status).toBe(200);
  return body as { data: Delivery[]; next_cursor: string | null };
}

async function healthOf(id: string): Promise<Health> {
  return (await call('GET', `/webhooks/${id}/health`)).body as Health;
}

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

describe('GET /webhooks/{id}/deliveries', () => {
  it('shows each delivery with its attempts, newest first', async () => {
    await start();
    const id = await add();
    receiver.reactions = [500, 302];
    const [first] = await sandbox.emit('payout.completed');
    const [second] = await sandbox.emit('payout.failed');
    const { data, next_cursor } = await deliveriesOf(id);
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

  it('shows when a delivery that waits is tried again', async () => {
    await start({ speed: 1 });
    const id = await add();
    receiver.reactions = [(response) => setTimeout(() => response.writeHead(503).end('{}'), 100)];
    void sandbox.emit('payout.completed');
    await until(async () => (await deliveriesOf(id)).data[0]?.attempts.length === 1);
    const [waiting] = (await deliveriesOf(id)).data;
    expect(waiting).toMatchObject({ status: 'pending', attempts: [answered(1, 503)] });
    const { started_at = '', duration_ms = 0 } = waiting?.attempts[0] ?? {};
    const ended = Date.parse(started_at) + duration_ms;
    const wait = Date.parse(waiting?.next_attempt_at ?? '') - ended;
    // The guide's minute, from the end of the attempt; both are rounded to milliseconds.
    expect(wait).toBeGreaterThanOrEqual(59_990);
    expect(wait).toBeLessThan(120_000);
  });

  it('can be asked for a status, and read to the end in pages', async () => {
    await start();
    const [id] = [await add(), await add()];
    await sandbox.emit('payout.completed', { copies: 5 });
    for (const [status, count] of [
      ['succeeded', 5],
      ['failed', 0],
      ['pending', 0],
    ] as const) {
      const { data } = await deliveriesOf(id, `?status=${status}`);
      expect(data.map((delivery) => delivery.status)).toEqual(Array<string>(count).fill(status));
    }
    const ids: string[] = [];
    let query = '?limit=2&status=succeeded';
    for (let page = 1; page <= 3; page += 1) {
      const { data, next_cursor } = await deliveriesOf(id, query);
      ids.push(...data.map((delivery) => delivery.id));
      expect(next_cursor === null).toBe(page === 3);
      query = `?limit=2&status=succeeded&cursor=${next_cursor}`;
    }
    expect(ids).toEqual((await deliveriesOf(id)).data.map((delivery) => delivery.id));
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

  it("refuses another endpoint's cursor", async () => {
    await start();
    const [id, other] = [await add(), await add()];
    await sandbox.emit('payout.completed', { copies: 2 });
    const { next_cursor } = await deliveriesOf(id, '?limit=1');
    const answer = await call('GET', `/webhooks/${other}/deliveries?cursor=${next_cursor}`);
    expect(answer.status).toBe(400);
  });
});

describe('an attempt', () => {
  it.each<[string, Reaction]>([
    ['timeout', hang],
    ['connection_reset', (response) => response.destroy()],
    ['connection_reset', (response) => response.socket?.resetAndDestroy()],
    // Neither a timeout nor a cut: what comes back is no HTTP.
    ['network', (response) => response.socket?.end('nonsense\r\n\r\n')],
  ])('says %s where no answer came', async (error, reaction) => {
    await start({ deliveryTimeoutMs: error === 'timeout' ? 50 : 30_000 });
    const id = await add();
    receiver.reactions = [reaction];
    await sandbox.emit('payout.completed');
    const [delivery] = (await deliveriesOf(id)).data;
    expect(delivery?.attempts).toEqual([unanswered(1, error), answered(2, 200)]);
  });

  it.each([
    ['connection_refused', 'http://127.0.0.1:1/'],
    ['network', 'http://nowhere.invalid/'],
    ['network', 'https://RECEIVER/'],
    ['network', 'http://127.0.0.1:99999/'],
  ])('says %s for %s', async (error, url) => {
    await start();
    const id = await add(url.replace('RECEIVER', new URL(receiver.url).host));
    await sandbox.emit('payout.completed');
    const [delivery] = (await deliveriesOf(id)).data;
    expect(delivery?.attempts).toEqual([1, 2, 3, 4].map((number) => unanswered(number, error)));
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
    const [delivery] = (await deliveriesOf(id)).data;
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
    const { data } = await deliveriesOf(id);
    expect(data.map(({ attempts }) => attempts)).toEqual([
      [answered(1, 204, '')],
      [answered(1, 200, 'half')],
    ]);
  });
});

describe('GET /webhooks/{id}/health', () => {
  it('says that nothing has happened yet', async () => {
    await start();
    expect(await healthOf(await add())).toEqual({
      status: 'active',
      deliveries: { succeeded: 0, failed: 0, pending: 0 },
      attempts: { total: 0, succeeded: 0, failed: 0 },
      average_response_ms: null,
      last_attempt_at: null,
      recent_attempts: [],
    });
  });

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
    const { data } = await deliveriesOf(id);
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

  it('leaves unanswered attempts out of the average, and is about one endpoint alone', async () => {
    await start({ deliveryTimeoutMs: 60 });
    const [id, other] = [await add(), await add('http://127.0.0.1:1/')];
    receiver.reactions = [hang];
    await sandbox.emit('payout.completed');
    const { average_response_ms, attempts } = await healthOf(id);
    expect(average_response_ms).toBeLessThan(60);
    expect(attempts).toEqual({ total: 2, succeeded: 1, failed: 1 });
    expect(await healthOf(other)).toMatchObject({
      status: 'disabled',
      deliveries: { succeeded: 0, failed: 1, pending: 0 },
      attempts: { total: 4, succeeded: 0, failed: 4 },
      average_response_ms: null,
    });
  });
});

describe('POST /webhooks/{id}/deliveries/{delivery_id}/retry', () => {
  /** Sends a delivery once more and waits for the attempt. */
  async function retry(id: string, delivery: string | undefined) {
    const { data } = await deliveriesOf(id);
    const before = data.find((each) => each.id === delivery)?.attempts.length ?? 0;
    const answer = await call('POST', `/webhooks/${id}/deliveries/${delivery}/retry`);
    await until(async () => {
      const now = (await deliveriesOf(id)).data.find((each) => each.id === delivery);
      return (now?.attempts.length ?? 0) > before;
    });
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
    const { data } = await deliveriesOf(id);
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
    const [delivery] = (await deliveriesOf(id)).data;
    expect(delivery).toMatchObject({ status: 'failed', next_attempt_at: null });
    expect(delivery?.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await healthOf(id)).status).toBe('active');
  });

  it('sends one that waits for its next attempt at once', async () => {
    await start({ speed: 1 });
    const id = await add();
    receiver.reactions = [500];
    void sandbox.emit('payout.completed');
    await until(async () => (await healthOf(id)).attempts.total === 1);
    await retry(id, (await deliveriesOf(id)).data[0]?.id);
    expect((await deliveriesOf(id)).data).toMatchObject([
      { status: 'succeeded', attempts: [answered(1, 500), answered(2, 200)] },
    ]);
  });

  it('sends one that is under way once more when that is over', async () => {
    await start();
    const id = await add();
    let answer: () => void = () => undefined;
    receiver.reactions = [(response) => (answer = () => response.writeHead(200).end('late'))];
    void sandbox.emit('payout.completed');
    await until(() => receiver.received.length === 1);
    const [delivery] = (await deliveriesOf(id)).data;
    // A later instant than the attempt's own.
    const now = Date.now();
    await until(() => Date.now() > now);
    expect((await call('POST', `/webhooks/${id}/deliveries/${delivery?.id}/retry`)).status).toBe(
      202,
    );
    answer();
    await until(async () => (await deliveriesOf(id)).data[0]?.status === 'succeeded');
    expect((await deliveriesOf(id)).data[0]?.attempts).toEqual([
      answered(1, 200, 'late'),
      answered(2, 200),
    ]);
  });

  it("is not for another endpoint's delivery", async () => {
    await start();
    const [id, other] = [await add(), await add()];
    const [delivery] = await sandbox.emit('payout.completed');
    const wrong = delivery?.webhook_id === id ? other : id;
    const answer = await call('POST', `/webhooks/${wrong}/deliveries/${delivery?.id}/retry`);
    expect(answer.status).toBe(404);
    expect(receiver.received).toHaveLength(2);
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
    const [{ body: sent, headers }] = receiver.received as [Received];
    expect(JSON.parse(sent)).toMatchObject({
      event: 'fraud.detected',
      data: { id: 'conv_abc123' },
    });
    const digest = createHmac('sha256', SECRET).update(sent).digest('hex');
    expect(headers['x-attro-signature']).toBe(`sha256=${digest}`);
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
    ['an unknown event', { event: 'x.y' }, ['event']],
    ['an unknown key', { event: 'payout.failed', data: {} }, ['data']],
    ['no event', {}, ['event']],
  ])('refuses %s', async (_case, json, path) => {
    await start();
    const answer = await call('POST', `/webhooks/${await add()}/test`, json);
    expect(answer).toMatchObject({ status: 422, body: { details: [{ path }] } });
  });
});

describe('the history of an endpoint', () => {
  /** Deliveries that nothing but the test sends. */
  function withoutSending() {
    const database = new Database();
    const endpoints = new Endpoints(database);
    const deliveries = new Deliveries(database, endpoints, {
      ...{ retryDelaysMs: [0, 1, 1, 1], timeoutMs: 1000, onAttempt: () => undefined },
    });
    const { id } = endpoints.add({
      ...{ url: receiver.url, events: ['payout.failed'], secret: SECRET },
    });
    return { database, deliveries, id };
  }

  it(`keeps the newest ${MAX_HISTORY}, however they ended`, async () => {
    await start();
    const { database, deliveries, id } = withoutSending();
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
});
