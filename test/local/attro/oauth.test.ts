import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { SCOPES } from '../../../attro/contract.ts';
import { startSandbox } from '../../../local/attro/index.ts';
import type { Sandbox } from '../../../local/attro/index.ts';
import { readContract } from '../../support/contract.ts';
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
let time = Date.now();

beforeAll(async () => {
  sandbox = await startSandbox({ clock: () => time });
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
  it('takes a refresh token that was rotated for another minute', async () => {
    const { refresh_token } = await signIn(sandbox);
    const both = await Promise.all([1, 2].map(() => refresh(sandbox, refresh_token)));
    time += 59_999;
    expect((await refresh(sandbox, refresh_token)).status).toBe(200);
    time += 1;
    const { status, body } = await refresh(sandbox, refresh_token);
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
    for (const { body: tokens } of both) {
      expect((await callApi(sandbox, '/me', { token: tokens.access_token })).status).toBe(200);
      expect((await refresh(sandbox, tokens.refresh_token)).status).toBe(200);
    }
  });

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
    ['no token', undefined, 'Bearer'],
    ['an unknown token', 'unknown', 'Bearer error="invalid_token"'],
  ])('is refused with %s', async (_case, token, header) => {
    const options = token === undefined ? {} : { token };
    const { status, body, headers } = await callApi(sandbox, '/affiliates', options);
    expect(status).toBe(401);
    expect(body).toEqual({ error: expect.any(String), retryable: false });
    expect(headers.get('www-authenticate')).toBe(header);
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
    const { access_token } = await signIn(sandbox);
    time += 3_600_000;
    expect((await callApi(sandbox, '/me', { token: access_token })).status).toBe(401);
  });
});

describe('each operation', () => {
  const METHODS = ['get', 'post', 'patch', 'delete'];
  const operations = Object.entries(readContract().paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) =>
      (item[method]?.security ?? []).flatMap(({ oauth2 = [] }) =>
        oauth2.map((scope) => ({ method: method.toUpperCase(), path, scope })),
      ),
    ),
  );

  it.each(SCOPES)('that needs %s is refused without it, and answered with it', async (scope) => {
    const others = sandbox.scope.split(' ').filter((name) => name !== scope);
    const [without, only] = [await signIn(sandbox, others.join(' ')), await signIn(sandbox, scope)];
    expect([without.scope, only.scope]).toEqual([others.join(' '), scope]);
    const needing = operations.filter((operation) => operation.scope === scope);
    expect(needing.length).toBeGreaterThan(0);
    for (const { method, path } of needing) {
      const to = path.replaceAll(/\{\w+\}/g, 'unknown');
      const ask = (token: string) =>
        callApi(sandbox, to, { method, token, json: method === 'GET' ? undefined : {} });
      expect(await ask(without.access_token)).toMatchObject({
        status: 403,
        body: { error: `Missing permission: ${scope}`, retryable: false },
      });
      expect((await ask('sk_test_made_up')).status).toBe(401);
      for (const allowed of [only.access_token, sandbox.apiKey]) {
        expect([401, 403]).not.toContain((await ask(allowed)).status);
      }
    }
  });
});
