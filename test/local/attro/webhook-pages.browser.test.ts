import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import type { Page, Response } from 'playwright-core';

import { startSandbox } from '../../../local/attro/index.ts';
import type { Sandbox } from '../../../local/attro/index.ts';
import { inBrowser, useBrowser } from '../../support/browser.ts';
import { sign } from '../../support/deliveries.ts';
import { APPEARANCES, expectUsable, openPage, press, tabTo } from './pages.ts';
import { callApi } from './sign-in.ts';

const SECRET = 'whsec_of_the_tests';

const HOSTILE = `"'></pre></textarea><script>alert(1)</script><img/src=x onerror=alert(1)>\u202E\u200B${'x'.repeat(10_000)}`;

const browser = useBrowser();
let sandbox: Sandbox;
let received: { headers: IncomingHttpHeaders; body: string }[];
/** The statuses that the receiver answers with, in turn; 200 after them. */
let answers: number[];
let receiverUrl: string;

const receiver = createServer((request, response) => {
  void text(request).then((body) => {
    received.push({ headers: request.headers, body });
    response.writeHead(answers.shift() ?? 200).end('{"received":true}');
  });
});

beforeAll(async () => {
  [sandbox] = await Promise.all([
    startSandbox({ speed: 3000 }),
    once(receiver.listen(0, '127.0.0.1'), 'listening'),
  ]);
  receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});

beforeEach(async () => {
  received = [];
  answers = [];
  await Promise.all(sandbox.subscriptions().map(({ id }) => call('DELETE', `/webhooks/${id}`)));
});

afterAll(async () => {
  await sandbox.close();
  receiver.closeAllConnections();
  receiver.close();
});

async function call(method: string, path: string, json?: object): Promise<unknown> {
  return (await callApi(sandbox, path, { token: sandbox.apiKey, method, json })).body;
}

/** Adds an endpoint through the API; gives its id. */
async function subscribe(events: string[], url = receiverUrl): Promise<string> {
  return ((await call('POST', '/webhooks', { url, events, secret: SECRET })) as { id: string }).id;
}

async function open(path: string, options = {}) {
  const opened = await openPage(browser(), options);
  await opened.page.goto(`${sandbox.baseUrl}${path}`);
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

describe('webhooks by keyboard', () => {
  inBrowser('begin with what to do, and an endpoint is added once its form is right', async () => {
    const { page, complaints } = await open('/');
    expect(await page.locator('main').innerText()).toContain('No endpoints yet');
    await press(page, 'a[href="/webhooks/new"]');
    const suggested = await page.locator('#secret').inputValue();
    expect(suggested).toMatch(/^whsec_\w{48}$/);
    await type(page, '#url', 'example.com');
    await press(page, 'form button');

    // What is wrong has the focus, and leads to the fields.
    expect(await page.locator(':focus').innerText()).toContain('URL');
    expect(await page.locator('#url').getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('#secret').inputValue()).toBe(suggested);
    await tabTo(page, 'a[href="#url"]');
    await page.keyboard.press('Enter');
    expect(await page.locator(':focus').getAttribute('id')).toBe('url');
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(receiverUrl);
    await tabTo(page, '[value="payout.failed"]');
    await page.keyboard.press('Space');
    await press(page, 'form button');
    expect(await heading(page)).toBe(receiverUrl);
    expect(sandbox.subscriptions()).toMatchObject([
      { url: receiverUrl, events: ['payout.failed'], status: 'active' },
    ]);
    await sandbox.emit('payout.failed');
    const [{ body, headers } = { body: '', headers: {} }] = received;
    expect(headers['x-attro-signature']).toBe(await sign(body, suggested));
    // The browser itself tells of each answer that is no success.
    expect(complaints.filter((text) => !text.includes('422'))).toEqual([]);
    await page.context().close();
  });

  inBrowser('are changed, paused, enabled and removed', async () => {
    const id = await subscribe(['payout.failed']);
    const { page, complaints } = await open('/');
    await press(page, `a[href="/webhooks/${id}/edit"]`);
    await type(page, '#url', `${receiverUrl}/changed`);
    await tabTo(page, '[value="fraud.detected"]');
    await page.keyboard.press('Space');
    await press(page, 'form button');
    expect(await heading(page)).toBe(`${receiverUrl}/changed`);
    expect(sandbox.subscriptions()).toMatchObject([
      { url: `${receiverUrl}/changed`, events: ['payout.failed', 'fraud.detected'] },
    ]);

    await press(page, `#disabled-${id}`);
    expect(await page.locator('main').innerText()).toContain('Disabled');
    expect(sandbox.subscriptions()).toMatchObject([{ status: 'disabled' }]);
    await press(page, `#active-${id}`);
    expect(sandbox.subscriptions()).toMatchObject([{ status: 'active' }]);

    await press(page, `a[href="/webhooks/${id}/remove"]`);
    await press(page, `a[href="/webhooks/${id}"]`);
    expect(sandbox.subscriptions()).toHaveLength(1);
    await press(page, `a[href="/webhooks/${id}/remove"]`);
    await press(page, 'button.danger');
    expect(await page.locator('main').innerText()).toContain('The endpoint was removed');
    expect(sandbox.subscriptions()).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  inBrowser('are changed without scripts, too', async () => {
    const id = await subscribe(['payout.failed']);
    const { page } = await open('/', { javaScriptEnabled: false });
    await page.locator(`#disabled-${id}`).press('Enter');
    await page.locator(`#active-${id}`).waitFor();
    await page.locator(`a[href="/webhooks/${id}/remove"]`).press('Enter');
    await page.locator('button.danger').press('Enter');
    await shows(page, 'The endpoint was removed');
    expect(sandbox.subscriptions()).toEqual([]);
    await page.context().close();
  });

  inBrowser('receive an event with data of one’s own, whose attempts appear', async () => {
    const id = await subscribe(['payout.failed']);
    answers = [500, 503, 200];
    const { page, complaints } = await open('/');
    await press(page, 'nav a[href="/send"]');
    await press(page, 'a[href^="/send?event=payout.failed"]');
    expect(await page.locator('#data').inputValue()).toContain('"pay_');
    await type(page, '#data', '{"id": "pay_own", "amount": 1.50}');
    await press(page, 'form button');
    await page.evaluate('window.isTheSame = true');
    await shows(page, 'Succeeded');
    expect(await page.locator('h3:has-text("Attempt") + .badge').allInnerTexts()).toEqual([
      '500',
      '503',
      '200',
    ]);
    expect(await page.evaluate('window.isTheSame')).toBe(true);
    const main = await page.locator('main').innerText();
    for (const { headers, body } of received) {
      expect(main).toContain(`X-Attro-Signature: ${String(headers['x-attro-signature'])}`);
      expect(body).toContain('{"id": "pay_own", "amount": 1.50}');
    }
    expect(received).toHaveLength(3);

    await press(page, '#resend');
    await shows(page, 'Attempt 4');
    expect(received[3]).toMatchObject({ body: received[0]?.body });
    await press(page, `a[href="/webhooks/${id}"]`);
    const rows = await page.locator('table').first().locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.slice(0, 3))).toEqual(['200', '200', '503', '500']);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  inBrowser('receive copies and forgeries', async () => {
    const id = await subscribe(['payout.failed']);
    const { page, complaints } = await open(`/send?to=${id}`);
    await type(page, '#copies', '3');
    await tabTo(page, '#forge');
    await page.keyboard.press('ArrowDown');
    await press(page, 'form button');
    expect(await heading(page)).toBe(receiverUrl);
    await page.locator('.facts div', { hasText: 'Succeeded\n3' }).waitFor();
    const [first] = received;
    expect(received.map(({ body }) => body)).toEqual(Array(3).fill(first?.body));
    expect(first?.headers['x-attro-signature']).not.toBe(await sign(first?.body ?? '', SECRET));
    expect(JSON.parse(first?.body ?? '')).toMatchObject({ event: 'affiliate.created' });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  inBrowser('keep what was typed when an event cannot be sent', async () => {
    const id = await subscribe(['payout.failed']);
    const { page } = await open(`/send?event=fraud.detected&to=${id}`);
    await type(page, '#data', '{"id": ');
    await press(page, 'form button');
    expect(await page.locator('#data').inputValue()).toBe('{"id": ');
    expect(await page.locator('#to').inputValue()).toBe(id);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.locator(':focus').getAttribute('id')).toBe('data');
    await type(page, '#data', '{"id": "conv_1"}');
    await press(page, 'form button');
    expect(await heading(page)).toBe('fraud.detected');
    await page.context().close();
  });
});

describe('live pages', () => {
  inBrowser('show what comes, and leave the focus where it is', async () => {
    const id = await subscribe(['payout.failed']);
    const { page, complaints } = await openPage(browser());
    const isRefresh = (response: Response): boolean =>
      response.request().resourceType() === 'fetch';
    await Promise.all([page.waitForResponse(isRefresh), page.goto(sandbox.baseUrl)]);
    await tabTo(page, `a[href="/webhooks/${id}/edit"]`);
    await page.evaluate('window.before = document.activeElement');
    await subscribe(['payout.failed'], `${receiverUrl}/added`);
    await shows(page, '/added');
    await sandbox.emit('payout.failed');
    for (const card of await page.locator('.card').all()) {
      await card.locator('.facts div', { hasText: 'Last response\n200' }).waitFor();
    }
    expect(await page.evaluate('document.activeElement === window.before')).toBe(false);
    expect(await page.locator(':focus').getAttribute('href')).toBe(`/webhooks/${id}/edit`);
    expect(await page.locator('[role=status]').innerText()).toMatch(/^Updated at \d/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  inBrowser('say that what they show is gone once an endpoint answers 410', async () => {
    const id = await subscribe(['payout.failed']);
    const { page } = await open(`/webhooks/${id}`);
    answers = [410];
    await sandbox.emit('payout.failed');
    await page.locator('h1', { hasText: 'There is nothing here' }).waitFor();
    await page.context().close();
  });

  inBrowser('say that the sandbox does not answer, and go on when it does', async () => {
    const first = await startSandbox();
    const port = Number(new URL(first.baseUrl).port);
    const { page } = await openPage(browser());
    await page.goto(first.baseUrl);
    await page.locator('#live-status', { hasText: 'appear by themselves' }).waitFor();
    await first.close(true);
    await page.locator('#live-status', { hasText: 'does not answer' }).waitFor();
    const second = await startSandbox({ port });
    await callApi(second, '/webhooks', {
      ...{ token: second.apiKey, method: 'POST' },
      json: { url: receiverUrl, events: ['payout.failed'], secret: SECRET },
    });
    await shows(page, receiverUrl);
    await page.context().close();
    await second.close();
  });
});

describe('hostile values', () => {
  inBrowser('do nothing but stand there', async () => {
    const id = await subscribe(['payout.failed'], `${receiverUrl}/${HOSTILE.replace(' ', '/')}`);
    const [sent] = await sandbox.emit('payout.failed', { data: { id: HOSTILE, [HOSTILE]: 1 } });
    const { page, complaints } = await openPage(browser(), {
      viewport: { width: 360, height: 740 },
    });
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const own = `/webhooks/${id}`;
    for (const path of [
      '/',
      own,
      `${own}/edit`,
      `${own}/deliveries/${sent?.id}`,
      `/send?to=${id}`,
    ]) {
      await page.goto(`${sandbox.baseUrl}${path}`);
      expect(await page.locator('main :is(script, img)').count()).toBe(0);
      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(
        true,
      );
    }
    expect([dialogs, complaints]).toEqual([[], []]);
    await page.context().close();
  });
});

describe('the pages', () => {
  // Colours do not depend on the width, nor the layout on colours: two of the four show all.
  for (const appearance of [APPEARANCES[0], APPEARANCES[3]]) {
    const { colorScheme, viewport } = appearance;
    inBrowser(`can be used by everybody: ${colorScheme}, ${viewport.width} wide`, async () => {
      answers = [200, 500, 500, 500, 500];
      const id = await subscribe(['payout.failed', 'payout.completed']);
      await sandbox.emit('payout.completed');
      const [sent] = await sandbox.emit('payout.failed');
      const { page } = await openPage(browser(), appearance);
      const own = `/webhooks/${id}`;
      for (const path of ['/', `${own}?done=changed`, `${own}/deliveries/${sent?.id}`]) {
        await page.goto(`${sandbox.baseUrl}${path}`);
        await page.locator('#live-status:not(:empty)').waitFor();
        await expectUsable(page);
      }
      for (const path of [`${own}/remove`, '/send?event=x', '/nothing']) {
        await page.goto(`${sandbox.baseUrl}${path}`);
        await expectUsable(page);
      }
      await page.goto(`${sandbox.baseUrl}/webhooks/new`);
      await page.locator('form button').press('Enter');
      await page.locator('[role=alert]').waitFor();
      await expectUsable(page);
      await page.context().close();
    });
  }
});
