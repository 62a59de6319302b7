import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { startSandbox } from '../../../local/attro/index.ts';
import type { Sandbox } from '../../../local/attro/index.ts';
import { callApi, refresh, signIn } from './sign-in.ts';

let sandbox: Sandbox;
let token: string;
let refreshToken: string;

beforeEach(async () => {
  sandbox = await startSandbox();
  ({ access_token: token, refresh_token: refreshToken } = await signIn(sandbox));
});

afterEach(() => sandbox.close());

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
    await refresh(sandbox, refreshToken);
    await refresh(sandbox, refreshToken);
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
      tokenRequest,
      { ...tokenRequest, status: 400 },
    ]);
    const text = JSON.stringify(sandbox.requests());
    for (const secret of [token, refreshToken, sandbox.clientSecret, json.secret]) {
      expect(text).not.toContain(secret);
    }
    expect(JSON.stringify(sandbox.subscriptions())).not.toContain(json.secret);
  });
});

describe('failNext', () => {
  it('answers the next matching request once, before its token is checked', async () => {
    sandbox.failNext({ method: 'get', path: '/api/v1/me', fault: { status: 503 } });
    const me = () => callApi(sandbox, '/me', { token });
    const other = await callApi(sandbox, '/offers', { token });
    const failed = await callApi(sandbox, '/me');
    expect([other.status, failed.status, (await me()).status]).toEqual([200, 503, 200]);
    expect(failed.body).toEqual({ error: expect.any(String), retryable: true });
    expect(sandbox.requests().map(({ status }) => status)).toContain(503);
  });

  it('takes a part of the path that may be anything, a text, a wait and a number of times', async () => {
    sandbox.failNext({
      path: '/api/v1/*',
      fault: { status: 429, body: 'slow down', retry_after: 7 },
      times: 2,
    });
    const statuses: number[] = [];
    for (const list of ['offers', 'payouts', 'offers']) {
      const response = await fetch(`${sandbox.baseUrl}/api/v1/${list}?limit=1`, {
        headers: { authorization: `Bearer ${token}` },
      });
      statuses.push(response.status);
      if (response.status !== 429) continue;
      expect(await response.text()).toBe('slow down');
      expect(response.headers.get('retry-after')).toBe('7');
      expect(response.headers.get('content-type')).toBe('text/plain');
    }
    expect(statuses).toEqual([429, 429, 200]);
  });

  it('only delays when it names no answer', async () => {
    sandbox.failNext({ method: 'GET', path: '/api/v1/me', fault: { delay_ms: 80 } });
    const before = Date.now();
    expect((await callApi(sandbox, '/me', { token })).status).toBe(200);
    expect(Date.now() - before).toBeGreaterThanOrEqual(78);
  });

  it('reaches the token endpoint, and delays it without losing the form', async () => {
    sandbox.failNext({ path: '/oauth/token', fault: { status: 500, body: {} } });
    sandbox.failNext({ path: '/oauth/token', fault: { delay_ms: 30 } });
    expect((await refresh(sandbox, refreshToken)).status).toBe(500);
    expect((await refresh(sandbox, refreshToken)).status).toBe(200);
  });

  it('does not keep the sandbox from closing', async () => {
    sandbox.failNext({ path: '/api/v1/me', fault: { delay_ms: 60_000 } });
    const pending = callApi(sandbox, '/me', { token });
    const outcome = pending.then(
      () => 'answered',
      () => 'cut',
    );
    while (sandbox.requests().at(-1)?.path !== '/api/v1/me') {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await sandbox.close();
    expect(await outcome).toBe('cut');
  });
});
