import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { parse } from 'yaml';
import { withEvents } from '../../scripts/openapi-sections.ts';

const FILE = 'attro/openapi.yaml';
const text = readFileSync(FILE, 'utf8');

describe(FILE, () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(parse(text) as Record<string, unknown>)).toEqual({
      valid: true,
    });
    expect(validator.version).toBe('3.1');
  });

  it('gives the linter nothing to warn of', () => {
    const lint = ['node_modules/@redocly/cli/bin/cli.js', 'lint', FILE, '--format=json'];
    const report = execFileSync(process.execPath, lint, {
      encoding: 'utf8',
      env: {
        ...process.env,
        REDOCLY_TELEMETRY: 'off',
        REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
        NODE_DISABLE_COMPILE_CACHE: '1',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(JSON.parse(report)).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
  });

  it('has the events that "npm run docs" makes of the table', () => {
    expect(text).toBe(withEvents(text));
  });
});
