import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EVENT_NAMES, startSandbox } from '../../../local/attro/index.ts';
import type { Endpoint, Sandbox } from '../../../local/attro/index.ts';
import { callApi, ownerOf, SECRET, signIn, subscribe } from './sign-in.ts';

/** Webhook endpoints beyond what attro/workflows.arazzo.yaml asks of them. */

const SUBSCRIPTION = {
  url: 'https://hooks.example.com/1',
  events: ['affiliate.created'],
  secret: SECRET,
};

let sandbox: Sandbox;
let call: ReturnType<typeof ownerOf>;

beforeAll(async () => {
  sandbox = await startSandbox();
  call = ownerOf(sandbox);
});

afterAll(() => sandbox.close());

const add = async () => (await call('POST', '/webhooks', SUBSCRIPTION)).body as Endpoint;

it('those of people and of Zaps are shown alike, newest first, and never with a secret', async () => {
  const { access_token: token } = await signIn(sandbox);
  const asked = { token, method: 'POST', json: SUBSCRIPTION };
  const { status, body: byZap } = await callApi(sandbox, '/webhooks', asked);
  expect(status).toBe(201);
  const { secret: _, ...shown } = SUBSCRIPTION;
  expect(byZap).toEqual({
    ...shown,
    id: expect.stringMatching(/^wh_/),
    status: 'active',
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
  const id = await subscribe(sandbox, SUBSCRIPTION.url, EVENT_NAMES);
  const { body: byPerson } = await call('GET', `/webhooks/${id}`);
  expect(byPerson).toMatchObject({ events: EVENT_NAMES });
  const { body: listed } = await call('GET', '/webhooks');
  expect(listed).toEqual({ data: [byPerson, byZap], next_cursor: null });
  expect(sandbox.subscriptions()).toEqual([byZap, byPerson]);
});

describe('PATCH /webhooks/{id}', () => {
  it.each([
    ['url', 'http://127.0.0.1:1/other?a=b'],
    ['events', ['payout.failed', 'payout.completed']],
    ['status', 'disabled'],
  ])('changes the %s alone', async (field, value) => {
    const before = await add();
    const { status, body } = await call('PATCH', `/webhooks/${before.id}`, { [field]: value });
    expect([status, body]).toEqual([200, { ...before, [field]: value }]);
    expect((await call('GET', `/webhooks/${before.id}`)).body).toEqual(body);
  });

  it('changes several fields at once, the secret without showing it, or nothing', async () => {
    const before = await add();
    const url = 'https://b.example.com/';
    const change = { url, events: ['fraud.detected'], status: 'disabled' };
    const secret = 'whsec_another_secret';
    const changed = await call('PATCH', `/webhooks/${before.id}`, { ...change, secret });
    expect(changed.body).toEqual({ ...before, ...change });
    const unchanged = await call('PATCH', `/webhooks/${before.id}`, {});
    expect(unchanged).toMatchObject({ status: 200, body: { ...before, ...change } });
  });
});

it.each<[string, object, unknown[][]]>([
  ['an id', { id: 'wh_mine' }, [['id']]],
  ['an unknown event', { events: ['payout.failed', 'x.y'] }, [['events', 1]]],
  ['an unknown status', { status: 'paused' }, [['status']]],
  ['no events', { events: [] }, [['events']]],
  ['several faults', { url: 1, secret: '' }, [['url'], ['secret']]],
])('%s is refused of a new endpoint and of one that is there', async (_case, json, paths) => {
  const { id } = await add();
  const before = sandbox.subscriptions();
  for (const [method, path, body] of [
    ['POST', '/webhooks', { ...SUBSCRIPTION, ...json }],
    ['PATCH', `/webhooks/${id}`, json],
  ] as const) {
    const answer = await call(method, path, body);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({
      error: 'Invalid request',
      details: expect.any(Array),
      retryable: false,
    });
    const { details } = answer.body as { details: { path: unknown[]; message: string }[] };
    // One fault may break several rules.
    const named = new Set(details.map((detail) => JSON.stringify(detail.path)));
    expect(named).toEqual(new Set(paths.map((at) => JSON.stringify(at))));
    for (const { message } of details) expect(message).toMatch(/./);
  }
  expect(sandbox.subscriptions()).toEqual(before);
});

it('a subscription that ends says when, and is gone then', async () => {
  let time = Date.parse('2026-01-26T12:00:00Z');
  const other = await startSandbox({ subscriptionSeconds: 3600, clock: () => time });
  const id = await subscribe(other, SUBSCRIPTION.url, SUBSCRIPTION.events);
  const get = () => ownerOf(other)('GET', `/webhooks/${id}`);
  time += 3600_000 - 1;
  expect(await get()).toMatchObject({
    status: 200,
    body: { expires_at: '2026-01-26T13:00:00.000Z' },
  });
  time += 1;
  expect(await get()).toMatchObject({ status: 404 });
  expect(other.subscriptions()).toEqual([]);
  expect(await other.emit('affiliate.created')).toEqual([]);
  await other.close();
});

it.each<[method: string, path: string, json: object | undefined]>([
  ['PATCH', '/webhooks/wh_unknown', { status: 'active' }],
  ['GET', '/webhooks/wh_unknown/deliveries', undefined],
  ['GET', '/webhooks/wh_unknown/health', undefined],
  ['POST', '/webhooks/wh_unknown/test', { event: 'payout.failed' }],
  ['POST', '/webhooks/wh_unknown/deliveries/del_unknown/retry', undefined],
  ['GET', '/nothing', undefined],
  ['GET', '/../v2/me', undefined],
  ['GET', '/../../.well-known/openid-configuration', undefined],
  ['PUT', '/webhooks', undefined],
  ['POST', '/me', undefined],
])('%s %s is not found', async (method, path, json) => {
  const { status, body } = await call(method, path, json);
  expect([status, body]).toEqual([404, { error: 'Not found', retryable: false }]);
});

it('an address that cannot be decoded is refused', async () => {
  const { status, body } = await call('GET', '/webhooks/%E0%A4%A');
  expect([status, body]).toEqual([400, { error: 'Malformed request', retryable: false }]);
});
