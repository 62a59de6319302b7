import { randomBytes } from 'node:crypto';
import { SCOPES } from '../../attro/contract.ts';
import { isRecord } from '../../attro/values.ts';
import { appTakes, appTakesAsRefusal } from '../app-calls.ts';
import type { Exchange } from '../attro-client.ts';
import { hasStatus, judgeField, NOT_REACHED, success, type Records } from '../judging.ts';
import { fieldsOf } from '../openapi.ts';
import { definePhase } from '../phase.ts';
import { differs, HOLDS, notTried, type Row, type Verdict } from '../row.ts';
import type { Return, SignIn } from '../sign-in.ts';
import type { Walk } from '../walk.ts';
import { describe, word } from '../words.ts';

interface Evidence {
  back: Return;
  wrongSecret?: Exchange;
  wrongVerifier?: Exchange;
  exchanged?: Exchange;
  me?: Exchange;
  refreshed?: Exchange;
  meAgain?: Exchange;
  /** The refresh token that was replaced, and the code that was used. */
  refreshedAgain?: Exchange;
  exchangedAgain?: Exchange;
}

/** How a user lets Zapier in, and how that goes on. */
export const OAUTH = definePhase<Evidence>({
  title: 'OAuth2',
  needs: 'client',
  rows: [
    {
      id: 'oauth.authorize',
      assumed: 'GET /oauth/authorize brings the browser back with a code.',
      facts: [
        'authorize',
        ...['response_type', 'client_id', 'redirect_uri', 'scope'].map(
          (name) => `authorize?${name}`,
        ),
        ...['code_challenge', 'code_challenge_method'].map((name) => `authorize?${name}`),
      ],
      judge: ({ back: { query } }) => {
        if (!query) return notTried('the browser did not come back in time', 'client');
        if (query.get('error') === 'access_denied')
          return notTried('it was not allowed in the browser', 'client');
        if (query.get('code')) return HOLDS;
        const error = query.get('error');
        return differs(
          'a code',
          error === null ? 'neither a code nor an error' : `the error ${word(error)}`,
        );
      },
    },
    {
      id: 'oauth.state',
      assumed: 'The state comes back as it was sent.',
      facts: ['authorize?state'],
      judge: ({ back: { query, state } }) => {
        if (!query) return NOT_REACHED;
        return query.get('state') === state
          ? HOLDS
          : differs('the same state', describe(query.get('state')));
      },
    },
    refusal(
      'wrong-secret',
      'wrongSecret',
      401,
      'invalid_client',
      'A wrong client secret is refused with 401 invalid_client.',
    ),
    refusal(
      'wrong-verifier',
      'wrongVerifier',
      400,
      'invalid_grant',
      'A code with a wrong verifier (PKCE) is refused with 400 invalid_grant.',
    ),
    {
      id: 'oauth.exchange',
      assumed: 'A code is exchanged for tokens with 200.',
      facts: ['token', 'CodeGrant'],
      judge: ({ exchanged }) => hasStatus(exchanged, 200),
      copes: ({ exchanged }, app) => appTakes(app, exchanged),
    },
    ...fieldsOf('Tokens').map((field): Row<Evidence> => ({
      id: `oauth.field.${field.name}`,
      assumed: `The tokens come with ${field.name}.`,
      facts: [`Tokens.${field.name}`],
      judge: ({ exchanged }) => judgeField(tokensIn(exchanged), field),
      copes: ({ exchanged }, app) => appTakes(app, exchanged),
    })),
    {
      id: 'oauth.scopes',
      assumed: 'Every permission that is asked for is granted.',
      facts: ['Tokens.scope'],
      places: [{ file: 'attro/contract.ts', name: 'SCOPES' }],
      judge: ({ exchanged }) => {
        const scope = tokenIn(exchanged, 'scope');
        if (scope === undefined) return NOT_REACHED;
        const granted = scope.split(' ');
        const missing = SCOPES.filter((each) => !granted.includes(each));
        return missing.length === 0
          ? HOLDS
          : differs(SCOPES.join(' '), `without ${missing.join(' ')}`);
      },
    },
    {
      id: 'oauth.bearer',
      assumed: 'The access token is accepted.',
      facts: ['getMe', 'Tokens.access_token'],
      judge: ({ me }) => hasStatus(me, 200),
      copes: ({ me }, app) => appTakes(app, me),
    },
    {
      id: 'oauth.refresh',
      assumed:
        'A refresh token is exchanged for a new access token with 200, and that is accepted.',
      facts: ['token', 'RefreshGrant'],
      judge: ({ refreshed, meAgain }) => {
        const status = hasStatus(refreshed, 200);
        return status.is === 'holds' ? hasStatus(meAgain, 200) : status;
      },
      copes: async ({ refreshed, meAgain }, app) =>
        (await appTakes(app, refreshed)) && (await appTakes(app, meAgain)),
    },
    {
      id: 'oauth.rotation',
      assumed: 'A new refresh token comes with it.',
      facts: ['Tokens.refresh_token'],
      judge: ({ exchanged, refreshed }) => {
        if (!success(refreshed)) return NOT_REACHED;
        const fresh = tokenIn(refreshed, 'refresh_token');
        if (fresh === undefined) return differs('another refresh token', 'none');
        return fresh === tokenIn(exchanged, 'refresh_token')
          ? differs('another refresh token', 'the same')
          : HOLDS;
      },
      copes: ({ refreshed }, app) => appTakes(app, refreshed),
    },
    refusal(
      'refresh-once',
      'refreshedAgain',
      400,
      'invalid_grant',
      'A refresh token that was replaced is refused with 400 invalid_grant.',
    ),
    refusal(
      'code-once',
      'exchangedAgain',
      400,
      'invalid_grant',
      'A code that was used is refused with 400 invalid_grant.',
    ),
  ],
  gather: async (walk) => {
    const { client } = walk.settings;
    if (!client || !walk.signIn) throw new Error('There is no client.');
    return signInAndRefresh(walk, walk.signIn, {
      client_id: client.id,
      client_secret: client.secret,
    });
  },
});

function refusal(
  name: string,
  key: 'wrongSecret' | 'wrongVerifier' | 'refreshedAgain' | 'exchangedAgain',
  status: number,
  code: string,
  assumed: string,
): Row<Evidence> {
  return {
    id: `oauth.${name}`,
    assumed,
    facts: ['token', 'OauthError'],
    judge: (evidence): Verdict => {
      const exchange = evidence[key];
      const verdict = hasStatus(exchange, status);
      if (verdict.is !== 'holds' || !exchange || !('status' in exchange.outcome)) return verdict;
      const { json } = exchange.outcome;
      const error = isRecord(json) ? json['error'] : undefined;
      return error === code ? HOLDS : differs(`${status} ${code}`, `${status} ${word(error)}`);
    },
    copes: (evidence, app) => appTakesAsRefusal(app, evidence[key], status, { error: code }),
  };
}

async function signInAndRefresh(
  { attro, secrets, settings }: Walk,
  signIn: SignIn,
  client: { client_id: string; client_secret: string },
): Promise<Evidence> {
  const ask = async (form: Record<string, string>): Promise<Exchange> => {
    const exchange = await attro.ask({ operation: 'token', form: { ...client, ...form } });
    for (const name of ['access_token', 'refresh_token']) secrets.add(tokenIn(exchange, name));
    return exchange;
  };
  const codeGrant = ({ query, verifier }: Return): Record<string, string> => ({
    grant_type: 'authorization_code',
    code: query?.get('code') ?? '',
    redirect_uri: signIn.redirectUri,
    code_verifier: verifier,
  });

  let back = await signIn.ask(settings.baseUrl, 'OAuth2 is to be tried.');
  const evidence: Evidence = { back };
  if (!back.query?.get('code')) return evidence;
  const strange = randomBytes(48).toString('base64url');
  evidence.wrongSecret = await ask({ ...codeGrant(back), client_secret: strange });
  evidence.wrongVerifier = await ask({ ...codeGrant(back), code_verifier: strange });
  evidence.exchanged = success(evidence.wrongVerifier)
    ? evidence.wrongVerifier
    : await ask(codeGrant(back));
  if (!success(evidence.exchanged)) {
    // A server may well do so, since who comes with a wrong verifier may have stolen the code.
    const why =
      'The code is worthless once it came with a wrong verifier, so another one is needed.';
    back = await signIn.ask(settings.baseUrl, why);
    if (back.query?.get('code')) evidence.exchanged = await ask(codeGrant(back));
  }
  const token = tokenIn(evidence.exchanged, 'access_token');
  const refreshToken = tokenIn(evidence.exchanged, 'refresh_token');
  if (token !== undefined) evidence.me = await attro.ask({ operation: 'getMe', token });
  if (refreshToken !== undefined) {
    const refreshGrant = { grant_type: 'refresh_token', refresh_token: refreshToken };
    evidence.refreshed = await ask(refreshGrant);
    const fresh = tokenIn(evidence.refreshed, 'access_token');
    if (fresh !== undefined)
      evidence.meAgain = await attro.ask({ operation: 'getMe', token: fresh });
    const isReplaced =
      (tokenIn(evidence.refreshed, 'refresh_token') ?? refreshToken) !== refreshToken;
    if (isReplaced) evidence.refreshedAgain = await ask(refreshGrant);
  }
  // Last, since it may end all that came of the code (RFC 6749, 4.1.2).
  if (success(evidence.exchanged)) evidence.exchangedAgain = await ask(codeGrant(back));
  return evidence;
}

function tokensIn(exchange: Exchange | undefined): Records {
  const json = success(exchange)?.json;
  return isRecord(json) ? [json] : { none: 'no tokens came' };
}

function tokenIn(exchange: Exchange | undefined, name: string): string | undefined {
  const json = success(exchange)?.json;
  const value = isRecord(json) ? json[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
