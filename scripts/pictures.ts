import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { picturePage } from '../templates/gallery/page.ts';
import { BROWSER_ARGS } from './browser.ts';
import { shownTemplates } from './generated.ts';
import { sandboxPage } from './sandbox-page.ts';

/** A picture in docs/, and the page that it is taken of: whole, so that nothing else decides it. */
export interface Picture {
  path: string;
  html: string;
  colorScheme: 'light' | 'dark';
  viewport: { width: number; height: number };
  /** What is taken of the page; without it, all that is visible. */
  part?: string;
}

/** Names, for each picture, what it was taken of. */
const RECORD = 'docs/pictures.json';

/** Every picture that documents show: what templates make, and the local Attro's page. */
export async function pictures(): Promise<Picture[]> {
  const templates = shownTemplates().map((shown): Picture => {
    return {
      path: `docs/gallery/${shown.recipe.id}.png`,
      html: picturePage(shown),
      // Light in any case: a picture stands on other people's pages, whose mode nobody knows.
      colorScheme: 'light',
      viewport: { width: 680, height: 900 },
      part: '.frame',
    };
  });
  const sandbox = { html: await sandboxPage(), viewport: { width: 960, height: 960 } };
  return [
    ...templates,
    { path: 'docs/sandbox-dark.png', colorScheme: 'dark', ...sandbox },
    { path: 'docs/sandbox-light.png', colorScheme: 'light', ...sandbox },
  ];
}

/** A fingerprint of each picture's page: it differs when the picture is out of date. */
export function fingerprints(all: readonly Picture[]): Record<string, string> {
  return Object.fromEntries(
    all.map(({ path, html, ...how }) => [
      path,
      createHash('sha256').update(html).update(JSON.stringify(how)).digest('hex').slice(0, 16),
    ]),
  );
}

/** What the pictures that are there were taken of. */
export function recordedFingerprints(): Record<string, string> {
  return JSON.parse(readFileSync(RECORD, 'utf8')) as Record<string, string>;
}

/** The files of pictures that are there. */
export function pictureFiles(): string[] {
  return globSync('docs/**/*.png').sort();
}

/** Takes the pictures that are missing or out of date, removes others, and tells how many it took. */
export async function takePictures(executablePath: string): Promise<number> {
  const all = await pictures();
  const now = fingerprints(all);
  const before = recordedFingerprints();
  const there = pictureFiles();
  const wanted = all.filter(({ path }) => before[path] !== now[path] || !there.includes(path));
  const browser = await chromium.launch({ executablePath, args: [...BROWSER_ARGS] });
  try {
    for (const { path, html, part, ...how } of wanted) {
      const page = await browser.newPage({ ...how, javaScriptEnabled: false });
      await page.setContent(html);
      await (part ? page.locator(part) : page).screenshot({ path });
      await page.close();
    }
  } finally {
    await browser.close();
  }
  for (const file of there.filter((path) => !(path in now))) await rm(file);
  await writeFile(RECORD, `${JSON.stringify(now, null, 2)}\n`);
  return wanted.length;
}
