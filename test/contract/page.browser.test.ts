import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { readContract } from '../support/contract.ts';
import { inBrowser, useBrowser } from '../support/browser.ts';

const ADDRESS = pathToFileURL(path.resolve('docs/api.html')).href;
/** What the page's script adds: until it runs, its links lead to nowhere. */
const RUNNING = 'img[alt="redocly logo"]';

const { paths, webhooks, tags } = readContract();

const browser = useBrowser();

interface Opened {
  page: Page;
  /** What the page asks for, but for what it made itself. */
  requests: string[];
  complaints: string[];
}

/** Opens the page at a place, in a browser that has no network. */
async function open(place = '', width = 1400): Promise<Opened> {
  const context = await browser().newContext({ viewport: { width, height: 1000 } });
  await context.setOffline(true);
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith('blob:null/')) requests.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() !== 'info') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${ADDRESS}${place}`);
  await page.locator(RUNNING).waitFor({ state: 'attached' });
  return { page, requests, complaints };
}

/** The part of the address that names a section. */
function placeOf(tag: string): string {
  return `#/${tag.toLowerCase().replace(' ', '-')}`;
}

describe('docs/api.html in a browser without a network', () => {
  inBrowser(
    'asks nobody for anything and has nothing to complain of, wherever one goes',
    async () => {
      const { page, requests, complaints } = await open();
      expect(await page.title()).toBe('Attro API');
      for (const { name } of tags) {
        await page.locator('.menu-content').getByText(name, { exact: true }).last().click();
        await page.locator('h2', { hasText: name }).last().waitFor();
        expect(page.url()).toBe(`${ADDRESS}${placeOf(name)}`);
      }
      await page.keyboard.press('Control+k');
      // What is typed before the search is open goes nowhere.
      await page.locator('input:focus').waitFor();
      await page.keyboard.type('idempotency');
      await page.getByText('Record a conversion').last().waitFor();
      expect(complaints).toEqual([]);
      expect(requests).toEqual([ADDRESS]);
      await page.context().close();
    },
  );

  inBrowser('shows every operation with its badge and a request that can be copied', async () => {
    const { page } = await open();
    const operations = Object.values(paths).flatMap((item) =>
      ['get', 'post', 'patch', 'delete'].flatMap((method) => item[method] ?? []),
    );
    expect(operations.length).toBeGreaterThan(20);
    for (const { summary, operationId, tags: [tag = ''] = [], ...operation } of operations) {
      const place = `${placeOf(tag)}/${operationId.toLowerCase()}`;
      await page.goto(`${ADDRESS}${place}`);
      await page.locator(RUNNING).waitFor();
      await page.locator('h2', { hasText: summary }).waitFor();
      const text = await page.locator('#redoc').innerText();
      expect([place, text]).toEqual([place, expect.stringContaining('curl')]);
      expect(text).toContain(operation['x-attro-published'] ? 'Published' : 'Assumed');
    }
    await page.context().close();
  });

  inBrowser('shows every delivery, and how to receive one', async () => {
    const { page } = await open('#/deliveries');
    await page.locator('h3', { hasText: 'Receive with Node.js' }).waitFor();
    for (const event of Object.keys(webhooks)) {
      expect(await page.getByText(event, { exact: true }).count()).toBeGreaterThan(0);
    }
    await page.context().close();
  });

  inBrowser('fits a small window', async () => {
    const { page } = await open('#/affiliates/createaffiliate', 400);
    const [content, visible] = await page.evaluate<[number, number]>(
      '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
    );
    expect(content).toBe(visible);
    await page.context().close();
  });
});
