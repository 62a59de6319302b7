import { createHash, randomBytes } from 'node:crypto';

import type { Endpoint, Sandbox } from '../../../local/attro/index.ts';
import { browse as followAgreeing } from '../../../local/zapier/agreeing-browser.ts';

export const REDIRECT_URI = 'http://127.0.0.1/callback';

/** What is known of a sandbox that runs, in this process or in one of its own. */
export type Running = Pick<Sandbox, 'baseUrl' | 'clientId' | 'clientSecret' | 'scope' | 'apiKey'>;

/** A token answer, or an OAuth2 error. */
export interface TokenAnswer {
  access_token: string;
  refresh_token: string;
  token_type: string;
  expires_in: number;
  scope: string;
  error?: string;
}

/** A PKCE pair for S256. */
export function pkcePair(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** Follows an address as a browser whose user agrees, up to one that is not the sandbox's. */
export function browse(
  sandbox: Pick<Running, 'baseUrl'>,
  address: string,
): Promise<URL | Response> {
  return followAgreeing(address, ({ origin }) => origin !== sandbox.baseUrl);
}

/** The address that an authorization starts at; `changes` replace or, as undefined, drop parameters. */
export function authorizeUrl(
  sandbox: Running,
  challenge: string,
  changes: Record<string, string | undefined> = {},
): string {
  const url = new URL('/oauth/authorize', sandbox.baseUrl);
  const parameters: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: sandbox.clientId,
    redirect_uri: REDIRECT_URI,
    state: 'state-1',
    scope: sandbox.scope,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

/** Asks for tokens with the client's id and secret. */
export async function requestTokens(
  sandbox: Running,
  parameters: Record<string, string>,
): Promise<{ status: number; body: TokenAnswer }> {
  const response = await fetch(`${sandbox.baseUrl}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: sandbox.clientId,
      client_secret: sandbox.clientSecret,
      ...parameters,
    }),
  });
  return { status: response.status, body: (await response.json()) as TokenAnswer };
}

/** Refreshes with a refresh token. */
export function refresh(sandbox: Running, refreshToken: string) {
  return requestTokens(sandbox, { grant_type: 'refresh_token', refresh_token: refreshToken });
}

/** Goes through the whole sign-in, for all permissions or for those given. */
export async function signIn(sandbox: Running, scope = sandbox.scope): Promise<TokenAnswer> {
  const { verifier, challenge } = pkcePair();
  const end = await browse(sandbox, authorizeUrl(sandbox, challenge, { scope }));
  if (!(end instanceof URL)) throw new Error(`Sign-in ended with ${end.status}`);
  const { body } = await requestTokens(sandbox, {
    grant_type: 'authorization_code',
    code: end.searchParams.get('code') ?? '',
    redirect_uri: REDIRECT_URI,
    code_verifier: verifier,
  });
  return body;
}

interface Asked {
  token?: string;
  method?: string;
  json?: unknown;
  headers?: Record<string, string>;
}

/** Asks something of a sandbox; the body of the answer is parsed, null when there is none. */
async function ask(address: string, { token, method = 'GET', json, headers }: Asked) {
  const response = await fetch(address, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text === '' ? null : (JSON.parse(text) as unknown),
    headers: response.headers,
  };
}

/** Calls the API with a token. */
export function callApi({ baseUrl }: Pick<Running, 'baseUrl'>, path: string, asked: Asked = {}) {
  return ask(`${baseUrl}/api/v1${path}`, asked);
}

/** Calls the API with the key that may do everything. */
export function ownerOf(sandbox: Running) {
  return (method: string, path: string, json?: unknown, headers?: Record<string, string>) =>
    callApi(sandbox, path, { token: sandbox.apiKey, method, json, ...(headers && { headers }) });
}

/** Asks something of the sandbox itself. */
export function controlOf({ baseUrl }: Pick<Running, 'baseUrl'>) {
  return (method: string, path: string, json?: unknown) =>
    ask(`${baseUrl}/sandbox${path}`, { method, json });
}

export const SECRET = 'whsec_of_the_tests';

/** Adds an endpoint for events; gives its id. */
export async function subscribe(
  sandbox: Running,
  url: string,
  events: readonly string[],
  secret = SECRET,
): Promise<string> {
  const { status, body } = await ownerOf(sandbox)('POST', '/webhooks', { url, events, secret });
  if (status !== 201) throw new Error(`Not added: ${JSON.stringify(body)}`);
  return (body as Endpoint).id;
}

/** Everything that a list of the API has, page by page. */
export async function everyOf<T>(sandbox: Running, path: string, query = {}): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const parameters = new URLSearchParams({ ...query, ...(cursor !== '' && { cursor }) });
    const { status, body } = await ownerOf(sandbox)('GET', `${path}?${parameters.toString()}`);
    if (status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`);
    const page = body as { data: T[]; next_cursor: string | null };
    items.push(...page.data);
    cursor = page.next_cursor;
  }
  return items;
}
