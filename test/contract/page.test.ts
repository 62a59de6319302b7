import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { apiPage } from '../../scripts/api-page/page.ts';

const contract = readFileSync('attro/openapi.yaml', 'utf8');
const page = readFileSync('docs/api.html', 'utf8');

/** Of a page so long that nobody wants to see where two of them differ. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('docs/api.html', () => {
  it('is what "npm run docs" makes of attro/openapi.yaml', async () => {
    expect(digest(page)).toBe(digest(await apiPage(contract)));
  });

  it('is another one for another contract', async () => {
    const other = contract.replace('title: Attro API', 'title: Another API');
    expect(await apiPage(other)).toContain('<title>Another API</title>');
  });

  it('refuses by itself to ask a host for anything', () => {
    const [, policy] = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(page) ?? [];
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'unsafe-inline'",
      "style-src 'unsafe-inline'",
      'img-src data:',
      'font-src data:',
      'worker-src blob:',
    ]);
  });

  it('keeps the licence of what it holds', () => {
    expect(page).toMatch(
      /<!-- Holds Redoc\.\s+Copyright \d{4} Redocly Inc\.\s+Permission is hereby/,
    );
  });
});
