import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { BROWSER_ARGS } from '../../scripts/browser.ts';
import { preview } from './card.ts';
import { GALLERY_FOLDER } from './files.ts';
import type { Shown } from './shown.ts';

/** Names, for each screenshot, what it was taken of. */
const RECORD = new URL('screenshots.json', GALLERY_FOLDER);

/** Wide enough for a card's two columns. */
const VIEWPORT = { width: 1200, height: 900 };

/** A fingerprint of what a screenshot shows: it differs when the screenshot is out of date. */
export function fingerprint(shown: Shown): string {
  const style = readFileSync(new URL('./gallery.css', import.meta.url), 'utf8');
  return createHash('sha256')
    .update(preview(shown).html.replace(/\s+/g, ' '))
    .update(style)
    .digest('hex')
    .slice(0, 16);
}

/** The fingerprints of what the screenshots in the folder were taken of, by recipe. */
export function recordedFingerprints(): Record<string, string> {
  return JSON.parse(readFileSync(RECORD, 'utf8')) as Record<string, string>;
}

/** Takes a screenshot of every recipe's preview, and removes those of recipes that are gone. */
export async function takeScreenshots(
  all: readonly Shown[],
  executablePath: string,
): Promise<void> {
  const browser = await chromium.launch({ executablePath, args: [...BROWSER_ARGS] });
  try {
    // Light in any case: a picture stands on other people's pages, whose mode nobody knows.
    const page = await browser.newPage({
      viewport: VIEWPORT,
      deviceScaleFactor: 1,
      colorScheme: 'light',
    });
    await page.goto(new URL('index.html', GALLERY_FOLDER).href);
    for (const { recipe } of all) {
      const { pathname } = new URL(`${recipe.id}.png`, GALLERY_FOLDER);
      await page.locator(`[id="${recipe.id}"] .frame`).screenshot({ path: pathname });
    }
  } finally {
    await browser.close();
  }
  const wanted = new Set(all.map(({ recipe }) => `${recipe.id}.png`));
  for (const file of readdirSync(GALLERY_FOLDER)) {
    if (file.endsWith('.png') && !wanted.has(file)) await rm(new URL(file, GALLERY_FOLDER));
  }
  const record = Object.fromEntries(all.map((shown) => [shown.recipe.id, fingerprint(shown)]));
  writeFileSync(RECORD, `${JSON.stringify(record, null, 2)}\n`);
}
