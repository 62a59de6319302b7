import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataFolderError } from '../../../local/attro/database.ts';
import { startSandbox } from '../../../local/attro/index.ts';
import type { Delivery, Endpoint, Sandbox, SandboxOptions } from '../../../local/attro/index.ts';
import { startReceiver, until } from './receiver.ts';
import type { Received, Receiver } from './receiver.ts';
import { callApi, ownerOf, refresh, signIn } from './sign-in.ts';

/** What a sandbox with a data folder knows after it was stopped and started again. */

const SECRET = 'whsec_of_the_tests';
const EVENT = 'payout.completed';

let folder: string;
let receiver: Receiver;
let sandbox: Sandbox;
let call: ReturnType<typeof ownerOf>;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'attro-data-'));
  receiver = await startReceiver();
});

afterEach(async () => {
  await sandbox.close();
  await receiver.close();
  rmSync(folder, { recursive: true });
});

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ dataFolder: folder, speed: 1e6, ...options });
  call = ownerOf(sandbox);
}

async function restart(options: SandboxOptions = {}): Promise<void> {
  await sandbox.close();
  await start(options);
}

async function add(): Promise<Endpoint> {
  const json = { url: receiver.url, events: [EVENT], secret: SECRET };
  return (await call('POST', '/webhooks', json)).body as Endpoint;
}

async function bodyOf(address: string): Promise<unknown> {
  return (await call('GET', address)).body;
}

async function deliveriesOf(id: string): Promise<Delivery[]> {
  return ((await bodyOf(`/webhooks/${id}/deliveries`)) as { data: Delivery[] }).data;
}

describe('a restart keeps', () => {
  it('the client, its tokens and the API key', async () => {
    await start();
    const { clientId, clientSecret, apiKey } = sandbox;
    const { access_token, refresh_token } = await signIn(sandbox);
    await restart();
    expect(sandbox).toMatchObject({ clientId, clientSecret, apiKey });
    expect((await callApi(sandbox, '/me', { token: access_token })).status).toBe(200);
    const { status, body } = await refresh(sandbox, refresh_token);
    expect(status).toBe(200);
    await restart();
    expect((await callApi(sandbox, '/me', { token: body.access_token })).status).toBe(200);
  });

  it('what was revoked', async () => {
    await start();
    const { access_token, refresh_token } = await signIn(sandbox);
    sandbox.revokeTokens();
    sandbox.revokeRefreshTokens();
    await restart();
    expect((await callApi(sandbox, '/me', { token: access_token })).status).toBe(401);
    expect((await refresh(sandbox, refresh_token)).body.error).toBe('invalid_grant');
  });

  it('endpoints as they were, with their secrets', async () => {
    await start();
    const endpoint = await add();
    const paused = await add();
    await call('PATCH', `/webhooks/${paused.id}`, { status: 'disabled' });
    const before = await bodyOf('/webhooks');
    await restart();
    expect(await bodyOf('/webhooks')).toEqual(before);
    await sandbox.emit(EVENT);
    expect(receiver.received).toHaveLength(1);
    const [{ body, headers }] = receiver.received as [Received];
    const digest = createHmac('sha256', SECRET).update(body).digest('hex');
    expect(headers['x-attro-signature']).toBe(`sha256=${digest}`);
    expect(endpoint.status).toBe('active');
  });

  it('the whole history and health', async () => {
    await start();
    const { id } = await add();
    receiver.reactions = [
      500,
      (response) => response.destroy(),
      (response) => response.writeHead(200).end('äöü'),
    ];
    await sandbox.emit(EVENT);
    receiver.otherwise = 500;
    await sandbox.emit(EVENT, { copies: 3 });
    const [history, health] = [await deliveriesOf(id), await bodyOf(`/webhooks/${id}/health`)];
    expect(history).toHaveLength(4);
    await restart();
    expect(await deliveriesOf(id)).toEqual(history);
    expect(await bodyOf(`/webhooks/${id}/health`)).toEqual(health);
    // The very bytes, too.
    const [first] = receiver.received;
    receiver.otherwise = 200;
    await call('POST', `/webhooks/${id}/deliveries/${history.at(-1)?.id}/retry`);
    await until(async () => (await deliveriesOf(id)).at(-1)?.attempts.length === 4);
    expect(receiver.received.at(-1)?.body).toBe(first?.body);
    expect(receiver.received.at(-1)?.headers['x-attro-signature']).toBe(
      first?.headers['x-attro-signature'],
    );
  });

  it('an attempt that waits, and makes it once it is due', async () => {
    let time = Date.now();
    await start({ speed: 1, clock: () => time });
    const { id } = await add();
    receiver.reactions = [500];
    void sandbox.emit(EVENT);
    await until(async () => (await deliveriesOf(id))[0]?.attempts.length === 1);
    const before = await deliveriesOf(id);
    expect(before[0]?.next_attempt_at).toBe(new Date(time + 60_000).toISOString());
    await restart({ speed: 1, clock: () => time });
    expect(await deliveriesOf(id)).toEqual(before);
    await sandbox.close();
    expect(receiver.received).toHaveLength(1);
    time += 60_000;
    await start({ speed: 1, clock: () => time });
    await until(async () => (await deliveriesOf(id))[0]?.status === 'succeeded');
    expect(receiver.received).toHaveLength(2);
    expect(receiver.received[0]?.body).toBe(receiver.received[1]?.body);
  });

  it('what was written, and which key it was written with', async () => {
    await start();
    const json = { affiliate_id: 'aff_xyz789', amount: 5, currency: 'USD', external_id: 'o-1' };
    const key = { 'idempotency-key': 'key-1' };
    const record = async () => (await call('POST', '/conversions', json, key)).body as object;
    const recorded = await record();
    const link = await call('POST', '/tracking-links', { affiliate_id: 'aff_xyz789' });
    await call('PATCH', '/affiliates/aff_abc123', { status: 'suspended' });
    const lists = [
      '/affiliates?limit=100',
      '/conversions?limit=100',
      '/conversions?external_id=o-1',
    ];
    const before = await Promise.all(lists.map(bodyOf));
    await restart();
    expect(await Promise.all(lists.map(bodyOf))).toEqual(before);
    expect(await record()).toEqual(recorded);
    const again = await call('POST', '/tracking-links', { affiliate_id: 'aff_xyz789' });
    expect([again.status, again.body]).toEqual([200, link.body]);
    expect(await bodyOf('/conversions?external_id=o-1')).toMatchObject({ data: [recorded] });
  });
});

describe('without a data folder', () => {
  it('nothing is kept, and two do not share anything', async () => {
    sandbox = await startSandbox();
    const other = await startSandbox();
    await ownerOf(sandbox)('PATCH', '/affiliates/aff_abc123', { status: 'suspended' });
    expect(await ownerOf(other)('GET', '/affiliates/aff_abc123')).toMatchObject({
      body: { status: 'pending' },
    });
    expect(other.clientId).not.toBe(sandbox.clientId);
    expect(other.clientSecret).not.toBe(sandbox.clientSecret);
    expect(other.apiKey).not.toBe(sandbox.apiKey);
    await other.close();
  });
});

describe('a data folder', () => {
  /** The sentence with which a start is refused. */
  async function refusalOf(dataFolder: string): Promise<string> {
    const error: unknown = await startSandbox({ dataFolder }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(DataFolderError);
    return (error as Error).message;
  }

  it('of another version is left alone', async () => {
    await start();
    await sandbox.close();
    const file = path.join(folder, 'attro.sqlite');
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 999');
    database.close();
    expect(await refusalOf(folder)).toMatch(
      /^The data in .* is of version 999, and this sandbox reads version \d+: use another folder\.$/,
    );
    const after = new DatabaseSync(file);
    expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 999 });
    after.close();
  });

  it.each([
    [
      'a file of another kind',
      'no database, and longer than the header of one'.repeat(10),
      /no database/,
    ],
    ['a broken database', `SQLite format 3\0${'x'.repeat(5000)}`, /use another|choose one/],
  ])('that holds %s is refused with a sentence', async (_case, content, said) => {
    writeFileSync(path.join(folder, 'attro.sqlite'), content);
    const sentence = await refusalOf(folder);
    expect(sentence).toMatch(said);
    expect(sentence).toMatch(/^\S.*: .*\.$/);
    await start({ dataFolder: path.join(folder, 'other') });
  });
});
