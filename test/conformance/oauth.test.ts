import { describe, expect, it } from '@jest/globals';
import { browse } from '../local/attro/sign-in.ts';
import { changeJson, type Asked, type Deviation } from './deviating.ts';
import { useWalker, type Walked } from './walks.ts';

const walker = useWalker();

/** What a person does whom the walk sends to this page; the answer is where the browser ends. */
type Person = (url: string) => Promise<URL>;

/** Agrees, as the user of the local Attro. */
const agrees: Person = async (url) => {
  const back = await browse(walker.sandbox(), url);
  if (!(back instanceof URL)) throw new Error('The sign-in has not come back.');
  return back;
};

/** Walks with a client, and a person in the place of a browser. */
async function walkWith(deviation: Deviation, person: Person = agrees): Promise<Walked> {
  const { baseUrl, clientId: id, clientSecret: secret } = walker.sandbox();
  const client = { id, secret, redirectPort: 0, opensBrowser: false };
  return walker.walk(deviation, { client }, (text) => {
    const asked = /^http\S+\/oauth\/authorize\S+$/m.exec(text)?.[0];
    if (!asked) return;
    // The pages of the local Attro work at its own address only.
    const { pathname, search } = new URL(asked);
    void person(`${baseUrl}${pathname}${search}`).then((back) => fetch(back));
  });
}

const formOf = ({ path, body }: Asked): URLSearchParams =>
  new URLSearchParams(path === '/oauth/token' ? body : '');

const onTokens = (
  grant: string,
  change: (tokens: Record<string, unknown>) => object,
): Deviation => ({
  gives: (given, asked) => {
    if (formOf(asked).get('grant_type') !== grant || given.status !== 200) return;
    changeJson(given, (json) => change(json as Record<string, unknown>));
  },
});

const CASES: Readonly<Record<string, [deviation: Deviation, rows: readonly string[]]>> = {
  'the same refresh token for ever': [
    onTokens('refresh_token', ({ refresh_token: _old, ...tokens }) => tokens),
    ['~oauth.rotation'],
  ],
  'no word on when a token expires': [
    onTokens('authorization_code', ({ expires_in: _when, ...tokens }) => tokens),
    ['~oauth.field.expires_in'],
  ],
  'tokens inside of an envelope': [
    onTokens('authorization_code', (data) => ({ data })),
    ['access_token', 'refresh_token', 'token_type', 'expires_in', 'scope'].map(
      (name) => `oauth.field.${name}`,
    ),
  ],
  'fewer permissions than were asked for': [
    onTokens('authorization_code', (tokens) => ({ ...tokens, scope: 'affiliates:read' })),
    ['oauth.scopes'],
  ],
  '400 for a wrong client secret': [
    {
      gives: (given, asked) => {
        if (asked.path === '/oauth/token' && given.status === 401) given.status = 400;
      },
    },
    ['~oauth.wrong-secret'],
  ],
  'another error for a code that was used': [
    {
      gives: (given, asked) => {
        if (formOf(asked).get('grant_type') !== 'authorization_code') return;
        given.text = given.text.replace('invalid_grant', 'invalid_request');
      },
    },
    ['oauth.wrong-verifier', 'oauth.code-once'],
  ],
};

describe('the OAuth2 part', () => {
  it.each(Object.entries(CASES))(
    'names what a server does otherwise: %s',
    async (_name, [deviation, rows]) => {
      const { differing } = await walkWith(deviation);
      expect(differing.sort()).toEqual([...rows].sort());
    },
  );

  it('asks once more where a wrong verifier makes a code worthless', async () => {
    const worthless = new Set<string>();
    const { findings, said } = await walkWith({
      answers: (asked, response) => {
        const code = formOf(asked).get('code');
        if (code === null || !worthless.has(code)) return false;
        response.writeHead(400, { 'Content-Type': 'application/json' });
        response.end('{"error":"invalid_grant"}');
        return true;
      },
      gives: (given, asked) => {
        const code = formOf(asked).get('code');
        if (code !== null && given.status === 400) worthless.add(code);
      },
    });
    expect(said.match(/\/oauth\/authorize/g)).toHaveLength(2);
    const rows = findings.filter(({ id }) => id.startsWith('oauth.'));
    expect(rows.filter(({ result }) => result !== 'holds')).toEqual([]);
  });

  it('is not tried where the person does not agree', async () => {
    const { row, differing } = await walkWith({}, (url) => {
      const { searchParams } = new URL(url);
      const back = new URL(searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('state', searchParams.get('state') ?? '');
      return Promise.resolve(back);
    });
    expect(differing).toEqual([]);
    expect(row('oauth.authorize')).toMatchObject({
      result: 'not tried',
      why: 'it was not allowed in the browser',
    });
    expect(row('oauth.exchange')).toMatchObject({ result: 'not tried' });
  });
});
