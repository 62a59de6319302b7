import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { GALLERY_FOLDER } from '../../templates/gallery/files.ts';
import { show } from '../../templates/gallery/shown.ts';
import { inBrowser, startBrowser } from './browser-support.ts';
import { RECIPES } from './sets.ts';

const ADDRESS = new URL('index.html', GALLERY_FOLDER).href;

let browser: Browser | undefined;

beforeAll(async () => {
  browser = await startBrowser();
}, 60_000);

afterAll(async () => {
  await browser?.close();
});

/** Opens the gallery, and notes what it complains of and what it asks the network for. */
async function open(
  width: number,
): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
  if (!browser) throw new Error('The browser has not started.');
  const page = await browser.newPage({ viewport: { width, height: 900 } });
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
      for (const { part, value } of show(recipe).fields) {
        const lines = (part === 'place' ? value.replace(/^#/, '') : value).split('\n');
        for (const line of lines) expect(preview).toContain(spaced(line));
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

  inBrowser(
    'can be read by everybody: language, title, headings and links that lead somewhere',
    async () => {
      const { page } = await open(1200);
      expect(await page.getAttribute('html', 'lang')).toBe('en');
      expect(await page.title()).toBe('Zap templates for Attro');
      expect(await page.locator('h1').count()).toBe(1);
      expect(await page.locator('article h2').allInnerTexts()).toEqual(
        RECIPES.map(({ name }) => name),
      );
      const targets = await page.evaluate<string[]>(
        `[...document.querySelectorAll('nav a')].map((link) => link.getAttribute('href').slice(1))`,
      );
      expect(targets).toEqual(RECIPES.map(({ id }) => id));
      for (const recipe of RECIPES)
        expect(await page.getByRole('article', { name: recipe.name, exact: true }).count()).toBe(1);
      await page.close();
    },
  );

  inBrowser('has text that stands out from what is behind it', async () => {
    const { page } = await open(1200);
    const weak = await page.evaluate<string[]>(CONTRAST);
    expect(weak).toEqual([]);
    await page.close();
  });
});

/** Runs in the page: the texts whose contrast is below the 4.5 that WCAG AA asks for. */
const CONTRAST = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [red, green, blue] = channels(color).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      const alpha = channels(color)[3];
      if (alpha === undefined || alpha > 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('body *')]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .filter((element) => {
      const [low, high] = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => a - b);
      return (high + 0.05) / (low + 0.05) < 4.5;
    })
    .map((element) => element.textContent.trim());
})()`;
