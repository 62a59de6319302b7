import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { startSandbox } from '../../../local/attro/index.ts';
import type { FaultRuleInput, Sandbox } from '../../../local/attro/index.ts';
import { sign } from '../../support/deliveries.ts';
import { startReceiver, until } from './receiver.ts';
import type { Receiver } from './receiver.ts';
import { callApi, controlOf, ownerOf, refresh, SECRET, signIn, subscribe } from './sign-in.ts';

/** What people and tests ask of the sandbox itself: events, faults, and what was received. */

let sandbox: Sandbox;
let token: string;
let refreshToken: string;
let control: ReturnType<typeof controlOf>;

beforeEach(async () => {
  sandbox = await startSandbox();
  control = controlOf(sandbox);
  ({ access_token: token, refresh_token: refreshToken } = await signIn(sandbox));
});

afterEach(() => sandbox.close());

/** Sends a request with headers that `fetch` has of its own. */
async function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  body = '',
): Promise<{ status: number | undefined; body: string }> {
  const sent = request(`${sandbox.baseUrl}${path}`, { method, headers }).end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, body: await text(answer) };
}

describe('requests', () => {
  it('tells what was received, without tokens or secrets', async () => {
    await callApi(sandbox, '/affiliates?status=active&limit=2', { token });
    await callApi(sandbox, '/me');
    const json = {
      url: 'https://hooks.example.com/1',
      events: ['payout.failed'],
      secret: 'whsec_hush_hush_hush',
    };
    await callApi(sandbox, '/webhooks', { token, method: 'POST', json });
    await callApi(sandbox, `/webhooks?secret=${json.secret}`, { token });
    await refresh(sandbox, refreshToken);
    await refresh(sandbox, 'unknown');
    const tokenRequest = {
      method: 'POST',
      path: '/oauth/token',
      query: {},
      status: 200,
      body: expect.objectContaining({
        grant_type: 'refresh_token',
        client_id: sandbox.clientId,
        client_secret: '[hidden]',
        refresh_token: '[hidden]',
      }),
    };
    expect(sandbox.requests()).toEqual([
      {
        ...tokenRequest,
        body: expect.objectContaining({ grant_type: 'authorization_code', code: '[hidden]' }),
      },
      {
        method: 'GET',
        path: '/api/v1/affiliates',
        query: { status: 'active', limit: '2' },
        status: 200,
      },
      { method: 'GET', path: '/api/v1/me', query: {}, status: 401 },
      {
        method: 'POST',
        path: '/api/v1/webhooks',
        query: {},
        status: 201,
        body: { ...json, secret: '[hidden]' },
      },
      { method: 'GET', path: '/api/v1/webhooks', query: { secret: '[hidden]' }, status: 400 },
      tokenRequest,
      { ...tokenRequest, status: 400 },
    ]);
    const text = JSON.stringify(sandbox.requests());
    for (const secret of [token, refreshToken, sandbox.clientSecret, json.secret]) {
      expect(text).not.toContain(secret);
    }
    expect((await control('GET', '/requests')).body).toEqual({ data: sandbox.requests() });
  });
});

describe('POST /sandbox/events', () => {
  let receiver: Receiver;
  let id: string;

  beforeEach(async () => {
    receiver = await startReceiver();
    id = await subscribe(sandbox, receiver.url, ['payout.completed']);
  });

  afterEach(() => receiver.close());

  it('has an event happen with fields of one’s own, and says which deliveries it makes', async () => {
    const data = { id: 'pay_mine', amount: 0.1, extra: { deep: ['é', null] } };
    const { status, body } = await control('POST', '/events', { event: 'payout.completed', data });
    expect({ status, body }).toEqual({
      status: 202,
      body: { deliveries: [{ id: expect.stringMatching(/^del_/), webhook_id: id }] },
    });
    await until(() => receiver.received.length === 1);
    const [delivery] = receiver.received as [Receiver['received'][number]];
    expect(delivery.headers['x-attro-signature']).toBe(await sign(delivery.body, SECRET));
    expect(JSON.parse(delivery.body)).toMatchObject({
      event: 'payout.completed',
      data: { ...data, currency: 'USD' },
    });
  });

  it.each<[string, unknown, string]>([
    ['no event', {}, 'event'],
    ['an unknown event', { event: 'x.y' }, 'event'],
    ['too many copies', { event: 'payout.completed', copies: 1001 }, 'copies'],
    ['data that is a list', { event: 'payout.completed', data: [] }, 'data'],
  ])('refuses %s', async (_case, json, path) => {
    const { status, body } = await control('POST', '/events', json);
    expect({ status, body }).toEqual({
      status: 422,
      body: {
        error: 'Invalid request',
        details: [{ path: [path], message: expect.stringMatching(/./) }],
        retryable: false,
      },
    });
    expect(receiver.received).toEqual([]);
  });
});

describe('/sandbox/faults', () => {
  const RULE: FaultRuleInput = { method: 'GET', path: '/api/v1/me', fault: { status: 500 } };

  it('are added, shown with what is left of them, and taken away', async () => {
    expect((await control('GET', '/faults')).body).toEqual({ data: [] });
    const added = await control('POST', '/faults', { ...RULE, times: 3 });
    expect([added.status, added.body]).toEqual([201, { data: [{ ...RULE, times: 3 }] }]);
    await callApi(sandbox, '/me', { token });
    await control('POST', '/faults', { path: '/oauth/*', fault: { drop: true } });
    expect((await control('GET', '/faults')).body).toEqual({
      data: [
        { ...RULE, times: 2 },
        { path: '/oauth/*', times: 1, fault: { drop: true } },
      ],
    });
    expect(await control('DELETE', '/faults')).toMatchObject({ status: 204, body: null });
    expect((await control('GET', '/faults')).body).toEqual({ data: [] });
    expect((await callApi(sandbox, '/me', { token })).status).toBe(200);
  });

  it.each<[string, unknown, string]>([
    ['no path', { fault: { drop: true } }, 'path'],
    ['an unknown fault', { ...RULE, fault: { explode: true } }, 'fault'],
    ['a fault that is not', { ...RULE, fault: { drop: false } }, 'fault'],
    ['a wait without end', { ...RULE, fault: { delay_ms: 1e9 } }, 'fault'],
    ['no times', { ...RULE, times: 0 }, 'times'],
  ])('refuse %s', async (_case, json, field) => {
    const { status, body } = await control('POST', '/faults', json);
    expect(status).toBe(422);
    const { details } = body as { details: { path: string[]; message: string }[] };
    expect(details[0]?.path[0]).toBe(field);
    expect(details[0]?.message).toMatch(/./);
    expect((await control('GET', '/faults')).body).toEqual({ data: [] });
  });

  it('the oldest that fits counts, and one for a method leaves the others alone', async () => {
    for (const status of [501, 502]) {
      await control('POST', '/faults', { ...RULE, fault: { status } });
    }
    await control('POST', '/faults', { ...RULE, method: 'delete', fault: { status: 503 } });
    const statuses: number[] = [];
    for (let times = 0; times < 3; times += 1) {
      statuses.push((await callApi(sandbox, '/me', { token })).status);
    }
    expect(statuses).toEqual([501, 502, 200]);
    expect((await callApi(sandbox, '/me', { token, method: 'DELETE' })).status).toBe(503);
  });

  it('a star stands for one part of a path, and nothing else in it is special', async () => {
    await control('POST', '/faults', { path: '/api/v1/w*s/*', times: 9, fault: { status: 418 } });
    const statusOf = async (path: string) => (await callApi(sandbox, path, { token })).status;
    expect(await statusOf('/webhooks/wh_1')).toBe(418);
    expect(await statusOf('/webhooks')).toBe(200);
    expect(await statusOf('/webhooks/wh_1/health')).toBe(404);
    await control('POST', '/faults', { path: '/api/v1/m.', fault: { status: 418 } });
    expect(await statusOf('/me')).toBe(200);
  });
});

describe('a fault', () => {
  const NEW = { email: 'new@example.com', display_name: 'New' };
  const create = () => ownerOf(sandbox)('POST', '/affiliates', NEW);
  const created = async () => {
    const { body } = await ownerOf(sandbox)('GET', '/affiliates?email=new@example.com');
    return (body as { data: unknown[] }).data.length;
  };
  const fail = (fault: FaultRuleInput['fault'], path = '/api/v1/affiliates') =>
    control('POST', '/faults', { method: 'POST', path, fault });

  it.each<[string, FaultRuleInput['fault'], string, string]>([
    ['an error of Attro’s', { status: 503 }, 'application/json', '{"error":"A failure that was'],
    ['a page', { status: 200, body: ' <html></html>' }, 'text/html', ' <html></html>'],
  ])('of a status answers with %s instead', async (_case, fault, type, beginning) => {
    await fail(fault);
    const response = await fetch(`${sandbox.baseUrl}/api/v1/affiliates`, { method: 'POST' });
    expect(response.status).toBe((fault as { status: number }).status);
    expect(response.headers.get('content-type')).toBe(type);
    expect(await response.text()).toMatch(beginning);
    expect(await created()).toBe(0);
  });

  it.each([[7], ['Wed, 21 Oct 2026 07:28:00 GMT']])('says to wait %s', async (retry_after) => {
    await fail({ status: 429, retry_after });
    const { status, headers, body } = await create();
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toBe(String(retry_after));
    expect(body).toMatchObject({ retryable: true });
  });

  it('that drops does nothing and answers nothing', async () => {
    await fail({ drop: true });
    await expect(create()).rejects.toThrow();
    expect(await created()).toBe(0);
  });

  it('that truncates does what is asked, and breaks off in the middle of the answer', async () => {
    await fail({ truncate: true });
    const response = await fetch(`${sandbox.baseUrl}/api/v1/affiliates`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(NEW),
    });
    expect(response.status).toBe(201);
    await expect(response.text()).rejects.toThrow();
    expect(await created()).toBe(1);
  });

  it('that doubles serves it two times, and gives the second answer', async () => {
    await fail({ twice: true });
    expect((await create()).status).toBe(409);
    expect(await created()).toBe(1);
    const posts = sandbox
      .requests()
      .filter(({ method, path }) => `${method} ${path}` === 'POST /api/v1/affiliates');
    expect(posts.map(({ status }) => status)).toEqual([201, 409]);
    await fail({ twice: true }, '/oauth/token');
    expect((await refresh(sandbox, refreshToken)).status).toBe(200);
    expect(sandbox.requests().filter(({ path }) => path === '/oauth/token')).toHaveLength(3);
  });

  it('that delays keeps a request waiting, and then serves it once', async () => {
    await fail({ delay_ms: 60 });
    const before = performance.now();
    expect((await create()).status).toBe(201);
    expect(performance.now() - before).toBeGreaterThanOrEqual(59);
    expect(await created()).toBe(1);
  });
});

describe('who may ask', () => {
  it.each(['evil.example.com', 'localhost.evil.example.com', '127.0.0.1.evil.com', '10.0.0.1'])(
    'nobody who calls the sandbox %s, whatever of it',
    async (host) => {
      for (const path of [
        '/',
        '/api/v1/me',
        '/sandbox/requests',
        '/oauth/authorize',
        '/assets/x',
      ]) {
        const answer = await send('GET', path, { host, authorization: `Bearer ${token}` });
        expect(answer).toEqual({ status: 403, body: expect.stringContaining('loopback') });
      }
    },
  );

  it.each(['localhost', 'LOCALHOST:1234', '127.0.0.1', '[::1]:8080'])(
    'who calls it %s',
    async (host) => {
      const answer = await send('GET', '/api/v1/me', { host, authorization: `Bearer ${token}` });
      expect(answer.status).toBe(200);
    },
  );

  it.each(['https://evil.example.com', 'null', 'http://localhost:1'])(
    'no page of %s',
    async (origin) => {
      const rule = JSON.stringify({ path: '/api/v1/me', fault: { status: 500 } });
      const json = { origin, 'content-type': 'application/json' };
      expect((await send('POST', '/sandbox/faults', json, rule)).status).toBe(403);
      expect((await send('DELETE', '/sandbox/faults', { origin })).status).toBe(403);
      expect((await send('GET', '/sandbox/requests', { origin })).status).toBe(403);
      const asked = await send('OPTIONS', '/sandbox/faults', { origin });
      expect(asked.body).not.toContain('access-control');
      expect((await control('GET', '/faults')).body).toEqual({ data: [] });
    },
  );

  it('a page of the sandbox itself', async () => {
    const answer = await send('DELETE', '/sandbox/faults', { origin: sandbox.baseUrl });
    expect(answer.status).toBe(204);
  });
});
