import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { EVENT_NAMES, startSandbox } from '../../../local/attro/index.ts';
import type { Sandbox } from '../../../local/attro/index.ts';
import { callApi, signIn } from './sign-in.ts';

const SUBSCRIPTION = {
  url: 'https://hooks.example.com/1',
  events: ['affiliate.created'],
  secret: 'whsec_of_the_tests',
};

let sandbox: Sandbox;
let token: string;

beforeAll(async () => {
  sandbox = await startSandbox();
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

  it('takes every event of the guide', async () => {
    expect((await subscribe({ ...SUBSCRIPTION, events: EVENT_NAMES })).status).toBe(201);
  });

  it.each<[string, unknown, unknown[][]]>([
    ['an unknown key', { ...SUBSCRIPTION, colour: 'red' }, [['colour']]],
    ['an unknown event', { ...SUBSCRIPTION, events: ['x.y'] }, [['events', 0]]],
    ['no events', { ...SUBSCRIPTION, events: [] }, [['events']]],
    ['a URL of another kind', { ...SUBSCRIPTION, url: 'ftp://example.com' }, [['url']]],
    ['a short secret', { ...SUBSCRIPTION, secret: 'fifteen letters' }, [['secret']]],
    ['missing keys', {}, [['url'], ['events'], ['secret']]],
    ['a list', [], [[]]],
    ['no body', undefined, [[]]],
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

  it('refuses what is no JSON', async () => {
    const response = await fetch(`${sandbox.baseUrl}/api/v1/webhooks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"url":',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: 'Malformed request', retryable: false });
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

describe('other addresses', () => {
  it.each([
    ['GET', '/api/v1/nothing'],
    ['GET', '/api/v2/me'],
    ['GET', '/'],
    ['GET', '/.well-known/openid-configuration'],
  ])('%s %s is not found', async (method, path) => {
    const response = await fetch(`${sandbox.baseUrl}${path}`, { method });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: 'Not found', retryable: false });
  });
});
