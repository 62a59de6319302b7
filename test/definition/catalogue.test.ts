import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { catalogue, withTables } from '../../scripts/catalogue.ts';
import { app } from '../support/app.ts';

const steps = [
  ...Object.values(app.triggers),
  ...Object.values(app.searches),
  ...Object.values(app.creates),
];

describe('docs/reference.md', () => {
  it('names every trigger, search and action with its inputs and outputs', () => {
    const text = catalogue();
    for (const { key, display, operation } of steps) {
      expect(text).toContain(`## ${display.label}\n\n${display.description} Key: \`${key}\`.`);
      for (const field of [...operation.inputFields, ...operation.outputFields]) {
        if ('key' in field) expect(text).toContain(`| \`${field.key}\` |`);
      }
    }
  });
});

describe('README.md', () => {
  it('names every trigger, search and action', () => {
    const readme = withTables(readFileSync('README.md', 'utf8'));
    for (const { key } of [...steps, ...Object.values(app.searchOrCreates)]) {
      expect(readme).toContain(`| \`${key}\` |`);
    }
  });
});
