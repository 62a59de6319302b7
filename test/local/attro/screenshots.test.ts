import { readdirSync, readFileSync, statSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { fingerprint, posedPages } from '../../../scripts/screenshots/posed-pages.ts';

const FOLDER = 'docs/sandbox';

/** The most that all pictures together may weigh, in bytes. */
const MAX_PICTURES = 700_000;

describe('the pictures of the pages', () => {
  it('show them as they are now (else run "npm run screenshots" with a browser)', async () => {
    const pages = await posedPages();
    const now = Object.fromEntries(
      Object.entries(pages).map(([name, page]) => [name, fingerprint(page)]),
    );
    expect(JSON.parse(readFileSync(`${FOLDER}/screenshots.json`, 'utf8'))).toEqual(now);

    const pictures = readdirSync(FOLDER).filter((file) => file.endsWith('.png'));
    const wanted = Object.keys(pages).flatMap((name) => [`${name}-dark.png`, `${name}-light.png`]);
    expect(pictures.sort()).toEqual(wanted.sort());
    const sizes = pictures.map((file) => statSync(`${FOLDER}/${file}`).size);
    expect(Math.min(...sizes)).toBeGreaterThan(10_000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_PICTURES);
  });

  it('are of pages that say nothing of this machine or this moment', async () => {
    const pages = await posedPages();
    expect(await posedPages()).toEqual(pages);
    for (const page of Object.values(pages)) expect(page).not.toContain('127.0.0.1');
  });

  it('are shown in README', () => {
    const shown = readFileSync('README.md', 'utf8').match(/docs\/sandbox\/[\w-]+\.png/g) ?? [];
    expect(shown).toHaveLength(4);
    for (const picture of shown) expect(statSync(picture).size).toBeGreaterThan(0);
  });
});
