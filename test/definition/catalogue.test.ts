import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { catalogue, withTriggerTable } from '../../scripts/catalogue.ts';
import { app } from '../support/app.ts';

const FILE = new URL('../../docs/triggers.md', import.meta.url);

describe('docs/triggers.md', () => {
  it('is what "npm run docs" makes of the definition', () => {
    expect(readFileSync(FILE, 'utf8')).toBe(catalogue());
  });

  it('names every trigger, input and output', () => {
    const text = catalogue();
    for (const { key, display, operation } of Object.values(app.triggers)) {
      expect(text).toContain(`## ${display.label}\n\n${display.description} Key: \`${key}\`.`);
      for (const field of [...operation.inputFields, ...operation.outputFields]) {
        if ('key' in field) expect(text).toContain(`| \`${field.key}\` |`);
      }
    }
  });
});

describe('README.md', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

  it('has the table of triggers that "npm run docs" makes', () => {
    expect(readme).toBe(withTriggerTable(readme));
    for (const { key } of Object.values(app.triggers)) {
      expect(readme).toContain(`| \`${key}\` |`);
    }
  });
});
