import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { galleryPage } from '../../templates/gallery/page.ts';
import { show } from '../../templates/gallery/shown.ts';
import { inBrowser, useBrowser } from '../support/browser.ts';
import { RECIPES } from '../templates/sets.ts';

/** What a reader's system may ask pages to be. */
const MODES = ['light', 'dark'] as const;

type Mode = (typeof MODES)[number];

const ADDRESS = new URL('../../docs/gallery/index.html', import.meta.url).href;

const browser = useBrowser();

/** Opens the gallery, and notes what it complains of and what it asks the network for. */
async function open(
  width: number,
  colorScheme: Mode = 'light',
): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
  const context = await browser().newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(ADDRESS);
  return { page, complaints, requests };
}

const spaced = (text: string): string => text.replace(/\s+/g, ' ').trim();

describe('the gallery in a browser', () => {
  inBrowser('shows every recipe with what it makes', async () => {
    const { page } = await open(1200);
    for (const recipe of RECIPES) {
      const card = page.locator(`[id="${recipe.id}"]`);
      await card.scrollIntoViewIfNeeded();
      expect([recipe.id, await card.isVisible()]).toEqual([recipe.id, true]);
      const text = spaced(await card.innerText());
      expect(text).toContain(recipe.name);
      expect(text).toContain(recipe.action.event);

      const preview = spaced(await card.locator('.frame').innerText());
      for (const { value } of show(recipe).last.fields) {
        for (const line of value.split('\n')) expect(preview).toContain(spaced(line));
      }
      expect(await card.locator('.window').isVisible()).toBe(true);
    }
    expect(await page.locator('article').count()).toBe(RECIPES.length);
    await page.close();
  });

  inBrowser('asks the network for nothing and has nothing to complain of', async () => {
    const { page, complaints, requests } = await open(1200);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([ADDRESS]);
    await page.close();
  });

  for (const width of [400, 1200]) {
    inBrowser(`fits a window of ${width} pixels`, async () => {
      const { page } = await open(width);
      const [content, visible] = await page.evaluate<[number, number]>(
        '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
      );
      expect(content).toBe(visible);
      const cut = await page.evaluate<string[]>(
        `[...document.querySelectorAll('.window, .about, .steps, dd, .post > div')]
          .filter((element) => element.scrollWidth > element.clientWidth + 1)
          .map((element) => element.className || element.textContent)`,
      );
      expect(cut).toEqual([]);
      await page.close();
    });
  }

  inBrowser('has a heading for each recipe, and links that lead to them', async () => {
    const { page } = await open(1200);
    const names = RECIPES.map(({ name }) => name);
    expect(await page.locator('article h2').allInnerTexts()).toEqual(names);
    const targets = await page.evaluate<string[]>(
      `[...document.querySelectorAll('nav a')].map((link) => link.getAttribute('href').slice(1))`,
    );
    expect(targets).toEqual(RECIPES.map(({ id }) => id));
    for (const name of names)
      expect(await page.getByRole('article', { name, exact: true }).count()).toBe(1);
    await page.close();
  });

  for (const mode of MODES) {
    inBrowser(`is ${mode} where the reader's system is, with all that axe asks for`, async () => {
      const { page } = await open(1200, mode);
      // With the buttons that it has once the integration is registered.
      await page.setContent(galleryPage(RECIPES.map(show), { id: 12345, slug: 'attro' }));
      expect(await page.getByRole('link', { name: 'Use this Zap' }).count()).toBeGreaterThan(5);
      const backgrounds = await page.evaluate<[place: string, lightness: number][]>(BACKGROUNDS);
      expect(backgrounds.length).toBeGreaterThan(2 * RECIPES.length);
      const fits = ([, lightness]: [string, number]): boolean =>
        mode === 'light' ? lightness > 0.8 : lightness < 0.3;
      expect(backgrounds.filter((background) => !fits(background))).toEqual([]);
      // Of what is right one place a rule is enough: all of them are megabytes.
      const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations', 'incomplete'] });
      const { passes, incomplete, violations } = await axe.analyze();
      expect(passes.map(({ id }) => id)).toContain('color-contrast');
      expect([...violations, ...incomplete].map(({ id, nodes }) => [id, nodes.length])).toEqual([]);
      await page.close();
    });
  }
});

/** Runs in the page: how light the page, its cards and its previews are, from 0 for black to 1. */
const BACKGROUNDS = `[...document.querySelectorAll('body, .recipe, .frame, .window')].map((element) => {
  const channels = getComputedStyle(element).backgroundColor.match(/[\\d.]+/g).map(Number);
  return [element.className || 'body', channels.slice(0, 3).reduce((sum, value) => sum + value) / 765];
})`;
