import { afterAll, beforeAll, it } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';
import { BROWSER_ARGS, BROWSER_HINT, findBrowser } from '../../scripts/browser.ts';

const executablePath = findBrowser();

if (!executablePath && process.env['REQUIRE_BROWSER'])
  throw new Error(`REQUIRE_BROWSER is set, but no browser was found. ${BROWSER_HINT}`);

/** A test in a real browser; skipped, with the reason in its name, where there is none. */
export function inBrowser(name: string, test: () => Promise<void>): void {
  if (executablePath) it(name, test);
  else it.skip(`${name} (no browser was found: ${BROWSER_HINT})`, test);
}

/** Has the tests of a file share a browser, which is started before the first and closed after the last. */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (executablePath)
      browser = await chromium.launch({ executablePath, args: [...BROWSER_ARGS] });
  });
  afterAll(() => browser?.close());
  return () => {
    if (!browser) throw new Error('The browser has not started.');
    return browser;
  };
}
