import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Database } from '../../../local/attro/database.ts';
import { startSandbox } from '../../../local/attro/index.ts';
import type { Sandbox } from '../../../local/attro/index.ts';
import { OauthStore } from '../../../local/attro/oauth/store.ts';
import {
  authorizeUrl,
  browse,
  callApi,
  pkcePair,
  REDIRECT_URI,
  refresh,
  requestTokens,
  signIn,
} from './sign-in.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});

afterAll(() => sandbox.close());

/** A fresh code and the verifier that goes with it. */
async function authorize(changes: Record<string, string> = {}) {
  const { verifier, challenge } = pkcePair();
  const end = (await browse(sandbox, authorizeUrl(sandbox, challenge, changes))) as URL;
  return { code: end.searchParams.get('code') ?? '', verifier, end };
}

describe('authorization', () => {
  it('redirects with a code and the state once the user has agreed', async () => {
    const { end, code } = await authorize({ state: 'a b&c' });
    expect(`${end.origin}${end.pathname}`).toBe(REDIRECT_URI);
    expect(end.searchParams.get('state')).toBe('a b&c');
    expect(code).not.toBe('');
  });

  it('takes any port of a loopback redirect address', async () => {
    const { end } = await authorize({ redirect_uri: 'http://127.0.0.1:4567/callback' });
    expect(end.host).toBe('127.0.0.1:4567');
  });

  it.each([['https://evil.example.com/callback'], ['http://127.0.0.1/other']])(
    'refuses the unregistered redirect address %s without redirecting',
    async (redirect_uri) => {
      const url = authorizeUrl(sandbox, pkcePair().challenge, { redirect_uri });
      const end = (await browse(sandbox, url)) as Response;
      expect(end.status).toBe(400);
      expect(await end.text()).toContain('redirect_uri');
    },
  );

  it.each([
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a plain challenge', { code_challenge_method: 'plain' }],
  ])('refuses %s', async (_case, changes) => {
    const url = authorizeUrl(sandbox, pkcePair().challenge, changes);
    const end = (await browse(sandbox, url)) as URL;
    expect(end.searchParams.get('error')).toBe('invalid_request');
    expect(end.searchParams.has('code')).toBe(false);
  });

  /** What comes back to the Zapier CLI, which makes no challenge. */
  const CLI = 'http://localhost:9000';

  it('asks for no challenge where the Zapier CLI sends its users, and gives tokens for the code', async () => {
    const changes = {
      ...{ redirect_uri: CLI, code_challenge: undefined, code_challenge_method: undefined },
    };
    const end = (await browse(sandbox, authorizeUrl(sandbox, '', changes))) as URL;
    expect(end.origin).toBe(CLI);
    const code = end.searchParams.get('code') ?? '';
    const parameters = { grant_type: 'authorization_code', code, redirect_uri: CLI };
    expect(await requestTokens(sandbox, parameters)).toMatchObject({
      status: 200,
      body: { scope: sandbox.scope, refresh_token: expect.any(String) },
    });
  });

  it('holds the Zapier CLI to a challenge that was made all the same', async () => {
    const { verifier, challenge } = pkcePair();
    const codeFor = async () => {
      const url = authorizeUrl(sandbox, challenge, { redirect_uri: CLI });
      return ((await browse(sandbox, url)) as URL).searchParams.get('code') ?? '';
    };
    const exchange = async (code: string, code_verifier?: string) =>
      requestTokens(sandbox, {
        ...{ grant_type: 'authorization_code', code, redirect_uri: CLI },
        ...(code_verifier && { code_verifier }),
      });
    for (const wrong of [undefined, pkcePair().verifier, challenge]) {
      const { status, body } = await exchange(await codeFor(), wrong);
      expect([status, body.error]).toEqual([400, 'invalid_grant']);
    }
    expect((await exchange(await codeFor(), verifier)).status).toBe(200);
    const plain = authorizeUrl(sandbox, challenge, {
      ...{ redirect_uri: CLI, code_challenge_method: 'plain' },
    });
    expect(((await browse(sandbox, plain)) as URL).searchParams.get('error')).toBe(
      'invalid_request',
    );
  });

  it.each([
    'http://localhost:9001',
    'http://localhost:9000/',
    'http://localhost',
    'http://127.0.0.1:9000/callback',
  ])('asks for a challenge at %s', async (redirect_uri) => {
    const changes = { redirect_uri, code_challenge: undefined, code_challenge_method: undefined };
    const end = await browse(sandbox, authorizeUrl(sandbox, '', changes));
    if (end instanceof URL) expect(end.searchParams.get('error')).toBe('invalid_request');
    else expect(end.status).toBe(400);
  });

  it('can refuse an unusable redirect address at the start', async () => {
    const start = startSandbox({ redirectUris: ['http://app.example.com/callback'] });
    await expect(start).rejects.toThrow('invalid_redirect_uri');
  });

  it('takes an https redirect address exactly', async () => {
    const redirect_uri = 'https://hooks.example.com/return/';
    const other = await startSandbox({ redirectUris: [redirect_uri] });
    const { challenge } = pkcePair();
    const good = (await browse(other, authorizeUrl(other, challenge, { redirect_uri }))) as URL;
    const bad = (await browse(
      other,
      authorizeUrl(other, challenge, { redirect_uri: `${redirect_uri}x` }),
    )) as Response;
    await other.close();
    expect(good.searchParams.get('code')).toBeTruthy();
    expect(bad.status).toBe(400);
  });
});

describe('exchange', () => {
  it('gives tokens for a code', async () => {
    const { code, verifier } = await authorize();
    const { status, body } = await requestTokens(sandbox, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT_URI,
      code_verifier: verifier,
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: sandbox.scope,
    });
  });

  it('refuses a wrong verifier, and a code a second time', async () => {
    const { code, verifier } = await authorize();
    const parameters = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
    const wrong = await requestTokens(sandbox, {
      ...parameters,
      code_verifier: pkcePair().verifier,
    });
    const right = await requestTokens(sandbox, { ...parameters, code_verifier: verifier });
    const again = await requestTokens(sandbox, { ...parameters, code_verifier: verifier });
    expect([wrong.status, right.status, again.status]).toEqual([400, 200, 400]);
    expect([wrong.body.error, again.body.error]).toEqual(['invalid_grant', 'invalid_grant']);
  });

  it('refuses a wrong client secret', async () => {
    const { body, status } = await requestTokens(sandbox, {
      grant_type: 'refresh_token',
      refresh_token: 'any',
      client_secret: 'wrong',
    });
    expect({ status, error: body.error }).toEqual({ status: 401, error: 'invalid_client' });
  });
});

describe('refresh', () => {
  it('rotates the refresh token', async () => {
    const first = await signIn(sandbox);
    const { status, body: second } = await refresh(sandbox, first.refresh_token);
    expect(status).toBe(200);
    expect(Object.keys(second).sort()).toEqual(Object.keys(first).sort());
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(second.access_token).not.toBe(first.access_token);
    expect(second.scope).toBe(sandbox.scope);
    expect((await callApi(sandbox, '/me', { token: second.access_token })).status).toBe(200);
    expect((await refresh(sandbox, second.refresh_token)).status).toBe(200);
  });

  it('refuses a used refresh token', async () => {
    const { refresh_token } = await signIn(sandbox);
    await refresh(sandbox, refresh_token);
    const { status, body } = await refresh(sandbox, refresh_token);
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_grant' });
  });

  it('refuses refresh tokens after they were revoked', async () => {
    const { access_token, refresh_token } = await signIn(sandbox);
    sandbox.revokeRefreshTokens();
    const { status, body } = await refresh(sandbox, refresh_token);
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_grant' });
    expect((await callApi(sandbox, '/me', { token: access_token })).status).toBe(200);
  });
});

describe('access', () => {
  it('tells who is signed in', async () => {
    const { access_token } = await signIn(sandbox);
    expect((await callApi(sandbox, '/me', { token: access_token })).body).toEqual({
      id: 'usr_jane',
      email: 'jane@example.com',
      name: 'Jane Doe',
      organization: { id: 'org_acme', name: 'Acme Corp', slug: 'acme' },
    });
  });

  it.each([
    ['no token', undefined],
    ['an unknown token', 'unknown'],
  ])('is refused with %s', async (_case, token) => {
    const options = token === undefined ? {} : { token };
    const { status, body, headers } = await callApi(sandbox, '/affiliates', options);
    expect(status).toBe(401);
    expect(body).toEqual({ error: expect.any(String), retryable: false });
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  it('is refused with a refresh token', async () => {
    const { refresh_token } = await signIn(sandbox);
    expect((await callApi(sandbox, '/me', { token: refresh_token })).status).toBe(401);
  });

  it('ends when access tokens are revoked, and comes back with a refresh', async () => {
    const { access_token, refresh_token } = await signIn(sandbox);
    sandbox.revokeTokens();
    expect((await callApi(sandbox, '/me', { token: access_token })).status).toBe(401);
    const { body } = await refresh(sandbox, refresh_token);
    expect((await callApi(sandbox, '/me', { token: body.access_token })).status).toBe(200);
  });

  it('ends when the token expires', async () => {
    const other = await startSandbox({ accessTokenSeconds: 2 });
    const { access_token, expires_in } = await signIn(other);
    const before = await callApi(other, '/me', { token: access_token });
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const after = await callApi(other, '/me', { token: access_token });
    await other.close();
    expect([expires_in, before.status, after.status]).toEqual([2, 200, 401]);
  });

  it.each([
    ['GET', '/affiliates', 'affiliates:read'],
    ['GET', '/conversions', 'conversions:read'],
    ['GET', '/payouts', 'payouts:read'],
    ['GET', '/offers', 'offers:read'],
    ['POST', '/webhooks', 'webhooks:write'],
    ['DELETE', '/webhooks/wh_1', 'webhooks:write'],
  ])('to %s %s needs %s', async (method, path, scope) => {
    const others = sandbox.scope.split(' ').filter((name) => name !== scope);
    const without = await signIn(sandbox, others.join(' '));
    const refused = await callApi(sandbox, path, { method, token: without.access_token });
    expect(without.scope).toBe(others.join(' '));
    expect(refused.status).toBe(403);
    expect(refused.body).toEqual({ error: `Missing permission: ${scope}`, retryable: false });

    const only = await signIn(sandbox, scope);
    const allowed = await callApi(sandbox, path, { method, token: only.access_token });
    expect(allowed.status).not.toBe(403);
    expect((await callApi(sandbox, '/me', { token: only.access_token })).status).toBe(200);
  });
});

describe('what has had its time', () => {
  it('is told from what was never there for an hour, and is gone then', async () => {
    const database = new Database();
    const adapter = new OauthStore(database).adapter('RefreshToken');
    const kept = () =>
      database
        .all<{ id: string }>('SELECT id FROM oauth_entries ORDER BY rowid')
        .map(({ id }) => id);
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    await adapter.upsert('used', {}, 365 * 86_400);
    await adapter.upsert('unused', {}, 365 * 86_400);
    await adapter.upsert('expired', {}, 60);
    await adapter.consume('used');
    clock.mockReturnValue(now + 3_600_000);
    await adapter.upsert('next', {}, 60);
    expect(kept()).toEqual(['used', 'unused', 'expired', 'next']);
    expect(await adapter.find('used')).toEqual({ consumed: expect.any(Number) });
    clock.mockReturnValue(now + 3_660_001);
    await adapter.upsert('last', {}, 60);
    expect(kept()).toEqual(['unused', 'next', 'last']);
    database.close();
  });
});
