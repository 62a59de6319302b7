import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { startSandbox, type Sandbox } from '../../local/attro/index.ts';
import { APPEARANCES, expectUsable, openPage, press, tabTo } from '../local/attro/pages.ts';
import { startReceiver, type Received, type Receiver } from '../local/attro/receiver.ts';
import { authorizeUrl, ownerOf, pkcePair, requestTokens } from '../local/attro/sign-in.ts';
import { inBrowser, useBrowser } from '../support/browser.ts';
import { sign } from '../support/deliveries.ts';

/** The local Attro's pages in a browser, by keyboard alone. */

const HOSTILE = `"'></pre></textarea><script>alert(1)</script><img/src=x onerror=alert(1)>\u202E\u200B${'x'.repeat(10_000)}`;

const browser = useBrowser();
let sandbox: Sandbox;
let receiver: Receiver;

beforeAll(async () => {
  [sandbox, receiver] = await Promise.all([startSandbox({ speed: 3000 }), startReceiver()]);
});

beforeEach(async () => {
  await sandbox.settled();
  for (const { id } of sandbox.subscriptions()) await ownerOf(sandbox)('DELETE', `/webhooks/${id}`);
  Object.assign(receiver, { received: [], reactions: [], otherwise: 200 });
});

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

/** Adds an endpoint through the API; gives its id. */
async function subscribe(events: string[], url = receiver.url): Promise<string> {
  const json = { url, events, secret: 'whsec_of_the_tests' };
  return ((await ownerOf(sandbox)('POST', '/webhooks', json)).body as { id: string }).id;
}

async function open(address: string, options = {}) {
  const opened = await openPage(browser(), options);
  await opened.page.goto(new URL(address, sandbox.baseUrl).href);
  return opened;
}

/** Replaces what stands in a field. */
async function type(page: Page, selector: string, value: string): Promise<void> {
  await tabTo(page, selector);
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(value);
}

const heading = (page: Page): Promise<string> => page.locator('h1').innerText();

/** Waits until a page that is not reloaded shows something. */
const shows = (page: Page, part: string): Promise<void> =>
  page.locator('main', { hasText: part }).waitFor();

describe('webhooks', () => {
  inBrowser('begin with what to do, and an endpoint is added once its form is right', async () => {
    const { page, complaints } = await open('/');
    await shows(page, 'No endpoints yet');
    await press(page, 'a[href="/webhooks/new"]');
    const suggested = await page.locator('#secret').inputValue();
    await type(page, '#url', 'example.com');
    await press(page, 'form button');

    // What is wrong has the focus, and leads to the fields.
    expect(await page.locator(':focus').innerText()).toContain('url');
    expect(await page.locator('#secret').inputValue()).toBe(suggested);
    await tabTo(page, 'a[href="#url"]');
    await page.keyboard.press('Enter');
    expect(await page.locator(':focus').getAttribute('id')).toBe('url');
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(receiver.url);
    await tabTo(page, '[value="payout.failed"]');
    await page.keyboard.press('Space');
    await press(page, 'form button');
    expect(await heading(page)).toBe(receiver.url);
    await sandbox.emit('payout.failed');
    const [{ body, headers }] = receiver.received as [Received];
    expect(headers['x-attro-signature']).toBe(await sign(body, suggested));
    // The browser itself tells of each answer that is no success.
    expect(complaints.filter((text) => !text.includes('422'))).toEqual([]);
    await page.context().close();
  });

  inBrowser('are changed, paused, enabled and removed', async () => {
    const id = await subscribe(['payout.failed']);
    const { page, complaints } = await open('/');
    await press(page, `a[href="/webhooks/${id}/edit"]`);
    await type(page, '#url', `${receiver.url}/changed`);
    await press(page, 'form button');
    expect(await heading(page)).toBe(`${receiver.url}/changed`);
    await press(page, `#disabled-${id}`);
    expect(sandbox.subscriptions()).toMatchObject([{ status: 'disabled' }]);
    await press(page, `#active-${id}`);
    expect(sandbox.subscriptions()).toMatchObject([{ status: 'active' }]);
    await press(page, `a[href="/webhooks/${id}/remove"]`);
    await press(page, 'button.danger');
    await shows(page, 'The endpoint was removed');
    expect(sandbox.subscriptions()).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  inBrowser('receive an event with data of one’s own, whose attempts appear', async () => {
    const id = await subscribe(['payout.failed']);
    receiver.reactions = [500, 503, 200];
    const { page, complaints } = await open('/');
    await press(page, 'nav a[href="/send"]');
    await press(page, 'a[href^="/send?event=payout.failed"]');
    await type(page, '#data', '{"id": "pay_own", "amount": 1.50}');
    await press(page, 'form button');
    await page.evaluate('window.isTheSame = true');
    await shows(page, 'Succeeded');
    const outcomes = page.locator('h3:has-text("Attempt") + .badge');
    expect(await outcomes.allInnerTexts()).toEqual(['500', '503', '200']);
    expect(await page.evaluate('window.isTheSame')).toBe(true);
    const main = await page.locator('main').innerText();
    for (const { headers, body } of receiver.received) {
      expect(main).toContain(`X-Attro-Signature: ${String(headers['x-attro-signature'])}`);
      expect(body).toContain('{"id": "pay_own", "amount": 1.50}');
    }
    await press(page, '#resend');
    await shows(page, 'Attempt 4');
    await press(page, `a[href="/webhooks/${id}"]`);
    await shows(page, '4 attempts');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  inBrowser('show what comes, and leave the focus where it is', async () => {
    const id = await subscribe(['payout.failed']);
    const { page, complaints } = await open('/');
    await tabTo(page, `a[href="/webhooks/${id}/edit"]`);
    await page.evaluate('window.before = document.activeElement');
    await subscribe(['payout.failed'], `${receiver.url}/added`);
    await shows(page, '/added');
    expect(await page.evaluate('document.activeElement === window.before')).toBe(false);
    expect(await page.locator(':focus').getAttribute('href')).toBe(`/webhooks/${id}/edit`);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  inBrowser('say that what they show is gone once an endpoint answers 410', async () => {
    const { page } = await open(`/webhooks/${await subscribe(['payout.failed'])}`);
    receiver.reactions = [410];
    await sandbox.emit('payout.failed');
    await page.locator('h1', { hasText: 'Not found' }).waitFor();
    await page.context().close();
  });

  inBrowser('say that the sandbox does not answer, and go on when it does', async () => {
    const first = await startSandbox();
    const { page } = await open(first.baseUrl);
    await page.locator('#live-status', { hasText: 'appear by themselves' }).waitFor();
    await first.close(true);
    await page.locator('#live-status', { hasText: 'does not answer' }).waitFor();
    const second = await startSandbox({ port: Number(new URL(first.baseUrl).port) });
    await page.locator('#live-status', { hasText: 'appear by themselves' }).waitFor();
    await page.context().close();
    await second.close();
  });

  inBrowser('show hostile values as the text that they are', async () => {
    const id = await subscribe(['payout.failed'], `${receiver.url}/${HOSTILE.replace(' ', '/')}`);
    const [sent] = await sandbox.emit('payout.failed', { data: { id: HOSTILE, [HOSTILE]: 1 } });
    const own = `/webhooks/${id}`;
    const { page, complaints } = await open('/', { viewport: { width: 360, height: 740 } });
    page.on('dialog', (dialog) => {
      complaints.push(dialog.message());
      void dialog.dismiss();
    });
    for (const path of ['/', own, `${own}/edit`, `${own}/deliveries/${sent?.id}`]) {
      await page.goto(`${sandbox.baseUrl}${path}`);
      expect(await page.locator('main :is(script, img)').count()).toBe(0);
      const fits = 'document.documentElement.scrollWidth <= window.innerWidth';
      expect(await page.evaluate(fits)).toBe(true);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  // Colours do not depend on the width, nor the layout on colours: two of the four show all.
  for (const appearance of [APPEARANCES[0], APPEARANCES[3]]) {
    const { colorScheme, viewport } = appearance;
    inBrowser(`can be used by everybody: ${colorScheme}, ${viewport.width} wide`, async () => {
      receiver.reactions = [200, 500, 500, 500, 500];
      const id = await subscribe(['payout.failed', 'payout.completed']);
      await sandbox.emit('payout.completed');
      const [sent] = await sandbox.emit('payout.failed');
      const own = `/webhooks/${id}`;
      const { page } = await open('/', appearance);
      for (const path of ['/', `${own}?done=changed`, `${own}/deliveries/${sent?.id}`]) {
        await page.goto(`${sandbox.baseUrl}${path}`);
        await page.locator('#live-status:not(:empty)').waitFor();
        await expectUsable(page);
      }
      for (const path of ['/send', '/webhooks/new']) {
        await page.goto(`${sandbox.baseUrl}${path}`);
        await expectUsable(page);
      }
      await page.locator('form button').press('Enter');
      await page.locator('[role=alert]').waitFor();
      await expectUsable(page);
      await page.context().close();
    });
  }
});

describe('the consent page', () => {
  /** Opens the page that asks for agreement, or the one that says why not. */
  async function openConsent(changes: Record<string, string> = {}, options = {}) {
    const { verifier, challenge } = pkcePair();
    // What comes back is answered by the receiver.
    const asked = { redirect_uri: `${new URL(receiver.url).origin}/callback`, ...changes };
    const opened = await open(authorizeUrl(sandbox, challenge, asked), options);
    return { ...opened, verifier, redirect_uri: asked.redirect_uri };
  }

  inBrowser(
    'names the app, the organization and each permission, and Allow gives a code',
    async () => {
      const { page, verifier, redirect_uri } = await openConsent();
      const text = await page.locator('main').innerText();
      for (const part of ['Zapier', 'Jane Doe', 'Acme Corp', 'See your payouts', redirect_uri]) {
        expect(text).toContain(part);
      }
      const scopes = await page.locator('main li code').allInnerTexts();
      expect(scopes).toEqual(sandbox.scope.split(' '));
      await press(page, 'button[value=allow]');
      const { searchParams } = new URL(page.url());
      expect(searchParams.get('state')).toBe('state-1');
      const { status } = await requestTokens(sandbox, {
        ...{ grant_type: 'authorization_code', redirect_uri, code_verifier: verifier },
        code: searchParams.get('code') ?? '',
      });
      expect(status).toBe(200);
      await page.context().close();
    },
  );

  inBrowser('tells the app when Deny is pressed', async () => {
    const { page } = await openConsent();
    await press(page, 'button[value=deny]');
    const { searchParams } = new URL(page.url());
    expect(searchParams.get('error')).toBe('access_denied');
    expect(searchParams.has('code')).toBe(false);
    await page.context().close();
  });

  inBrowser('says that it has ended when it is sent a second time', async () => {
    const { page } = await openConsent();
    const stale = await page.context().newPage();
    await stale.goto(page.url());
    await press(page, 'button[value=allow]');
    await press(stale, 'button[value=allow]');
    expect(await heading(stale)).toBe('The sign-in cannot go on');
    await page.context().close();
  });

  for (const appearance of [APPEARANCES[1], APPEARANCES[2]]) {
    const { colorScheme, viewport } = appearance;
    inBrowser(`can be used by everybody: ${colorScheme}, ${viewport.width} wide`, async () => {
      for (const changes of [{}, { client_id: HOSTILE.slice(0, 90) }]) {
        const { page } = await openConsent(changes, appearance);
        expect(await page.locator('main :is(script, img)').count()).toBe(0);
        await expectUsable(page);
        await page.context().close();
      }
    });
  }
});
