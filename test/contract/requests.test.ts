import { describe, expect, it } from '@jest/globals';
import { call } from '../support/app.ts';
import { deviationsOf, type SentRequest } from '../support/contract.ts';

/**
 * Every unit test holds the app's requests to attro/openapi.yaml (see test/support/attro.ts). These hold
 * that check to what it should find.
 */

const RECORD: SentRequest = {
  method: 'POST',
  target: '/api/v1/conversions',
  headers: {
    accept: 'application/json',
    authorization: 'Bearer a1',
    'content-type': 'application/json; charset=utf-8',
    'idempotency-key': 'order-1',
  },
  body: '{"affiliate_id":"aff_1","amount":5,"currency":"USD"}',
};

const LIST: SentRequest = {
  method: 'GET',
  target: '/api/v1/affiliates?limit=50&email=jane%40example.com',
  headers: { accept: 'application/json', authorization: 'Bearer a1' },
  body: '',
};

const TOKEN: SentRequest = {
  method: 'POST',
  target: '/oauth/token',
  headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
  body: 'grant_type=refresh_token&refresh_token=r1&client_id=c&client_secret=s',
};

const withHeader = (request: SentRequest, name: string, value: string): SentRequest => ({
  ...request,
  headers: { ...request.headers, [name]: value },
});

describe('a request', () => {
  it.each<[string, SentRequest, RegExp]>([
    ['to another path', { ...LIST, target: '/api/v1/partners' }, /is not in the contract/],
    ['with an unknown parameter', { ...LIST, target: '/api/v1/affiliates?lmit=1' }, /lmit/],
    ['with a wrong parameter', { ...LIST, target: '/api/v1/affiliates?limit=500' }, /<= 100/],
    ['without a token', withHeader(LIST, 'authorization', ''), /carries no token/],
    ['with half a token', withHeader(LIST, 'authorization', 'Bearer '), /carries no token/],
    ['with a token too many', withHeader(TOKEN, 'authorization', 'Bearer a1'), /carries a token/],
    ['that takes no JSON', withHeader(LIST, 'accept', 'text/html'), /takes "text\/html"/],
    ['with a foreign header', withHeader(LIST, 'idempotency-key', '1'), /idempotency-key is not/],
    ['with a body of no use', { ...LIST, body: '{}' }, /has a body/],
    ['without its body', { ...RECORD, body: '' }, /has no body/],
    ['with half a body', { ...RECORD, body: '{"amount":' }, /cannot be read/],
    ['of another type', withHeader(RECORD, 'content-type', 'text/plain'), /of the type "text/],
    ['without a key', { ...RECORD, body: RECORD.body.replace('"amount":5,', '') }, /"amount"/],
    ['with a text for a number', { ...RECORD, body: RECORD.body.replace('5', '"5"') }, /number/],
    ['of half a form', { ...TOKEN, body: 'grant_type=refresh_token' }, /client_id/],
  ])('%s is told from it', async (_name, request, said) => {
    expect((await deviationsOf(request)).join('\n')).toMatch(said);
  });

  it('of a user to connect is as the contract describes it, with what Zapier adds for PKCE', async () => {
    const { results } = await call<string>('authentication.oauth2Config.authorizeUrl', {
      inputData: { redirect_uri: 'https://zapier.com/return/', state: 'state-1' },
    });
    const url = new URL(results);
    const visit = (): Promise<string[]> =>
      deviationsOf({ ...LIST, target: `${url.pathname}${url.search}`, headers: { accept: '*/*' } });
    expect((await visit()).join('\n')).toMatch(/code_challenge/);
    url.searchParams.append('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
    url.searchParams.append('code_challenge_method', 'S256');
    expect(await visit()).toEqual([]);
  });
});
