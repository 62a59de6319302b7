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

  const exchanging = () => call(`${OAUTH}.getAccessToken`, { authData: {}, inputData });

  /** What a user reads where Attro answers the exchange with something else than tokens. */
  async function messageFor(status: number, body: nock.Body): Promise<string> {
    tokenEndpoint({ ...exchange, ...CLIENT }).reply(status, body);
    const error = await errorOf(exchanging());
    expect(error.name).toBe('AppError');
    return messageOf(error).message;
  }

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
    const { results } = await exchanging();
    expect(results).toEqual({ ...tokens, account_id });
  });

  it.each([
    [401, 'token_refused', /does not accept the token that it has just given\. Connect again/],
    [500, 'unavailable', /has a problem at the moment/],
  ])('fails readably where Attro answers /me with %i', async (status, code, message) => {
    tokenEndpoint({ ...exchange, ...CLIENT }).reply(200, tokens);
    attro({}).get('/api/v1/me').reply(status, {});
    const error = await errorOf(exchanging());
    expect(error.name).toBe('AppError');
    expect(messageOf(error).code).toBe(code);
    expect(messageOf(error).message).toMatch(message);
  });

  const EXPIRED = /expired or was used before.*connect again/;
  const UNKNOWN = /CLIENT_ID and CLIENT_SECRET/;
  const UNREADABLE = /could not finish connecting.*could not be read/;

  it.each<[what: string, status: number, body: nock.Body, said: RegExp]>([
    ['a code that has expired', 400, { error: 'invalid_grant' }, EXPIRED],
    ['an integration that is not known', 401, { error: 'invalid_client' }, UNKNOWN],
    ['one that is not known, by a 400', 400, { error: 'invalid_client' }, UNKNOWN],
    ['one that may not connect', 400, { error: 'unauthorized_client' }, UNKNOWN],
    ['one that is not known, by a 200', 200, { error: 'invalid_client' }, UNKNOWN],
    ['an empty body', 200, '', UNREADABLE],
    ['HTML', 200, '<html>Maintenance</html>', UNREADABLE],
    ['no access token', 200, { token_type: 'Bearer' }, UNREADABLE],
    ['an empty access token', 200, { access_token: '' }, UNREADABLE],
    ['that Attro is down', 500, 'oops', /problem at the moment \(500\)/],
  ])('tells the user of %s', async (_what, status, body, said) => {
    expect(await messageFor(status, body)).toMatch(said);
  });

  it('says so when Attro cannot be reached', async () => {
    tokenEndpoint({ ...exchange, ...CLIENT }).replyWithError('ENOTFOUND get-attro.com');
    const error = await errorOf(exchanging());
    expect(messageOf(error).message).toMatch(/could not be reached/);
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

  it.each([
    ['new', 'rotates it', { access_token: 'a2', refresh_token: 'r2' }, 'r2'],
    ['old', 'sends none', { access_token: 'a2' }, 'r1'],
  ])('keeps the %s refresh token when Attro %s', async (_which, _does, answer, refresh_token) => {
    tokenEndpoint(refresh).reply(200, answer);
    const { results } = await call(`${OAUTH}.refreshAccessToken`, { authData });
    expect(results).toEqual({ access_token: 'a2', refresh_token, account_id: 'org_1' });
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

  it('may be told inside an envelope, and may lack everything but the id', async () => {
    attro()
      .get('/api/v1/me')
      .reply(200, { data: { id: 7 } });
    const { results } = await call('authentication.test');
    const nothing = { email: null, name: null, organization_name: null };
    expect(results).toEqual({ ...nothing, id: '7', account_id: '7' });
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
