import { CookieJar } from 'tough-cookie';

/** How many redirects and pages a sign-in may take. */
const MAX_REQUESTS = 15;

/**
 * Does what the browser of a user does who agrees: opens an address and follows redirects, cookies and all,
 * and presses Allow on a consent page of the local Attro, up to an address at which it ends.
 *
 * @returns that address, or the page that leads no further.
 */
export async function browse(
  address: string,
  isEnd: (url: URL) => boolean,
): Promise<URL | Response> {
  const jar = new CookieJar();
  let url = new URL(address);
  let form: URLSearchParams | undefined;
  for (let requests = 0; requests < MAX_REQUESTS; requests += 1) {
    if (isEnd(url)) return url;
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: await jar.getCookieString(url.href), accept: 'text/html' },
      ...(form && { method: 'POST', body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url.href);
    const location = response.headers.get('location');
    form = location === null ? agreement(await response.clone().text()) : undefined;
    if (location !== null) url = new URL(location, url);
    else if (!form) return response;
  }
  throw new Error(`The sign-in took more than ${MAX_REQUESTS} redirects.`);
}

const FORM = /<form method="post"[^>]*>(.*?)<\/form>/s;
const HIDDEN = /<input type="hidden" name="([^"]*)" value="([^"]*)"/g;

/** What is sent by who presses Allow on a page; undefined where it asks for no agreement. */
function agreement(page: string): URLSearchParams | undefined {
  const form = FORM.exec(page)?.[1];
  if (!form?.includes('value="allow"')) return undefined;
  const fields = new URLSearchParams({ decision: 'allow' });
  for (const [, name = '', value = ''] of form.matchAll(HIDDEN)) fields.set(name, value);
  return fields;
}
