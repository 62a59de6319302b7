import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import express from 'express';
import type { Router } from 'express';
import Provider, { errors } from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';

import { SCOPES } from '../../../attro/contract.ts';
import type { Database } from '../database.ts';
import { preparePage } from '../pages/page.ts';
import { oauthErrorPage, signInPages } from '../pages/sign-in.ts';
import { OauthStore } from './store.ts';

/** The permissions that Attro's OAuth2 knows, in the order in which they are asked for. */
export const SCOPE = SCOPES.join(' ');

const AUTHORIZE_PATH = '/oauth/authorize';
export const TOKEN_PATH = '/oauth/token';
const SIGN_IN_PATH = '/oauth/sign-in';

/**
 * Where the Zapier CLI sends the users of `invoke auth start`. It makes no PKCE challenge, so none is
 * asked for there.
 */
export const CLI_REDIRECT_URI = 'http://localhost:9000';

const DAY_SECONDS = 86_400;
// Longer than anyone tries a connection; only access tokens are meant to expire.
const YEAR_SECONDS = 365 * DAY_SECONDS;
const CODE_SECONDS = 60;
// How long a person may think about it.
const SIGN_IN_SECONDS = 600;

const randomSecret = (): string => randomBytes(32).toString('base64url');

export interface OauthOptions {
  /** The sandbox's own address, without a slash at its end. */
  baseUrl: string;
  /** Where codes may be sent: loopback addresses with any port, others exactly as given. */
  redirectUris: string[];
  accessTokenSeconds: number;
  /** Keeps the client, its tokens and who is signed in. */
  database: Database;
  /** The time, in milliseconds of the epoch. */
  clock: () => number;
  /** Told the parameters of each request for tokens, once they are known. */
  onTokenRequest: (request: IncomingMessage, parameters: Record<string, unknown>) => void;
}

/** The sandbox's authorization server. */
export interface Oauth {
  clientId: string;
  clientSecret: string;
  /** Serves `/oauth/…`. */
  router: Router;
  /** The permissions of an access token; undefined when it is unknown, expired or revoked. */
  scopesOf(accessToken: string): Promise<ReadonlySet<string> | undefined>;
  /** Makes every token of a kind unknown. */
  revoke(kind: 'AccessToken' | 'RefreshToken'): void;
}

/**
 * Makes an authorization server with one client and one user, who is signed in and asked to agree.
 *
 * @throws when a redirect URI is not allowed.
 */
export async function createOauth(options: OauthOptions): Promise<Oauth> {
  const { database } = options;
  const clientId = database.setting('client_id', () => `attro_${randomBytes(8).toString('hex')}`);
  const clientSecret = database.setting('client_secret', randomSecret);
  const store = new OauthStore(database, options.clock);
  const provider = new Provider(options.baseUrl, {
    adapter: (model: string) => store.adapter(model),
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        client_name: 'Zapier',
        // Lets a redirect go to any port of a loopback address (RFC 8252, 7.3).
        application_type: 'native',
        redirect_uris: options.redirectUris,
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    clientAuthMethods: ['client_secret_post'],
    responseTypes: ['code'],
    scopes: SCOPE.split(' '),
    pkce: { required: ({ oidc }) => oidc.params?.['redirect_uri'] !== CLI_REDIRECT_URI },
    routes: { authorization: AUTHORIZE_PATH, token: TOKEN_PATH },
    // The server wants a key although nothing is signed without the `openid` scope.
    jwks: {
      keys: [
        generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
      ],
    },
    cookies: { keys: [database.setting('cookie_key', randomSecret)] },
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
    },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_context, { uid }) => `${SIGN_IN_PATH}/${uid}` },
    clientBasedCORS: () => false,
    // Agreement is asked for each time, also of a browser that has given it before.
    loadExistingGrant: ({ oidc }) =>
      Promise.resolve(
        oidc.result?.consent?.grantId === undefined
          ? undefined
          : oidc.provider.Grant.find(oidc.result.consent.grantId),
      ),
    renderError: (context, answer, error) => {
      const detail = error instanceof errors.OIDCProviderError ? error.error_detail : undefined;
      const page = oauthErrorPage({ ...answer, error_detail: detail });
      context.body = preparePage(context.req, context.res, page);
    },
    // A connection outlives the browser's session, and always gets a refresh token.
    expiresWithSession: () => false,
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    clockTolerance: 0,
    ttl: {
      AccessToken: options.accessTokenSeconds,
      AuthorizationCode: CODE_SECONDS,
      RefreshToken: YEAR_SECONDS,
      Interaction: SIGN_IN_SECONDS,
      Session: DAY_SECONDS,
      Grant: YEAR_SECONDS,
    },
  });

  // Loads the client, which otherwise happens, and fails, at the first sign-in.
  await provider.Client.find(clientId);

  const noteTokenRequest = ({ req, oidc }: KoaContextWithOIDC): void => {
    options.onTokenRequest(req, { ...oidc.params });
  };
  provider.on('grant.success', noteTokenRequest);
  provider.on('grant.error', noteTokenRequest);

  const serve = provider.callback();
  const router = express.Router();

  router.use(signInPages(provider, SIGN_IN_PATH));

  // Nothing else that the server could do is offered; it reads bodies itself.
  router.all([AUTHORIZE_PATH, `${AUTHORIZE_PATH}/:uid`, TOKEN_PATH], (request, response) => {
    void serve(request, response);
  });

  return {
    clientId,
    clientSecret,
    router,
    async scopesOf(accessToken) {
      const token = await provider.AccessToken.find(accessToken);
      return token && new Set(token.scope?.split(' '));
    },
    revoke(kind) {
      store.forget(kind);
    },
  };
}
