import crypto from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { EVENT_NAMES, startSandbox } from '../../../local/attro/index.ts';
import type { Sandbox, SandboxOptions } from '../../../local/attro/index.ts';
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

/** Starts the sandbox with quick retries. */
async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ retryDelaysMs: [0, 20, 30, 40], ...options });
  token = (await signIn(sandbox)).access_token;
}

/** Subscribes the receiver; gives the id. */
async function subscribe(events: readonly string[], secret = SECRET): Promise<string> {
  const json = { url: receiverUrl, events, secret };
  const { body } = await callApi(sandbox, '/webhooks', { token, method: 'POST', json });
  return (body as { id: string }).id;
}

describe('emit', () => {
  it('sends the sample of each event byte for byte', async () => {
    await start();
    await subscribe(EVENT_NAMES);
    for (const event of EVENT_NAMES) {
      const [result] = await sandbox.emit(event);
      const sample = readFileSync(
        new URL(`../../../samples/${event}.json`, import.meta.url),
        'utf8',
      );
      expect(result).toMatchObject({ event, url: receiverUrl, status: 'delivered', body: sample });
      expect(received.at(-1)?.body).toBe(sample);
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

  it('takes changed data, a timestamp, a raw body and headers', async () => {
    await start();
    await subscribe(['conversion.created']);
    await sandbox.emit('conversion.created', {
      data: { amount: 1, extra: true },
      timestamp: '2030-01-01T00:00:00Z',
    });
    await sandbox.emit('conversion.created', { body: 'no json' });
    await sandbox.emit('conversion.created', { headers: { 'x-attro-signature': 'sha256=bad' } });
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
      event: 'conversion.created',
      timestamp: '2030-01-01T00:00:00Z',
      data: { id: 'conv_abc123', amount: 1, extra: true },
    });
    expect(received[1]?.body).toBe('no json');
    expect(
      verifyWebhookSignature('no json', String(received[1]?.headers['x-attro-signature']), SECRET),
    ).toBe(true);
    expect(received[2]?.headers['x-attro-signature']).toBe('sha256=bad');
  });
});

describe('retries', () => {
  it('go on, with the same bytes, until one succeeds', async () => {
    await start();
    await subscribe(['payout.completed']);
    answers = [500, 302];
    const [result] = await sandbox.emit('payout.completed');
    expect(result?.status).toBe('delivered');
    expect(result?.attempts.map(({ status }) => status)).toEqual([500, 302, 200]);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers['x-attro-signature'])).size).toBe(1);
    const [first, second, third] = result?.attempts.map(({ at }) => at) ?? [];
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(18);
    expect((third ?? 0) - (second ?? 0)).toBeGreaterThanOrEqual(28);
    expect(sandbox.subscriptions()[0]?.status).toBe('active');
  });

  it('end after the fourth try, which disables the subscription', async () => {
    await start();
    await subscribe(['payout.completed']);
    answers = [500, 500, 500, 500];
    const [result] = await sandbox.emit('payout.completed');
    expect(result).toMatchObject({ status: 'gave_up' });
    expect(result?.attempts).toHaveLength(4);
    expect(sandbox.subscriptions()[0]?.status).toBe('disabled');
    expect(await sandbox.emit('payout.completed')).toEqual([]);
  });

  it('end at once after 410', async () => {
    await start();
    await subscribe(['payout.completed']);
    answers = [410];
    const [result] = await sandbox.emit('payout.completed');
    expect(result).toMatchObject({ status: 'gave_up', attempts: [{ status: 410 }] });
    expect(sandbox.subscriptions()[0]?.status).toBe('disabled');
  });

  it('follow an answer that takes too long, and no answer at all', async () => {
    await start({ deliveryTimeoutMs: 50, retryDelaysMs: [0, 0] });
    await subscribe(['payout.completed']);
    answers = [null];
    const [late] = await sandbox.emit('payout.completed');
    expect(late?.attempts.map(({ status }) => status)).toEqual([null, 200]);
    receiver.closeAllConnections();
    receiver.close();
    const [refused] = await sandbox.emit('payout.completed');
    expect(refused?.attempts.map(({ status }) => status)).toEqual([null, null]);
    expect(refused?.status).toBe('gave_up');
  });

  it('end when the subscription does', async () => {
    await start({ retryDelaysMs: [0, 200] });
    const id = await subscribe(['payout.completed']);
    answers = [500];
    const emitted = sandbox.emit('payout.completed');
    await callApi(sandbox, `/webhooks/${id}`, { token, method: 'DELETE' });
    const [result] = await emitted;
    expect(result?.attempts.map(({ status }) => status)).toEqual([500]);
  });

  it.each<[string, number[], number | null]>([
    ['wait', [0, 60_000], 500],
    ['last try', [0], null],
  ])('are cancelled in their %s when the sandbox closes', async (_case, retryDelaysMs, answer) => {
    await start({ retryDelaysMs });
    await subscribe(['payout.completed']);
    answers = [answer];
    const emitted = sandbox.emit('payout.completed');
    while (received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await sandbox.close();
    expect(await emitted).toEqual([expect.objectContaining({ status: 'gave_up' })]);
    expect(received).toHaveLength(1);
    expect(sandbox.subscriptions()[0]?.status).toBe('active');
  });
});

describe('redeliver', () => {
  it('sends the same bytes and headers again, even after the subscription ended', async () => {
    await start();
    const id = await subscribe(['fraud.detected']);
    const [result] = await sandbox.emit('fraud.detected', { headers: { 'x-extra': '1' } });
    if (!result) throw new Error('Nothing was delivered');
    await callApi(sandbox, `/webhooks/${id}`, { token, method: 'DELETE' });
    const again = await sandbox.redeliver(result);
    expect(again).toEqual({ ...result, attempts: [{ status: 200, at: expect.any(Number) }] });
    expect(received).toHaveLength(2);
    expect(received[1]?.body).toBe(received[0]?.body);
    for (const name of ['x-attro-signature', 'x-extra', 'content-type']) {
      expect(received[1]?.headers[name]).toBe(received[0]?.headers[name]);
    }
  });
});
