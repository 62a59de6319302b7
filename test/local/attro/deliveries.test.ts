import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { EVENT_NAMES, startSandbox } from '../../../local/attro/index.ts';
import type { DeliveryResult, Sandbox, SandboxOptions } from '../../../local/attro/index.ts';
import { hang, startReceiver, until } from './receiver.ts';
import type { Reaction, Receiver } from './receiver.ts';
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

let receiver: Receiver;
let sandbox: Sandbox;
let token: string;

beforeEach(async () => {
  receiver = await startReceiver();
});

afterEach(async () => {
  await sandbox.close();
  await receiver.close();
});

/** Starts the sandbox with retries after 20, 100 and 600 milliseconds. */
async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ speed: 3000, ...options });
  token = (await signIn(sandbox)).access_token;
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
  const json = { url: receiver.url, events, secret };
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
      const body = receiver.received.at(-1)?.body ?? '';
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
      receiver.received.map(({ headers, body }) =>
        verifyWebhookSignature(body, String(headers['x-attro-signature']), secret),
      ),
    );
    expect(verified.flat().filter(Boolean)).toHaveLength(2);
    expect(verified[0]).not.toEqual(verified[1]);
    expect(receiver.received[0]).toMatchObject({
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
    expect(receiver.received).toEqual([]);
  });

  it('takes changed data, and gives every event a time of its own', async () => {
    await start();
    await subscribe(['conversion.created']);
    await sandbox.emit('conversion.created', { data: { amount: 1, extra: true } });
    await Promise.all([1, 2, 3].map(() => sandbox.emit('conversion.created')));
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      event: 'conversion.created',
      data: { id: 'conv_abc123', amount: 1, extra: true, currency: 'USD' },
    });
    expect(new Set(receiver.received.map(({ body }) => timestampOf(body))).size).toBe(4);
  });

  it('sends copies with the same bytes under the same signature', async () => {
    await start();
    await subscribe(['payout.completed']);
    const results = await sandbox.emit('payout.completed', { copies: 3 });
    expect(new Set(results.map(({ id }) => id)).size).toBe(3);
    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(receiver.received.map(({ headers }) => headers['x-attro-signature'])).size).toBe(
      1,
    );
  });

  it.each(['signature', 'body'] as const)('forges a %s', async (forge) => {
    await start();
    await subscribe(['payout.completed']);
    await sandbox.emit('payout.completed', { forge });
    const { body = '', headers } = receiver.received[0] ?? {};
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
    receiver.reactions = [500, 302];
    const [result] = await sandbox.emit('payout.completed');
    expect(result?.status).toBe('succeeded');
    expect(statusesOf(result)).toEqual([500, 302, 200]);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(receiver.received.map(({ headers }) => headers['x-attro-signature'])).size).toBe(
      1,
    );
    const times = result?.attempts.map(({ started_at }) => Date.parse(started_at)) ?? [];
    const [first = 0, second = 0, third = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(20);
    expect(third - second).toBeGreaterThanOrEqual(100);
    expect(sandbox.subscriptions()[0]?.status).toBe('active');
  });

  it('end after the fourth try, which disables the subscription', async () => {
    await start();
    await subscribe(['payout.completed']);
    receiver.reactions = [500, 500, 500, 500];
    const [result] = await sandbox.emit('payout.completed');
    expect(result).toMatchObject({ status: 'failed' });
    expect(result?.attempts).toHaveLength(4);
    expect(sandbox.subscriptions()[0]?.status).toBe('disabled');
    expect(await sandbox.emit('payout.completed')).toEqual([]);
  });

  it('end at once after 410, which removes the subscription', async () => {
    await start();
    await subscribe(['payout.completed']);
    receiver.reactions = [410];
    const [result] = await sandbox.emit('payout.completed');
    expect(result?.status).toBe('failed');
    expect(receiver.received).toHaveLength(1);
    expect(sandbox.subscriptions()).toEqual([]);
  });

  it('follow an answer that takes too long, and no answer at all', async () => {
    await start({ deliveryTimeoutMs: 50, speed: 1e6 });
    await subscribe(['payout.completed']);
    receiver.reactions = [hang];
    const [late] = await sandbox.emit('payout.completed');
    expect(late?.attempts).toMatchObject([
      { response_status: null, response_body: null, error: 'timeout' },
      { response_status: 200, response_body: '{}', error: null },
    ]);
    await receiver.close();
    const [refused] = await sandbox.emit('payout.completed');
    expect(refused?.attempts.map(({ error }) => error)).toEqual(
      Array.from({ length: 4 }, () => 'connection_refused'),
    );
    expect(refused?.status).toBe('failed');
  });

  it('end when the subscription does', async () => {
    await start({ speed: 300 });
    const id = await subscribe(['payout.completed']);
    receiver.reactions = [500];
    const emitted = sandbox.emit('payout.completed');
    await until(() => receiver.received.length > 0);
    await callApi(sandbox, `/webhooks/${id}`, { token, method: 'DELETE' });
    expect((await emitted)[0]?.status).toBe('failed');
    expect(receiver.received).toHaveLength(1);
  });

  it.each<[string, Reaction]>([
    ['wait', 500],
    ['last try', hang],
  ])('are cancelled in their %s when the sandbox closes', async (_case, answer) => {
    await start({ speed: 1 });
    await subscribe(['payout.completed']);
    receiver.reactions = [answer];
    const emitted = sandbox.emit('payout.completed');
    await until(() => receiver.received.length > 0);
    const before = sandbox.subscriptions();
    await sandbox.close();
    expect(await emitted).toEqual([expect.objectContaining({ status: 'pending' })]);
    expect(receiver.received).toHaveLength(1);
    expect(before[0]?.status).toBe('active');
  });
});
