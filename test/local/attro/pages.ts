import { AxeBuilder } from '@axe-core/playwright';
import { expect } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A page, and what it complained of and asked other hosts for since it was opened. */
export interface OpenPage {
  page: Page;
  complaints: string[];
}

/** Opens a tab that notes complaints: of its scripts, of the security policy, of what did not load. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const { hostname } = new URL(request.url());
    if (hostname !== '127.0.0.1') complaints.push(`asked ${hostname}`);
  });
  return { page, complaints };
}

/** Moves the focus with the Tab key until it is on what a selector means. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  const isThere = `document.activeElement.matches(${JSON.stringify(selector)})`;
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate<boolean>(isThere)) return;
  }
  throw new Error(`The Tab key does not reach ${selector}.`);
}

/** Moves to a button or link with the Tab key, presses Enter and waits for the next page. */
export async function press(page: Page, selector: string): Promise<void> {
  await tabTo(page, selector);
  await Promise.all([page.waitForEvent('framenavigated'), page.keyboard.press('Enter')]);
  await page.waitForLoadState();
}

/** Expects that axe finds nothing and that nothing is wider than the window. */
export async function expectUsable(page: Page): Promise<void> {
  const { passes, violations, incomplete } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations', 'incomplete'] })
    .analyze();
  expect(passes.map(({ id }) => id)).toContain('color-contrast');
  expect(
    [...violations, ...incomplete].map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
  ).toEqual([]);
  const [content, visible] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  expect(content).toBe(visible);
}

/** The pages in every form that a reader may ask for. */
export const APPEARANCES = [
  { colorScheme: 'light', viewport: { width: 1200, height: 900 } },
  { colorScheme: 'dark', viewport: { width: 1200, height: 900 } },
  { colorScheme: 'light', viewport: { width: 360, height: 740 } },
  { colorScheme: 'dark', viewport: { width: 360, height: 740 } },
] as const;
