import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { parse } from 'yaml';
import { withEvents } from '../../scripts/openapi-sections.ts';
import { readContract, type PathItem } from '../support/contract.ts';

const FILE = 'attro/openapi.yaml';
const WORKFLOWS = 'attro/workflows.arazzo.yaml';
const text = readFileSync(FILE, 'utf8');

describe(FILE, () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(parse(text) as Record<string, unknown>)).toEqual({
      valid: true,
    });
    expect(validator.version).toBe('3.1');
  });

  it('has the events that "npm run docs" makes of the table', () => {
    expect(text).toBe(withEvents(text));
  });
});

describe(WORKFLOWS, () => {
  const workflows = readFileSync(WORKFLOWS, 'utf8');

  it.each(Object.values(readContract().paths).flatMap(operationsOf))('uses %s', (operationId) => {
    expect(workflows).toMatch(
      new RegExp(`operationId: \\$sourceDescriptions\\.\\w+\\.${operationId}$`, 'm'),
    );
  });
});

it('neither gives the linter anything to complain of', () => {
  const lint = ['node_modules/@redocly/cli/bin/cli.js', 'lint', FILE, WORKFLOWS, '--format=json'];
  const { stdout, status } = spawnSync(process.execPath, lint, {
    encoding: 'utf8',
    env: {
      ...process.env,
      REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
      NODE_DISABLE_COMPILE_CACHE: '1',
    },
  });
  expect({ stdout, status }).toMatchObject({ status: 0 });
});

/** The names of a path's operations. */
function operationsOf(item: PathItem): string[] {
  return Object.values(item).flatMap((each) =>
    typeof each === 'object' && 'operationId' in each ? [each.operationId] : [],
  );
}
