import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import AdmZip from 'adm-zip';
import { startAppProcess, type AppProcess } from '../../local/zapier/app-process.ts';
import { startCacheServer, type CacheServer } from '../../local/zapier/cache-rpc.ts';
import { startDeveloperApi, type DeveloperApi } from '../../local/zapier/developer-api.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { received, sampleText, SECRET, sign } from '../support/deliveries.ts';
import { cloneProject, type Clone, type ScriptEnd } from '../support/release.ts';

/** What Zapier gets from `npm run push` on a machine full of settings, and with work in progress. */

const { version } = packageJson;

const SETTINGS = {
  CLIENT_ID: 'canary-client-id-8d1f',
  CLIENT_SECRET: 'canary-client-secret-77ab',
  ATTRO_BASE_URL: 'https://canary-base-url.example',
  ZAPIER_DEPLOY_KEY: 'canary-deploy-key-93c2',
};

const IN_DOT_ENV = 'canary-dot-env-5e07';

let api: DeveloperApi;
let snapshotApi: DeveloperApi;
let clone: Clone;
let end: ScriptEnd;
let snapshotEnd: ScriptEnd;
let stateBefore: string;
let build: AdmZip;
let source: AdmZip;
let app: AppProcess;
let cache: CacheServer;

/** Undoes what the first step has done by then, the last thing first. */
const undo: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'attro-zip-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  api = await startDeveloperApi({}, SETTINGS.ZAPIER_DEPLOY_KEY);
  undo.push(api.close);
  clone = await cloneProject(api);
  undo.push(clone.remove);
  await writeFile(path.join(clone.folder, '.env'), `CLIENT_SECRET=${IN_DOT_ENV}\n`);
  await writeFile(path.join(clone.folder, 'notes.txt'), 'Not for Zapier yet.\n');
  await appendFile(path.join(clone.folder, 'README.md'), '\nAn edit that is not committed.\n');
  stateBefore = await clone.state();
  snapshotApi = await startDeveloperApi({}, SETTINGS.ZAPIER_DEPLOY_KEY);
  undo.push(snapshotApi.close);
  const clean = await cloneProject(snapshotApi);
  undo.push(clean.remove);
  [end, snapshotEnd] = await Promise.all([
    clone.run('push', ['--overwrite-partner-changes'], SETTINGS),
    clean.run('push', ['--snapshot', 'pr-12'], SETTINGS),
  ]);
  const pushed = api.versions.get(version);
  if (!pushed) throw new Error(`Version ${version} did not arrive: ${end.stderr}`);
  ({ build, source } = pushed);
  build.extractAllTo(folder, true);
  cache = await startCacheServer();
  undo.push(() => cache.close());
  app = await startAppProcess(folder, 'wrapper');
  undo.push(app.stop);
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

describe('npm run push', () => {
  it('ends well and says what Zapier has now', () => {
    expect(end).toMatchObject({ status: 0, stderr: '' });
    expect(end.stdout).toMatch(
      new RegExp(
        `Zapier has version ${version} now \\(\\d+ kB\\)\\. It is private until it is promoted\\.\n$`,
      ),
    );
  });

  it('has Zapier check the definition before it sends anything, and check what it sends', () => {
    const sent = api.requests.filter(({ method }) => method !== 'GET');
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/platform/cli/check',
      'POST /api/platform/cli/check',
      `PUT /api/platform/cli/apps/${api.app.id}/versions/${version}`,
    ]);
    expect(sent.at(-1)?.body).toMatchObject({ skip_validation: false });
    expect(sent[0]?.body).toMatchObject({ app_id: api.app.id, version });
  });

  it("hands other arguments to the CLI's push", () => {
    expect(api.requests.at(-1)?.headers).toMatchObject({ 'x-overwrite-partner-changes': 'true' });
  });

  it('warns of a tree with changes, and ships what is tracked alone', () => {
    expect(end.stdout).toContain('Warning: the tree differs from the last commit.');
    expect(end.stdout).toContain('  ?? notes.txt');
    expect(end.stdout).toContain('   M README.md');
    expect(source.getEntry('notes.txt')).toBeNull();
    expect(source.readAsText('README.md')).toContain('An edit that is not committed.');
  });

  it('leaves the tree as it was and no temporary file', async () => {
    expect(await clone.state()).toBe(stateBefore);
    expect(end.leftovers).toEqual([]);
  });

  it('never shows the deploy key', () => {
    expect(end.stdout + end.stderr).not.toContain(SETTINGS.ZAPIER_DEPLOY_KEY);
  });

  it('pushes the definition of this repository', async () => {
    const own = await startAppProcess(process.cwd());
    const definition = await own.call({ command: 'definition' });
    await own.stop();
    expect(api.versions.get(version)?.definition).toEqual(definition);
    expect(definition).toMatchObject({ version });
  });
});

describe('npm run push -- --snapshot LABEL', () => {
  it('makes a private version of that label, without a warning for a clean tree', () => {
    const { status, stdout } = snapshotEnd;
    expect(status).toBe(0);
    expect(stdout).not.toContain('Warning');
    expect(stdout).toMatch(/Zapier has version 0\.0\.0-pr-12 now \(\d+ kB\)\. It is private\.\n$/);
    expect([...snapshotApi.versions.keys()]).toEqual(['0.0.0-pr-12']);
    const snapshot = snapshotApi.versions.get('0.0.0-pr-12');
    expect(snapshot).toMatchObject({ state: 'private', definition: { version } });
    // The bundle is the same, whichever clone it was made in.
    expect(snapshot?.build.readAsText('dist/index.js')).toBe(build.readAsText('dist/index.js'));
  });

  it('says what a label may be', async () => {
    const { status, stderr } = await clone.run('push', ['--snapshot', 'not_a_label'], SETTINGS);
    expect(status).toBe(1);
    expect(stderr).toMatch(/A label has 1 to 12 letters, digits and single hyphens/);
  });
});

describe('npm run promote', () => {
  it('promotes the version with its section of the changelog, and asks nobody', async () => {
    const { status, stdout } = await clone.run('promote', [], SETTINGS);
    expect(status).toBe(0);
    expect(stdout).toContain('Promotion successful!');
    expect(stdout).toMatch(/New users get version .* docs\/publishing\.md says how\.\n$/);
    expect(stdout).not.toContain('metadata');
    const section = /^## \[.*?\] - .*$\n([^]*?)(?=^## |$(?![^]))/m.exec(
      source.readAsText('CHANGELOG.md'),
    );
    expect(api.jobs).toEqual([
      expect.objectContaining({
        name: 'promote',
        to_version: version,
        changelog: section?.[1]?.trim(),
      }),
    ]);
    expect(api.versions.get(version)?.state).toBe('promoted');
  });
});

function filesOf(zip: AdmZip): { name: string; content: string }[] {
  return zip
    .getEntries()
    .filter(({ isDirectory }) => !isDirectory)
    .map((entry) => ({ name: entry.entryName, content: entry.getData().toString('latin1') }));
}

async function deliver(content: string, signature: string): Promise<unknown> {
  return app.call({
    command: 'execute',
    method: 'triggers.new_affiliate.operation.perform',
    ...cache.eventFields(),
    bundle: {
      authData: {},
      inputData: {},
      meta: {},
      ...received(content, { 'Http-X-Attro-Signature': signature }),
    },
  });
}

describe('the unpacked build.zip', () => {
  const body = sampleText('affiliate.created');

  it("answers a signed delivery with the guide's payload as one flat object", async () => {
    const results = (await deliver(body, await sign(body))) as Record<string, unknown>[];
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({
      affiliate_name: 'Jane Doe',
      affiliate_first_name: 'Jane',
      affiliate_company: 'Acme Corp',
    });
    expect(Object.values(results[0] ?? {}).filter((value) => typeof value === 'object')).toEqual(
      [],
    );
  });

  it('answers the same bytes with one changed by no Zap run', async () => {
    const signature = await sign(body);
    expect(await deliver(body.replace('Jane', 'Jame'), signature)).toEqual([]);
  });

  it("is valid by the platform's own schema", async () => {
    expect(await app.call({ command: 'validate' })).toEqual([]);
  });

  it('holds no package that only development needs', () => {
    const packages = new Set(
      filesOf(build).flatMap(
        ({ name }) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(name)?.[1] ?? [],
      ),
    );
    expect([...packages]).toContain('zapier-platform-core');
    for (const development of [
      'zod',
      'nock',
      'jest',
      'esbuild',
      'express',
      'zapier-platform-cli',
    ]) {
      expect([...packages]).not.toContain(development);
    }
  });

  it('imports nothing but zapier-platform-core and what Node brings', () => {
    const bundle = build.getEntry('dist/index.js')?.getData().toString('utf8') ?? '';
    const imports = [...bundle.matchAll(/^import .* from "([^"]+)";$/gm)].map(([, name]) => name);
    expect(imports).toContain('zapier-platform-core');
    const foreign = imports.filter(
      (name = '') =>
        name !== 'zapier-platform-core' && !builtinModules.includes(name.replace(/^node:/, '')),
    );
    expect(foreign).toEqual([]);
    expect(bundle).not.toMatch(/\brequire\(|oidc-provider|local\/attro/);
  });

  it('holds nothing of the proof, and no path of the machine', () => {
    const own = filesOf(build).filter(({ name }) => !name.startsWith('node_modules/'));
    expect(own.map(({ name }) => name).sort()).toEqual([
      'definition.json',
      'dist/index.js',
      'package.json',
      'zapierwrapper.js',
    ]);
    const bundle = build.readAsText('dist/index.js');
    expect(bundle).not.toContain(process.cwd());
    // The bundler says of each part where it is from.
    expect(bundle).toMatch(/^\/\/ triggers\//m);
    expect(bundle).not.toMatch(/^\/\/ (local|web|templates|soak|test|bench|scripts)\//m);
  });
});

describe('source.zip', () => {
  it('holds the real source', () => {
    const names = filesOf(source).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'index.ts',
        'triggers/table.ts',
        'package.json',
        'package-lock.json',
      ]),
    );
    expect(names.filter((name) => name.startsWith('node_modules/'))).toEqual([]);
  });
});

describe('neither zip holds a secret', () => {
  it.each([...Object.entries(SETTINGS), ['.env', IN_DOT_ENV]])('such as %s', (_name, canary) => {
    for (const zip of [build, source]) {
      // This very test names the canaries, and is part of the source.
      const found = filesOf(zip).filter(
        (file) => file.content.includes(canary) && file.name !== 'test/release/push.test.ts',
      );
      expect(found.map((file) => file.name)).toEqual([]);
    }
  });

  it('such as a file of settings or a key of Attro', () => {
    for (const zip of [build, source]) {
      const suspicious = filesOf(zip).filter(
        ({ name, content }) =>
          /(^|\/)(\.env|\.environment|\.zapierrc)$/.test(name) ||
          /whsec_[0-9a-f]{64}|sk_(live|test)_[A-Za-z0-9]{16}/.test(content),
      );
      expect(suspicious.map(({ name }) => name)).toEqual([]);
    }
  });

  it("nor the tests' secret in the build", () => {
    expect(filesOf(build).filter(({ content }) => content.includes(SECRET))).toEqual([]);
  });
});
