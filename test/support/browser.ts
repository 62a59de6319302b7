import { it } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';
import { BROWSER_ARGS, BROWSER_HINT, findBrowser } from '../../web/browser.ts';

const executablePath = findBrowser();

if (!executablePath && process.env['REQUIRE_BROWSER'])
  throw new Error(`REQUIRE_BROWSER is set, but no browser was found. ${BROWSER_HINT}`);

/** A test in a real browser; skipped, with the reason in its name, where there is none. */
export function inBrowser(name: string, test: () => Promise<void>): void {
  if (executablePath) it(name, test, 60_000);
  else it.skip(`${name} (no browser was found: ${BROWSER_HINT})`, test);
}

/** Starts the browser, if there is one. */
export async function startBrowser(): Promise<Browser | undefined> {
  return executablePath ? chromium.launch({ executablePath, args: [...BROWSER_ARGS] }) : undefined;
}
