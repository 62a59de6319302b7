import { createHash, randomBytes } from 'node:crypto';
import { CookieJar } from 'tough-cookie';
import { agreement } from './consent-form.ts';

/** How many redirects and pages a sign-in may take. */
const MAX_REDIRECTS = 15;

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
 * Does what a user's browser does: opens the authorization page and follows it, cookies and all, agrees
 * where that is asked, until it comes back to Zapier's redirect URI.
 *
 * @returns the authorization code.
 * @throws when the sign-in ends anywhere else, with an error, or with another state.
 */
export async function signIn(authorizeUrl: string, attempt: LoginAttempt): Promise<string> {
  const jar = new CookieJar();
  let url = authorizeUrl;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < MAX_REDIRECTS; step += 1) {
    if (url.startsWith(attempt.redirectUri)) return codeOf(new URL(url), attempt);
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: await jar.getCookieString(url), accept: 'text/html' },
      ...(form && { method: 'POST', body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url);
    const location = response.headers.get('location');
    if (!location) {
      const page = await response.text();
      form = agreement(page);
      if (form) continue;
      throw new Error(
        `The sign-in stopped at ${new URL(url).pathname} (${response.status}): ${headingOf(page)}`,
      );
    }
    form = undefined;
    url = new URL(location, url).href;
  }
  throw new Error(`The sign-in took more than ${MAX_REDIRECTS} redirects.`);
}

/** What a page says first; the beginning of an answer that is none. */
function headingOf(page: string): string {
  return /<h1>(.*?)<\/h1>/s.exec(page)?.[1] ?? page.slice(0, 200);
}

function codeOf({ searchParams }: URL, { state }: LoginAttempt): string {
  const error = searchParams.get('error');
  if (error) {
    throw new Error(`Attro refused: ${error} ${searchParams.get('error_description') ?? ''}`);
  }
  if (searchParams.get('state') !== state) throw new Error('The state came back changed.');
  const code = searchParams.get('code');
  if (!code) throw new Error('No code came back.');
  return code;
}
