import type { Authentication, Bundle, HttpResponse, ZObject } from 'zapier-platform-core';
import * as zod from 'zod/mini';
import { fetchAccount, type Account } from './attro/account.ts';
import { attroUrl, isSuccess, tokenRequest } from './attro/client.ts';
import { PATHS, SCOPES } from './attro/contract.ts';
import {
  errorFor,
  isRefusal,
  unreadableAnswer,
  withReadableErrors,
  type Purpose,
} from './attro/errors.ts';
import { isRecord } from './attro/values.ts';

const SCOPE = SCOPES.join(' ');

const text = zod.string().check(zod.minLength(1));

/** RFC 6749, section 5.1, as far as this integration uses it. */
const tokenSchema = zod.object({ access_token: text, refresh_token: zod.optional(text) });

type Tokens = zod.infer<typeof tokenSchema>;

/** What Zapier stores for a connection: the tokens, and whose they are. */
type Connection = Tokens & { account_id: string };

/** The page where a user lets Zapier in. Zapier adds the PKCE challenge to it (RFC 7636). */
function authorizeUrl(z: ZObject, bundle: Bundle): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: setting(z, 'CLIENT_ID'),
    redirect_uri: input(bundle, 'redirect_uri'),
    state: input(bundle, 'state'),
    scope: SCOPE,
  });
  return `${attroUrl(z, PATHS.authorize)}?${query.toString()}`;
}

/** Exchanges the code that Attro gave for tokens, and notes whose they are. */
async function getAccessToken(z: ZObject, bundle: Bundle): Promise<Connection> {
  const purpose = { doing: 'finish connecting your account' };
  let tokens: Tokens;
  try {
    tokens = await requestTokens(z, purpose, {
      grant_type: 'authorization_code',
      code: input(bundle, 'code'),
      redirect_uri: input(bundle, 'redirect_uri'),
      code_verifier: input(bundle, 'code_verifier'),
    });
  } catch (error) {
    throw error instanceof GrantRefusedError
      ? new z.errors.Error(
          'Attro could not finish connecting your account: the approval has expired or was used ' +
            'before. Close this window and connect again.',
          'grant_refused',
        )
      : error;
  }
  try {
    const { access_token } = tokens;
    const { account_id } = await fetchAccount(z, { authData: { access_token } });
    return { ...tokens, account_id };
  } catch (error) {
    // There is no connection yet that Zapier could refresh.
    throw error instanceof z.errors.RefreshAuthError
      ? new z.errors.Error(
          `Attro could not ${purpose.doing}: it does not accept the token that it has just given. Connect ` +
            'again; if that does not help, tell Attro support.',
          'token_refused',
        )
      : error;
  }
}

/**
 * Gets a new access token. Attro may send a new refresh token with it, which replaces the old one;
 * without one, the old one goes on being valid.
 *
 * @throws `ExpiredAuthError`, on which Zapier asks the user to reconnect, when Attro has revoked the
 *   refresh token.
 */
async function refreshAccessToken(z: ZObject, bundle: Bundle): Promise<Connection> {
  const { account_id = '' } = bundle.authData;
  const current = bundle.authData['refresh_token'];
  const reconnect = (): Error =>
    new z.errors.ExpiredAuthError(
      'Your connection to Attro has ended. Reconnect your Attro account in Zapier.',
    );
  if (!current) throw reconnect();
  try {
    const tokens = await requestTokens(
      z,
      { doing: 'renew your connection' },
      { grant_type: 'refresh_token', refresh_token: current },
    );
    return { refresh_token: current, ...tokens, account_id };
  } catch (error) {
    throw error instanceof GrantRefusedError ? reconnect() : error;
  }
}

/** Attro does not accept the code or refresh token any more: `invalid_grant` of RFC 6749, 5.2. */
class GrantRefusedError extends Error {}

async function requestTokens(
  z: ZObject,
  purpose: Purpose,
  grant: Record<string, string>,
): Promise<Tokens> {
  let response: HttpResponse<unknown>;
  try {
    response = await tokenRequest(z, purpose, {
      ...grant,
      client_id: setting(z, 'CLIENT_ID'),
      client_secret: setting(z, 'CLIENT_SECRET'),
    });
  } catch (error) {
    // Zapier raises this for every 401. Here it means `invalid_client`, and refreshing cannot help.
    throw error instanceof z.errors.RefreshAuthError ? clientRefused(z, purpose) : error;
  }
  // Some servers answer a grant that they refuse with a success.
  if (!isSuccess(response) || isRefusal(response.data)) {
    const code = isRecord(response.data) ? response.data['error'] : undefined;
    if (code === 'invalid_grant') throw new GrantRefusedError();
    if (code === 'invalid_client' || code === 'unauthorized_client')
      throw clientRefused(z, purpose);
    throw errorFor(z, response, purpose);
  }
  const tokens = tokenSchema.safeParse(response.data);
  if (!tokens.success) throw unreadableAnswer(z, purpose);
  return tokens.data;
}

function clientRefused(z: ZObject, { doing }: Purpose): Error {
  return new z.errors.Error(
    `Attro could not ${doing}: it does not know this integration's CLIENT_ID and CLIENT_SECRET. ` +
      'This is not something that you can fix; please tell Attro support.',
    'setup',
  );
}

/** Asks Attro who is connected. Zapier calls it after connecting and when a user tests a connection. */
function test(z: ZObject, bundle: Bundle): Promise<Account> {
  return fetchAccount(z, bundle);
}

/** The name of a connection in Zapier's lists, such as `Acme Corp (jane@acme.com)`. */
function connectionLabel(_z: ZObject, bundle: Bundle): string {
  const person = input(bundle, 'email') || input(bundle, 'name');
  const organization = input(bundle, 'organization_name');
  if (organization && person) return `${organization} (${person})`;
  return organization || person || 'Attro account';
}

/** A setting of the app, read when a call runs so that nothing of it is baked into the build. */
function setting(z: ZObject, name: 'CLIENT_ID' | 'CLIENT_SECRET'): string {
  const value = process.env[name];
  if (value) return value;
  throw new z.errors.Error(
    `This integration is not set up: ${name} is missing. Its maintainers set it with ` +
      '`zapier-platform env:set`.',
    'setup',
  );
}

function input(bundle: Bundle, name: string): string {
  const value = bundle.inputData[name];
  return typeof value === 'string' ? value : '';
}

export default {
  type: 'oauth2',
  test: withReadableErrors(test),
  connectionLabel: withReadableErrors(connectionLabel),
  oauth2Config: {
    authorizeUrl: withReadableErrors(authorizeUrl),
    getAccessToken: withReadableErrors(getAccessToken),
    refreshAccessToken: withReadableErrors(refreshAccessToken),
    scope: SCOPE,
    autoRefresh: true,
    enablePkce: true,
  },
} satisfies Authentication;
