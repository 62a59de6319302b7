import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readContract, type PathItem } from '../support/contract.ts';

const FILE = 'attro/openapi.yaml';
const WORKFLOWS = 'attro/workflows.arazzo.yaml';

describe(WORKFLOWS, () => {
  const workflows = readFileSync(WORKFLOWS, 'utf8');

  it.each(Object.values(readContract().paths).flatMap(operationsOf))('uses %s', (operationId) => {
    expect(workflows).toMatch(
      new RegExp(`operationId: \\$sourceDescriptions\\.\\w+\\.${operationId}$`, 'm'),
    );
  });
});

/** Runs the tool that lints, scores and runs what is described. */
function redocly(...args: string[]): { stdout: string; printed: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['node_modules/@redocly/cli/bin/cli.js', ...args],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
        NODE_DISABLE_COMPILE_CACHE: '1',
      },
    },
  );
  return { stdout, printed: stdout + stderr, status };
}

describe('the contract', () => {
  it('is valid OpenAPI 3.1 and Arazzo 1.0, and gives the linter nothing to complain of', () => {
    // Of "recommended-strict", all that is wrong is an error.
    const { status, printed } = redocly('lint', FILE, WORKFLOWS);
    expect({ status, printed }).toMatchObject({ status: 0 });
  });

  it('calls an assumption so where it is not published, and nothing else', () => {
    // That each thing has both marks is among the linter's rules, in redocly.yaml.
    const marked: Record<string, unknown>[] = [];
    JSON.stringify(readContract(), (_key, value: unknown) => {
      if (typeof value === 'object' && value !== null && 'x-attro-source' in value)
        marked.push({ ...value });
      return value;
    });
    const wrong = marked.filter(
      ({ 'x-attro-published': published, 'x-attro-source': source }) =>
        typeof source !== 'string' ||
        source === '' ||
        typeof published !== 'boolean' ||
        (published && source.startsWith('Assumption')),
    );
    expect(wrong).toEqual([]);
  });

  it('can be read by an agent that has nothing else', () => {
    const { stdout } = redocly('score', FILE, '--format=json');
    const { agentReadiness } = JSON.parse(stdout) as { agentReadiness: number };
    expect(agentReadiness).toBeGreaterThanOrEqual(90);
  });
});

/** The names of a path's operations. */
function operationsOf(item: PathItem): string[] {
  return Object.values(item).flatMap((each) =>
    typeof each === 'object' && 'operationId' in each ? [each.operationId] : [],
  );
}
