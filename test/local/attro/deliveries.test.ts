import crypto from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { EVENT_NAMES, startSandbox } from '../../../local/attro/index.ts';
import type { DeliveryResult, Sandbox, SandboxOptions } from '../../../local/attro/index.ts';
import { callApi, signIn } from './sign-in.ts';

const SECRET = 'whsec_of_the_tests';

/** The verifier of Attro's guide. */
function verifyWebhookSignature(payload: string, signature: string, secret: string): boolean {
  const expectedSignature = crypto
    .createHmac('sha256', secret)
    .update(payload, 'utf8')
    .digest('hex');
  const expected = `sha256=${expectedSignature}`;
  return crypto.timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
}

let receiver: Server;
let receiverUrl: string;
/** What the receiver got. */
let received: { headers: IncomingHttpHeaders; body: string; method: string | undefined }[];
/** The statuses that the receiver answers with, in turn; 200 after them; null hangs. */
let answers: (number | null)[];
let sandbox: Sandbox;
let token: string;

beforeEach(async () => {
  received = [];
  answers = [];
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { headers, method } = request;
      received.push({ headers, method, body: Buffer.concat(chunks).toString('utf8') });
      const status = answers.length > 0 ? answers.shift() : 200;
      if (typeof status === 'number') response.writeHead(status, { location: '/moved' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});

afterEach(async () => {
  await sandbox.close();
  receiver.closeAllConnections();
  receiver.close();
});

/** Starts the sandbox with retries after 20, 100 and 600 milliseconds. */
async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ speed: 3000, ...options });
  token = (await signIn(sandbox)).access_token;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function timestampOf(body: string): string {
  return (JSON.parse(body) as { timestamp: string }).timestamp;
}

/** The statuses that attempts were answered with. */
function statusesOf(result: DeliveryResult | undefined): (number | null)[] {
  return result?.attempts.map(({ response_status }) => response_status) ?? [];
}

/** Subscribes the receiver; gives the id. */
async function subscribe(events: readonly string[], secret = SECRET): Promise<string> {
  const json = { url: receiverUrl, events, secret };
  const { body } = await callApi(sandbox, '/webhooks', { token, method: 'POST', json });
  return (body as { id: string }).id;
}

describe('emit', () => {
  it('sends the sample of each event at the time of the event, byte for byte but for that', async () => {
    await start();
    await subscribe(EVENT_NAMES);
    for (const event of EVENT_NAMES) {
      const [result] = await sandbox.emit(event);
      const sample = readFileSync(
        new URL(`../../../samples/${event}.json`, import.meta.url),
        'utf8',
      );
      const body = received.at(-1)?.body ?? '';
      expect(result).toMatchObject({ event, status: 'succeeded', body });
      const { timestamp } = JSON.parse(body) as { timestamp: string };
      expect(Math.abs(Date.parse(timestamp) - Date.now())).toBeLessThan(60_000);
      const { timestamp: sampled } = JSON.parse(sample) as { timestamp: string };
      expect(body).toBe(sample.replace(sampled, timestamp));
    }
  });

  it("signs as the guide's verifier expects, under each subscription's own secret", async () => {
    await start();
    await subscribe(['affiliate.created'], 'whsec_of_the_first');
    await subscribe(['affiliate.created'], 'whsec_of_the_second');
    const results = await sandbox.emit('affiliate.created', { data: { display_name: 'Zoë 田中' } });
    expect(results).toHaveLength(2);
    const verified = ['whsec_of_the_first', 'whsec_of_the_second'].map((secret) =>
      received.map(({ headers, body }) =>
        verifyWebhookSignature(body, String(headers['x-attro-signature']), secret),
      ),
    );
    expect(verified.flat().filter(Boolean)).toHaveLength(2);
    expect(verified[0]).not.toEqual(verified[1]);
    expect(received[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
  });

  it('goes only to active subscriptions of the event', async () => {
    await start();
    await subscribe(['payout.failed']);
    const ended = await subscribe(['affiliate.created']);
    await callApi(sandbox, `/webhooks/${ended}`, { token, method: 'DELETE' });
    expect(await sandbox.emit('affiliate.created')).toEqual([]);
    expect(received).toEqual([]);
  });

  it('takes changed data, and gives every event a time of its own', async () => {
    await start();
    await subscribe(['conversion.created']);
    await sandbox.emit('conversion.created', { data: { amount: 1, extra: true } });
    await Promise.all([1, 2, 3].map(() => sandbox.emit('conversion.created')));
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
      event: 'conversion.created',
      data: { id: 'conv_abc123', amount: 1, extra: true, currency: 'USD' },
    });
    expect(new Set(received.map(({ body }) => timestampOf(body))).size).toBe(4);
  });

  it('sends copies with the same bytes under the same signature', async () => {
    await start();
    await subscribe(['payout.completed']);
    const results = await sandbox.emit('payout.completed', { copies: 3 });
    expect(new Set(results.map(({ id }) => id)).size).toBe(3);
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers['x-attro-signature'])).size).toBe(1);
  });

  it.each(['signature', 'body'] as const)('forges a %s', async (forge) => {
    await start();
    await subscribe(['payout.completed']);
    await sandbox.emit('payout.completed', { forge });
    const { body = '', headers } = received[0] ?? {};
    const signature = String(headers?.['x-attro-signature']);
    expect(signature).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(verifyWebhookSignature(body, signature, SECRET)).toBe(false);
    const { id } = (JSON.parse(body) as { data: { id: string } }).data;
    expect(id).toBe(forge === 'body' ? 'pay_abc123_forged' : 'pay_abc123');
  });
});

describe('retries', () => {
  it('go on, with the same bytes, until one succeeds', async () => {
    await start();
    await subscribe(['payout.completed']);
    answers = [500, 302];
    const [result] = await sandbox.emit('payout.completed');
    expect(result?.status).toBe('succeeded');
    expect(statusesOf(result)).toEqual([500, 302, 200]);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers['x-attro-signature'])).size).toBe(1);
    const times = result?.attempts.map(({ started_at }) => Date.parse(started_at)) ?? [];
    const [first = 0, second = 0, third = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(20);
    expect(third - second).toBeGreaterThanOrEqual(100);
    expect(sandbox.subscriptions()[0]?.status).toBe('active');
  });

  it('end after the fourth try, which disables the subscription', async () => {
    await start();
    await subscribe(['payout.completed']);
    answers = [500, 500, 500, 500];
    const [result] = await sandbox.emit('payout.completed');
    expect(result).toMatchObject({ status: 'failed' });
    expect(result?.attempts).toHaveLength(4);
    expect(sandbox.subscriptions()[0]?.status).toBe('disabled');
    expect(await sandbox.emit('payout.completed')).toEqual([]);
  });

  it('end at once after 410, which removes the subscription', async () => {
    await start();
    await subscribe(['payout.completed']);
    answers = [410];
    const [result] = await sandbox.emit('payout.completed');
    expect(result?.status).toBe('failed');
    expect(received).toHaveLength(1);
    expect(sandbox.subscriptions()).toEqual([]);
  });

  it('follow an answer that takes too long, and no answer at all', async () => {
    await start({ deliveryTimeoutMs: 50, speed: 1e6 });
    await subscribe(['payout.completed']);
    answers = [null];
    const [late] = await sandbox.emit('payout.completed');
    expect(late?.attempts).toMatchObject([
      { response_status: null, response_body: null, error: 'timeout' },
      { response_status: 200, response_body: '{}', error: null },
    ]);
    receiver.closeAllConnections();
    receiver.close();
    const [refused] = await sandbox.emit('payout.completed');
    expect(refused?.attempts.map(({ error }) => error)).toEqual(
      Array.from({ length: 4 }, () => 'connection_refused'),
    );
    expect(refused?.status).toBe('failed');
  });

  it('end when the subscription does', async () => {
    await start({ speed: 300 });
    const id = await subscribe(['payout.completed']);
    answers = [500];
    const emitted = sandbox.emit('payout.completed');
    await until(() => received.length > 0);
    await callApi(sandbox, `/webhooks/${id}`, { token, method: 'DELETE' });
    expect((await emitted)[0]?.status).toBe('failed');
    expect(received).toHaveLength(1);
  });

  it.each<[string, number | null]>([
    ['wait', 500],
    ['last try', null],
  ])('are cancelled in their %s when the sandbox closes', async (_case, answer) => {
    await start({ speed: 1 });
    await subscribe(['payout.completed']);
    answers = [answer];
    const emitted = sandbox.emit('payout.completed');
    await until(() => received.length > 0);
    const before = sandbox.subscriptions();
    await sandbox.close();
    expect(await emitted).toEqual([expect.objectContaining({ status: 'pending' })]);
    expect(received).toHaveLength(1);
    expect(before[0]?.status).toBe('active');
  });
});
