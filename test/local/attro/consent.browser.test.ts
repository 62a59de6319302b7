import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { startSandbox, type Sandbox } from '../../../local/attro/index.ts';
import { inBrowser, useBrowser } from '../../support/browser.ts';
import { APPEARANCES, expectUsable, openPage, press } from './pages.ts';
import { authorizeUrl, pkcePair, requestTokens } from './sign-in.ts';

const browser = useBrowser();
let sandbox: Sandbox;
let redirectUri: string;

/** What the app answers where a sign-in comes back. */
const app = createServer((_request, response) => {
  response.setHeader('Content-Type', 'text/html').end('<link rel="icon" href="data:,">Connected');
});

beforeAll(async () => {
  sandbox = await startSandbox();
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  redirectUri = `http://127.0.0.1:${(app.address() as AddressInfo).port}/callback`;
});

afterAll(async () => {
  await sandbox.close();
  app.close();
});

/** Opens the page that asks for agreement, or the one that says why not. */
async function openConsent(changes: Record<string, string> = {}, options = {}) {
  const opened = await openPage(browser(), options);
  const { verifier, challenge } = pkcePair();
  await opened.page.goto(
    authorizeUrl(sandbox, challenge, { redirect_uri: redirectUri, ...changes }),
  );
  return { ...opened, verifier };
}

function exchange(code: string, verifier: string) {
  return requestTokens(sandbox, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
}

describe('the consent page in a browser', () => {
  inBrowser('names the app, the organization and each permission in words', async () => {
    const { page, complaints } = await openConsent();
    const text = await page.locator('main').innerText();
    for (const part of ['Zapier', 'Jane Doe', 'Acme Corp', 'See your payouts', redirectUri]) {
      expect(text).toContain(part);
    }
    const scopes = await page.locator('.permissions code').allInnerTexts();
    expect(scopes).toEqual(sandbox.scope.split(' '));
    expect(text).not.toContain('another name');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  inBrowser('asks again each time, and only for what the app asks for', async () => {
    const { page } = await openConsent();
    await press(page, 'button[value=allow]');
    await page.goto(
      authorizeUrl(sandbox, pkcePair().challenge, {
        redirect_uri: redirectUri,
        scope: 'offers:read',
      }),
    );
    expect(await page.locator('.permissions code').allInnerTexts()).toEqual(['offers:read']);
    await page.context().close();
  });

  inBrowser('sends the app a good code when Allow is pressed by keyboard', async () => {
    const { page, verifier, complaints } = await openConsent();
    await press(page, 'button[value=allow]');
    const { searchParams } = new URL(page.url());
    expect(searchParams.get('state')).toBe('state-1');
    expect((await exchange(searchParams.get('code') ?? '', verifier)).status).toBe(200);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  inBrowser('tells the app when Deny is pressed by keyboard', async () => {
    const { page, complaints } = await openConsent();
    await press(page, 'button[value=deny]');
    const { searchParams } = new URL(page.url());
    expect(searchParams.get('error')).toBe('access_denied');
    expect(searchParams.get('state')).toBe('state-1');
    expect(searchParams.has('code')).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  inBrowser('shows hostile values as the text that they are', async () => {
    const { page } = await openConsent({ client_id: '"><img src=x onerror=alert(1)>' });
    expect(await page.locator('h1').innerText()).toBe('This app is not known here');
    const unregistered = '"><script>alert(1)</script>';
    const other = await openConsent({ redirect_uri: `http://127.0.0.1/${unregistered}` });
    expect(await other.page.locator('h1').innerText()).toContain('may not go back');
    for (const opened of [page, other.page]) {
      expect(await opened.locator('main script, main img').count()).toBe(0);
      await opened.context().close();
    }
  });

  inBrowser('says that it has ended when it is opened or sent a second time', async () => {
    const { page } = await openConsent();
    const address = page.url();
    const stale = await page.context().newPage();
    await stale.goto(address);
    await press(page, 'button[value=allow]');
    await press(stale, 'button[value=allow]');
    expect(await stale.locator('h1').innerText()).toBe('This sign-in has ended');
    await stale.goto(address);
    expect(await stale.locator('h1').innerText()).toBe('This sign-in has ended');
    await expectUsable(stale);
    await page.context().close();
  });

  inBrowser('cannot be answered by a form of another site', async () => {
    const { page } = await openConsent();
    const cookies = await page.context().cookies(page.url());
    const answer = await fetch(page.url(), {
      method: 'POST',
      headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
      body: new URLSearchParams({ decision: 'allow' }),
      redirect: 'manual',
    });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('This form cannot be used');
    await press(page, 'button[value=allow]');
    expect(new URL(page.url()).searchParams.has('code')).toBe(true);
    await page.context().close();
  });

  inBrowser('explains a code that was used already', async () => {
    const { page, verifier } = await openConsent();
    await press(page, 'button[value=allow]');
    const code = new URL(page.url()).searchParams.get('code') ?? '';
    expect((await exchange(code, verifier)).status).toBe(200);
    const fields = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      client_id: sandbox.clientId,
      client_secret: sandbox.clientSecret,
    };
    const answer = await fetch(`${sandbox.baseUrl}/oauth/token`, {
      method: 'POST',
      headers: { accept: 'text/html' },
      body: new URLSearchParams(fields),
    });
    expect(answer.status).toBe(400);
    await page.setContent(await answer.text());
    expect(await page.locator('h1').innerText()).toBe('The code was used already');
    await page.context().close();
  });

  for (const appearance of APPEARANCES) {
    const { colorScheme, viewport } = appearance;
    inBrowser(`can be used by everybody: ${colorScheme}, ${viewport.width} wide`, async () => {
      const { page } = await openConsent({}, appearance);
      await expectUsable(page);
      for (const changes of [{ client_id: 'unknown' }, { redirect_uri: 'https://evil.example/' }]) {
        await page.goto(authorizeUrl(sandbox, pkcePair().challenge, changes));
        await expectUsable(page);
      }
      await page.context().close();
    });
  }
});
