import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { EVENT_NAMES, startSandbox } from '../../../local/attro/index.ts';
import type { Endpoint, Sandbox } from '../../../local/attro/index.ts';
import { callApi, ownerOf, signIn } from './sign-in.ts';

const SUBSCRIPTION = {
  url: 'https://hooks.example.com/1',
  events: ['affiliate.created'],
  secret: 'whsec_of_the_tests',
};

let sandbox: Sandbox;
let token: string;
let call: ReturnType<typeof ownerOf>;

beforeAll(async () => {
  sandbox = await startSandbox();
  call = ownerOf(sandbox);
  token = (await signIn(sandbox)).access_token;
});

afterAll(() => sandbox.close());

function subscribe(json: unknown) {
  return callApi(sandbox, '/webhooks', { token, method: 'POST', json });
}

describe('POST /webhooks', () => {
  it('adds an active subscription', async () => {
    const { status, body } = await subscribe(SUBSCRIPTION);
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^wh_/),
      url: SUBSCRIPTION.url,
      events: SUBSCRIPTION.events,
      status: 'active',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    const { id, created_at } = body as { id: string; created_at: string };
    expect(sandbox.subscriptions().at(-1)).toEqual({
      id,
      url: SUBSCRIPTION.url,
      events: SUBSCRIPTION.events,
      status: 'active',
      created_at,
    });
  });

  it.each<[string, unknown, unknown[][]]>([
    ['an unknown key', { ...SUBSCRIPTION, colour: 'red' }, [['colour']]],
    ['an unknown event', { ...SUBSCRIPTION, events: ['x.y'] }, [['events', 0]]],
    ['no events', { ...SUBSCRIPTION, events: [] }, [['events']]],
    ['a URL of another kind', { ...SUBSCRIPTION, url: 'ftp://example.com' }, [['url']]],
    ['a short secret', { ...SUBSCRIPTION, secret: 'fifteen letters' }, [['secret']]],
    ['missing keys', {}, [['url'], ['events'], ['secret']]],
  ])('refuses %s', async (_case, json, paths) => {
    const before = sandbox.subscriptions();
    const { status, body } = await subscribe(json);
    expect(status).toBe(422);
    expect(body).toEqual({
      error: 'Invalid request',
      details: paths.map((path) => ({ path, message: expect.stringMatching(/./) })),
      retryable: false,
    });
    expect(sandbox.subscriptions()).toEqual(before);
  });
});

describe('GET /webhooks', () => {
  it('shows endpoints of people and of Zaps alike, newest first, and never a secret', async () => {
    const byZap = (await subscribe(SUBSCRIPTION)).body as Endpoint;
    const byPerson = (await call('POST', '/webhooks', { ...SUBSCRIPTION, events: EVENT_NAMES }))
      .body as Endpoint;
    const { status, body } = await call('GET', '/webhooks');
    expect(status).toBe(200);
    expect((body as { data: Endpoint[] }).data.slice(0, 2)).toEqual([byPerson, byZap]);
    expect((await call('GET', `/webhooks/${byZap.id}`)).body).toEqual(byZap);
    expect(Object.keys(byZap).sort()).toEqual(['created_at', 'events', 'id', 'status', 'url']);
  });

  it.each([
    ['limit', '0'],
    ['limit', '101'],
    ['cursor', 'made-up'],
    ['colour', 'red'],
  ])('refuses the %s %s', async (name, value) => {
    const { status, body } = await call('GET', `/webhooks?${name}=${value}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ details: [{ path: [name] }], retryable: false });
  });
});

describe('PATCH /webhooks/{id}', () => {
  it.each([
    ['url', 'http://127.0.0.1:1/other?a=b'],
    ['events', ['payout.failed', 'payout.completed']],
    ['status', 'disabled'],
  ])('changes the %s alone', async (field, value) => {
    const before = (await subscribe(SUBSCRIPTION)).body as Endpoint;
    const { status, body } = await call('PATCH', `/webhooks/${before.id}`, { [field]: value });
    expect(status).toBe(200);
    expect(body).toEqual({ ...before, [field]: value });
    expect((await call('GET', `/webhooks/${before.id}`)).body).toEqual(body);
  });

  it('changes several fields at once, the secret without showing it, or nothing', async () => {
    const before = (await subscribe(SUBSCRIPTION)).body as Endpoint;
    const change = {
      url: 'https://b.example.com/',
      events: ['fraud.detected'],
      status: 'disabled',
    };
    const secret = 'whsec_another_secret';
    const changed = await call('PATCH', `/webhooks/${before.id}`, { ...change, secret });
    expect(changed.body).toEqual({ ...before, ...change });
    const unchanged = await call('PATCH', `/webhooks/${before.id}`, {});
    expect(unchanged).toMatchObject({ status: 200, body: { ...before, ...change } });
  });

  it.each<[string, unknown, unknown[][]]>([
    ['an unknown key', { colour: 'red' }, [['colour']]],
    ['an id', { id: 'wh_mine' }, [['id']]],
    ['an unknown event', { events: ['payout.failed', 'x.y'] }, [['events', 1]]],
    ['no events', { events: [] }, [['events']]],
    ['a URL of another kind', { url: 'ftp://example.com' }, [['url']]],
    ['a short secret', { secret: 'short' }, [['secret']]],
    ['an unknown status', { status: 'paused' }, [['status']]],
    ['several faults', { url: 1, status: null, secret: '' }, [['url'], ['secret'], ['status']]],
  ])('refuses %s, and changes nothing', async (_case, json, paths) => {
    const before = (await subscribe(SUBSCRIPTION)).body as Endpoint;
    const { status, body } = await call('PATCH', `/webhooks/${before.id}`, json);
    expect(status).toBe(422);
    const { details } = body as { details: { path: unknown[]; message: string }[] };
    expect(new Set(details.map(({ path }) => JSON.stringify(path)))).toEqual(
      new Set(paths.map((path) => JSON.stringify(path))),
    );
    for (const { message } of details) expect(message).toMatch(/./);
    expect((await call('GET', `/webhooks/${before.id}`)).body).toEqual(before);
  });
});

describe('a subscription that ends', () => {
  it('says when, and is gone then', async () => {
    let time = Date.parse('2026-01-26T12:00:00Z');
    const other = await startSandbox({ subscriptionSeconds: 3600, clock: () => time });
    const ask = ownerOf(other);
    const { body } = await ask('POST', '/webhooks', SUBSCRIPTION);
    const { id } = body as Endpoint;
    expect(body).toMatchObject({ expires_at: '2026-01-26T13:00:00.000Z' });
    time += 3600_000 - 1;
    expect(await ask('GET', `/webhooks/${id}`)).toMatchObject({ status: 200, body });
    time += 1;
    expect(await ask('GET', `/webhooks/${id}`)).toMatchObject({ status: 404 });
    expect(await ask('GET', '/webhooks')).toMatchObject({ body: { data: [] } });
    expect(await other.emit('affiliate.created')).toEqual([]);
    await other.close();
  });
});

describe('DELETE /webhooks/{id}', () => {
  it('ends a subscription once', async () => {
    const { id } = (await subscribe(SUBSCRIPTION)).body as { id: string };
    const first = await callApi(sandbox, `/webhooks/${id}`, { token, method: 'DELETE' });
    const second = await callApi(sandbox, `/webhooks/${id}`, { token, method: 'DELETE' });
    expect([first.status, first.body]).toEqual([204, null]);
    expect([second.status, second.body]).toEqual([404, { error: 'Not found', retryable: false }]);
    expect(sandbox.subscriptions().map((subscription) => subscription.id)).not.toContain(id);
  });
});

it.each<[method: string, path: string, json: object | undefined]>([
  ['GET', '/webhooks/wh_unknown', undefined],
  ['PATCH', '/webhooks/wh_unknown', { status: 'active' }],
  ['GET', '/webhooks/wh_unknown/deliveries', undefined],
  ['GET', '/webhooks/wh_unknown/health', undefined],
  ['POST', '/webhooks/wh_unknown/test', { event: 'payout.failed' }],
  ['POST', '/webhooks/wh_unknown/deliveries/del_unknown/retry', undefined],
  ['DELETE', '/webhooks/wh_unknown', undefined],
])('%s %s is not found', async (method, path, json) => {
  expect(await call(method, path, json)).toMatchObject({
    status: 404,
    body: { error: 'Not found', retryable: false },
  });
});

describe('other addresses', () => {
  it.each([
    ['GET', '/api/v1/nothing'],
    ['GET', '/api/v2/me'],
    ['GET', '/.well-known/openid-configuration'],
    ['PUT', '/api/v1/webhooks'],
    ['POST', '/api/v1/me'],
  ])('%s %s is not found', async (method, path) => {
    const response = await fetch(`${sandbox.baseUrl}${path}`, { method });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: 'Not found', retryable: false });
  });
});

it('an address that cannot be decoded is refused', async () => {
  const response = await fetch(`${sandbox.baseUrl}/api/v1/webhooks/%E0%A4%A`);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: 'Malformed request', retryable: false });
});
