import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { BROWSER_ARGS, BROWSER_HINT, findBrowser } from './browser.ts';
import { ASSETS_FOLDER, fingerprint, posedPages } from './screenshots/posed-pages.ts';

/** Takes the pictures of the local Attro's pages, in light and in dark, and notes what is on them. */
const FOLDER = new URL('../docs/sandbox/', import.meta.url);

/** No other host is asked: everything is answered from here. */
const ADDRESS = 'http://127.0.0.1';

const executablePath = findBrowser();
if (!executablePath) {
  console.error(`No browser was found. ${BROWSER_HINT}`);
  process.exit(1);
}
const pages = await posedPages();
await mkdir(FOLDER, { recursive: true });
const browser = await chromium.launch({ executablePath, args: [...BROWSER_ARGS] });
for (const colorScheme of ['light', 'dark'] as const) {
  const context = await browser.newContext({
    ...{ colorScheme, viewport: { width: 960, height: 960 }, javaScriptEnabled: false },
  });
  const page = await context.newPage();
  await page.route(`${ADDRESS}/**`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    const body = pages[name];
    const asset = fileURLToPath(new URL(name.replace(/^assets\//, ''), ASSETS_FOLDER));
    await route.fulfill(
      body === undefined ? { path: asset } : { body, contentType: 'text/html; charset=utf-8' },
    );
  });
  for (const name of Object.keys(pages)) {
    await page.goto(`${ADDRESS}/${name}`);
    const path = fileURLToPath(new URL(`${name}-${colorScheme}.png`, FOLDER));
    await page.screenshot({ path });
  }
}
await browser.close();
const record = Object.fromEntries(
  Object.entries(pages).map(([name, page]) => [name, fingerprint(page)]),
);
await writeFile(new URL('screenshots.json', FOLDER), `${JSON.stringify(record, null, 2)}\n`);
console.log(`Took ${2 * Object.keys(pages).length} screenshots in docs/sandbox`);
