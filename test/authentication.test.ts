import { describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { app, call, errorOf, messageOf } from './support/app.ts';
import { attro, mockNetwork } from './support/attro.ts';

mockNetwork();

const OAUTH = 'authentication.oauth2Config';
const REDIRECT_URI = 'https://zapier.com/dashboard/auth/oauth/return/App1CLIAPI/';
const CLIENT = { client_id: 'client-of-the-tests', client_secret: 'secret-of-the-client' };

/** Attro's token endpoint, which gets a form and no bearer token. */
function tokenEndpoint(form: Record<string, string>): nock.Interceptor {
  return attro({
    badheaders: ['authorization'],
    reqheaders: { 'content-type': 'application/x-www-form-urlencoded' },
  }).post('/oauth/token', form);
}

describe('connecting', () => {
  it('sends the user to Attro with everything that OAuth2 asks for', async () => {
    const { results } = await call<string>(`${OAUTH}.authorizeUrl`, {
      inputData: { redirect_uri: REDIRECT_URI, state: 'state-1' },
    });
    const url = new URL(results);
    expect(url.origin + url.pathname).toBe('https://get-attro.com/oauth/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'client-of-the-tests',
      redirect_uri: REDIRECT_URI,
      state: 'state-1',
      scope:
        'affiliates:read conversions:read payouts:read offers:read webhooks:write ' +
        'affiliates:write conversions:write links:write',
    });
  });

  it('asks for the scope that the definition states, which Zapier would ask for by itself', async () => {
    const { results } = await call<string>(`${OAUTH}.authorizeUrl`, { inputData: {} });
    const asked = new URL(results).searchParams.get('scope');
    expect(app.authentication.oauth2Config.scope).toBe(asked);
  });

  const exchange = {
    grant_type: 'authorization_code',
    code: 'code-1',
    redirect_uri: REDIRECT_URI,
    code_verifier: 'verifier-1',
  };
  const { grant_type: _, ...inputData } = exchange;

  const tokens = { access_token: 'a1', refresh_token: 'r1' };

  it.each([
    [{ id: 'usr_1', organization: { id: 'org_1' } }, 'org_1'],
    [{ id: 'usr_1', organization: null }, 'usr_1'],
    [{ id: 7, organization: { id: 12 } }, '12'],
  ])('exchanges the code, and notes whose account it is: %j', async (me, account_id) => {
    tokenEndpoint({ ...exchange, ...CLIENT }).reply(200, {
      ...tokens,
      token_type: 'Bearer',
      expires_in: 3600,
    });
    attro({ reqheaders: { authorization: 'Bearer a1' } })
      .get('/api/v1/me')
      .reply(200, me);
    const { results } = await call(`${OAUTH}.getAccessToken`, { authData: {}, inputData });
    expect(results).toEqual({ ...tokens, account_id });
  });

  it.each([
    [401, 'token_refused', /does not accept the token that it has just given\. Connect again/],
    [500, 'unavailable', /has a problem at the moment/],
  ])('fails readably where Attro answers /me with %i', async (status, code, message) => {
    tokenEndpoint({ ...exchange, ...CLIENT }).reply(200, tokens);
    attro({}).get('/api/v1/me').reply(status, {});
    const error = await errorOf(call(`${OAUTH}.getAccessToken`, { authData: {}, inputData }));
    expect(error.name).toBe('AppError');
    expect(messageOf(error).code).toBe(code);
    expect(messageOf(error).message).toMatch(message);
  });

  it('says what to do when the code has expired', async () => {
    tokenEndpoint({ ...exchange, ...CLIENT }).reply(400, { error: 'invalid_grant' });
    const error = await errorOf(call(`${OAUTH}.getAccessToken`, { authData: {}, inputData }));
    expect(messageOf(error).message).toMatch(/expired or was used before.*connect again/);
  });

  it.each([
    [401, { error: 'invalid_client' }],
    [400, { error: 'invalid_client' }],
    [400, { error: 'unauthorized_client' }],
    [200, { error: 'invalid_client' }],
  ])('says that the integration is not known, for %i %j', async (status, body) => {
    tokenEndpoint({ ...exchange, ...CLIENT }).reply(status, body);
    const error = await errorOf(call(`${OAUTH}.getAccessToken`, { authData: {}, inputData }));
    expect(error.name).toBe('AppError');
    expect(messageOf(error).message).toMatch(/CLIENT_ID and CLIENT_SECRET/);
  });

  it.each([
    ['an empty body', 200, ''],
    ['HTML', 200, '<html>Maintenance</html>'],
    ['no access token', 200, { token_type: 'Bearer' }],
    ['an empty access token', 200, { access_token: '' }],
  ])('does not take %s for tokens', async (_name, status, body) => {
    tokenEndpoint({ ...exchange, ...CLIENT }).reply(status, body);
    const error = await errorOf(call(`${OAUTH}.getAccessToken`, { authData: {}, inputData }));
    expect(messageOf(error).message).toMatch(/could not finish connecting.*could not be read/);
  });

  it('says so when Attro cannot be reached', async () => {
    tokenEndpoint({ ...exchange, ...CLIENT }).replyWithError('ENOTFOUND get-attro.com');
    const error = await errorOf(call(`${OAUTH}.getAccessToken`, { authData: {}, inputData }));
    expect(messageOf(error).message).toMatch(/could not be reached/);
  });

  it('passes on that Attro is down', async () => {
    tokenEndpoint({ ...exchange, ...CLIENT }).reply(500, 'oops');
    const error = await errorOf(call(`${OAUTH}.getAccessToken`, { authData: {}, inputData }));
    expect(messageOf(error).message).toMatch(/problem at the moment \(500\)/);
  });

  it('reads CLIENT_ID and CLIENT_SECRET when it runs, and says which one is missing', async () => {
    const error = await errorOf(
      call(`${OAUTH}.authorizeUrl`, { inputData: {} }, { environment: { CLIENT_ID: '' } }),
    );
    expect(messageOf(error).message).toMatch(/CLIENT_ID is missing/);
  });
});

describe('refreshing', () => {
  const authData = { access_token: 'a1', refresh_token: 'r1', account_id: 'org_1' };
  const refresh = { grant_type: 'refresh_token', refresh_token: 'r1', ...CLIENT };

  it('keeps the new refresh token when Attro rotates it', async () => {
    tokenEndpoint(refresh).reply(200, {
      access_token: 'a2',
      refresh_token: 'r2',
      account_id: 'org_1',
    });
    const { results } = await call(`${OAUTH}.refreshAccessToken`, { authData });
    expect(results).toEqual({ access_token: 'a2', refresh_token: 'r2', account_id: 'org_1' });
  });

  it('keeps the old refresh token when Attro sends none', async () => {
    tokenEndpoint(refresh).reply(200, { access_token: 'a2' });
    const { results } = await call(`${OAUTH}.refreshAccessToken`, { authData });
    expect(results).toEqual({ access_token: 'a2', refresh_token: 'r1', account_id: 'org_1' });
  });

  it.each([400, 200])('asks the user to reconnect when it was revoked (%i)', async (status) => {
    tokenEndpoint(refresh).reply(status, { error: 'invalid_grant' });
    const error = await errorOf(call(`${OAUTH}.refreshAccessToken`, { authData }));
    expect(error.name).toBe('ExpiredAuthError');
    expect(error.message).toBe(
      'Your connection to Attro has ended. Reconnect your Attro account in Zapier.',
    );
  });

  it('asks the user to reconnect when there is no refresh token', async () => {
    const error = await errorOf(
      call(`${OAUTH}.refreshAccessToken`, { authData: { access_token: 'a1' } }),
    );
    expect(error.name).toBe('ExpiredAuthError');
  });

  it('does not ask for a reconnect when Attro is only down', async () => {
    tokenEndpoint(refresh).reply(503, '');
    const error = await errorOf(call(`${OAUTH}.refreshAccessToken`, { authData }));
    expect(error.name).toBe('AppError');
    expect(messageOf(error).message).toMatch(/^Attro could not renew your connection\./);
  });
});

describe('the connection', () => {
  it('is tested with /me and labelled with organization and person', async () => {
    attro()
      .get('/api/v1/me')
      .reply(200, {
        id: 'usr_1',
        email: 'jane@acme.com',
        name: 'Jane Doe',
        organization: { id: 'org_1', name: 'Acme Corp', slug: 'acme' },
      });
    const { results } = await call<Record<string, unknown>>('authentication.test');
    expect(results).toEqual({
      id: 'usr_1',
      email: 'jane@acme.com',
      name: 'Jane Doe',
      organization_name: 'Acme Corp',
      account_id: 'org_1',
    });
    const label = await call('authentication.connectionLabel', { inputData: results });
    expect(label.results).toBe('Acme Corp (jane@acme.com)');
  });

  it.each([
    [{ organization_name: 'Acme Corp', email: null, name: 'Jane Doe' }, 'Acme Corp (Jane Doe)'],
    [{ organization_name: 'Acme Corp' }, 'Acme Corp'],
    [{ email: 'jane@acme.com' }, 'jane@acme.com'],
    [{ id: 'usr_1' }, 'Attro account'],
  ])('is labelled without a bare id: %j', async (inputData, label) => {
    const { results } = await call('authentication.connectionLabel', { inputData });
    expect(results).toBe(label);
  });

  it('may be told inside an envelope', async () => {
    const me = { id: 7, name: 'Jane Doe', organization: { id: 12, name: 'Acme Corp' } };
    attro().get('/api/v1/me').reply(200, { data: me });
    const { results } = await call('authentication.test');
    expect(results).toEqual({
      id: '7',
      email: null,
      name: 'Jane Doe',
      organization_name: 'Acme Corp',
      account_id: '12',
    });
  });

  it('may lack everything but the id', async () => {
    attro().get('/api/v1/me').reply(200, { id: 7 });
    const { results } = await call('authentication.test');
    expect(results).toEqual({
      id: '7',
      email: null,
      name: null,
      organization_name: null,
      account_id: '7',
    });
  });

  it.each([{ hello: 'world' }, { data: { hello: 'world' } }, { data: [{ id: 7 }] }])(
    'fails its test when Attro answers with %j',
    async (me) => {
      attro().get('/api/v1/me').reply(200, me);
      const error = await errorOf(call('authentication.test'));
      expect(messageOf(error).message).toMatch(/could not check your connection/);
    },
  );

  it('raises RefreshAuthError for a 401, on which Zapier refreshes the token', async () => {
    attro().get('/api/v1/me').reply(401, { error: 'expired' });
    const error = await errorOf(call('authentication.test'));
    expect(error.name).toBe('RefreshAuthError');
    expect(error.message).toBe('');
  });
});
