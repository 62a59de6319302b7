import { describe, expect } from '@jest/globals';
import { EMBED_PAGE, INTEGRATION_PAGE, KNOWN_ATTRIBUTES } from '../templates/embed.ts';
import { inBrowser, useBrowser } from '../support/browser.ts';

const browser = useBrowser();

describe('the embed in a browser', () => {
  inBrowser('still leads to Zapier when nothing can be loaded', async () => {
    const page = await browser().newPage();
    const asked: string[] = [];
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.route(/^https?:/, (route) => {
      asked.push(new URL(route.request().url()).host);
      return route.abort();
    });
    await page.goto(EMBED_PAGE.href);

    const link = page.getByRole('link', { name: 'Connect to Zapier', exact: true });
    expect(await link.isVisible()).toBe(true);
    expect(await link.getAttribute('href')).toBe(INTEGRATION_PAGE);
    expect(await link.getAttribute('rel')).toContain('noopener');
    expect(new Set(asked)).toEqual(new Set(['cdn.zapier.com']));
    expect(errors).toEqual([]);
    await page.close();
  });

  inBrowser('lets in what it loads from Zapier, and hands it its attributes', async () => {
    const page = await browser().newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.route(/^https:\/\/cdn\.zapier\.com\//, (route) =>
      route.fulfill(
        route.request().url().endsWith('.css')
          ? { contentType: 'text/css', body: 'zapier-workflow { display: block }' }
          : { contentType: 'text/javascript', headers: CORS, body: STAND_IN },
      ),
    );
    await page.goto(EMBED_PAGE.href);

    const given = JSON.parse(await page.locator('zapier-workflow').innerText()) as string[];
    expect(given).toContain('client-id');
    for (const name of given) expect(KNOWN_ATTRIBUTES).toContain(name);
    const display = await page.evaluate<string>(
      `getComputedStyle(document.querySelector('zapier-workflow')).display`,
    );
    expect(display).toBe('block');
    expect(complaints).toEqual([]);
    expect(await page.getByRole('link', { name: 'Connect to Zapier' }).isVisible()).toBe(true);
    await page.close();
  });
});

/** A script of the type `module` is fetched like this from another host. */
const CORS = { 'access-control-allow-origin': '*' };

/** Stands in for Zapier's element: it shows the names of the attributes that it was given. */
const STAND_IN = `customElements.define('zapier-workflow', class extends HTMLElement {
  connectedCallback() {
    this.textContent = JSON.stringify(this.getAttributeNames());
  }
});`;
