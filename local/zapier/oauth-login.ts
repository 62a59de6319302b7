import { createHash, randomBytes } from 'node:crypto';
import { browse } from './agreeing-browser.ts';

/** What Zapier knows when it sends a user to the authorization page. */
export interface LoginAttempt {
  state: string;
  redirectUri: string;
  /** Only with PKCE (RFC 7636). */
  codeVerifier?: string;
}

export function newLoginAttempt(redirectUri: string, usesPkce: boolean): LoginAttempt {
  return {
    state: randomBytes(16).toString('base64url'),
    redirectUri,
    ...(usesPkce && { codeVerifier: randomBytes(48).toString('base64url') }),
  };
}

/**
 * The app's authorization page with what Zapier adds to its address: the scope, where the app has not put
 * one there (so does the CLI's `invoke auth start`), and the challenge of PKCE (RFC 7636, section 4.3).
 * The schema says that redirect URI and state are added too; whether that is so where the app has put
 * them there is unknown, so here an app has to.
 */
export function authorizationPage(
  authorizeUrl: string,
  { codeVerifier }: LoginAttempt,
  scope?: string,
): string {
  const url = new URL(authorizeUrl);
  if (scope && !url.searchParams.has('scope')) url.searchParams.set('scope', scope);
  if (codeVerifier) {
    const challenge = createHash('sha256').update(codeVerifier).digest('base64url');
    url.searchParams.set('code_challenge', challenge);
    url.searchParams.set('code_challenge_method', 'S256');
  }
  return url.href;
}

/**
 * Signs in as a user who agrees, until the browser comes back to Zapier's redirect URI.
 *
 * @returns the authorization code.
 * @throws when the sign-in ends anywhere else, with an error, or with another state.
 */
export async function signIn(
  authorizeUrl: string,
  { redirectUri, state }: LoginAttempt,
): Promise<string> {
  const end = await browse(authorizeUrl, ({ href }) => href.startsWith(redirectUri));
  if (!(end instanceof URL)) {
    const { pathname } = new URL(end.url);
    throw new Error(
      `The sign-in stopped at ${pathname} (${end.status}): ${headingOf(await end.text())}`,
    );
  }
  const given = (name: string): string => end.searchParams.get(name) ?? '';
  if (given('error')) {
    throw new Error(`Attro refused: ${given('error')} ${given('error_description')}`);
  }
  if (given('state') !== state) throw new Error('The state came back changed.');
  if (!given('code')) throw new Error('No code came back.');
  return given('code');
}

/** What a page says first; the beginning of an answer that is none. */
function headingOf(page: string): string {
  return /<h1>(.*?)<\/h1>/s.exec(page)?.[1] ?? page.slice(0, 200);
}
