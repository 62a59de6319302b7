import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { GENERATED } from '../../scripts/generated.ts';
import {
  fingerprints,
  pictureFiles,
  pictures,
  recordedFingerprints,
} from '../../scripts/pictures.ts';

/** The most that all pictures together may weigh, in bytes. */
const MAX_PICTURES = 1_000_000;

const all = await pictures();

describe('what is generated and kept in git', () => {
  it.each(GENERATED)('$path is what "npm run docs" makes', async ({ path, make }) => {
    const current = readFileSync(path, 'utf8');
    expect(await make(current)).toBe(current);
  });

  it('shows everything as it is now in its pictures (else run "npm run docs" with a browser)', () => {
    expect(recordedFingerprints()).toEqual(fingerprints(all));
    expect(pictureFiles()).toEqual(all.map(({ path }) => path).sort());
    const sizes = pictureFiles().map((file) => statSync(file).size);
    expect(Math.min(...sizes)).toBeGreaterThan(1000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_PICTURES);
  });

  it('says nothing in its pictures of this machine or this moment', async () => {
    expect(await pictures()).toEqual(all);
    for (const { html } of all) expect(html).not.toContain('127.0.0.1');
  });

  it('has no picture that no document shows', () => {
    const documents = ['README.md', 'docs/templates.md'].map((file) => readFileSync(file, 'utf8'));
    for (const file of pictureFiles())
      expect(documents.join('\n')).toContain(file.replace(/^docs\/gallery/, 'gallery'));
  });
});
