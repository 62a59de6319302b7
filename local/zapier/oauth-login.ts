import { createHash, randomBytes } from 'node:crypto';
import { browse } from './agreeing-browser.ts';
import type { OAuth2Config } from './definition.ts';

/** Where users are sent back to. Nothing listens there: whoever agrees in the user's place reads the address. */
export const REDIRECT_URI = 'http://127.0.0.1:4433/oauth/return';

/**
 * Signs in as a user who agrees, from the app's authorization page until the browser comes back to Zapier's
 * redirect URI. To the page's address Zapier adds the scope, where the app has not put one there (so does
 * the CLI's `invoke auth start`), and the challenge of PKCE (RFC 7636, section 4.3). The schema says that
 * redirect URI and state are added too; whether that is so where the app has put them there is unknown, so
 * here an app has to.
 *
 * @param pageFor asks the app for the address of its authorization page.
 * @returns what the app then gets a token with.
 * @throws when the sign-in ends anywhere else, with an error, or with another state.
 */
export async function signIn(
  { scope, enablePkce }: OAuth2Config,
  pageFor: (inputData: Record<string, string>) => Promise<unknown>,
): Promise<Record<string, string>> {
  const inputData = { redirect_uri: REDIRECT_URI, state: randomBytes(16).toString('base64url') };
  const page = new URL(String(await pageFor(inputData)));
  if (scope && !page.searchParams.has('scope')) page.searchParams.set('scope', scope);
  const verifier = enablePkce ? randomBytes(48).toString('base64url') : undefined;
  if (verifier) {
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    page.searchParams.set('code_challenge', challenge);
    page.searchParams.set('code_challenge_method', 'S256');
  }

  const end = await browse(page.href, ({ href }) => href.startsWith(REDIRECT_URI));
  if (!(end instanceof URL)) {
    const { pathname } = new URL(end.url);
    const text = await end.text();
    // What a page says first; the beginning of an answer that is none.
    const heading = /<h1>(.*?)<\/h1>/s.exec(text)?.[1] ?? text.slice(0, 200);
    throw new Error(`The sign-in stopped at ${pathname} (${end.status}): ${heading}`);
  }
  const given = (name: string): string => end.searchParams.get(name) ?? '';
  if (given('error')) {
    throw new Error(`Attro refused: ${given('error')} ${given('error_description')}`);
  }
  if (given('state') !== inputData.state) throw new Error('The state came back changed.');
  if (!given('code')) throw new Error('No code came back.');
  return { code: given('code'), ...inputData, ...(verifier && { code_verifier: verifier }) };
}
