import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import AdmZip from 'adm-zip';
import { startAppProcess, type AppProcess } from '../../local/zapier/app-process.ts';
import { startCacheServer, type CacheServer } from '../../local/zapier/cache-rpc.ts';
import { received, sampleText, SECRET, sign } from '../support/deliveries.ts';

/** What Zapier gets: build/build.zip and build/source.zip, packed on a machine full of settings. */

const SETTINGS = {
  CLIENT_ID: 'canary-client-id-8d1f',
  CLIENT_SECRET: 'canary-client-secret-77ab',
  ATTRO_BASE_URL: 'https://canary-base-url.example',
  ZAPIER_DEPLOY_KEY: 'canary-deploy-key-93c2',
};

let folder = '';
let build: AdmZip;
let source: AdmZip;
let app: AppProcess | undefined;
let cache: CacheServer | undefined;

beforeAll(async () => {
  await promisify(execFile)(process.execPath, ['scripts/package.ts'], {
    env: { ...process.env, ...SETTINGS, NODE_OPTIONS: '' },
  });
  build = new AdmZip('build/build.zip');
  source = new AdmZip('build/source.zip');
  folder = mkdtempSync(path.join(tmpdir(), 'attro-zip-'));
  build.extractAllTo(folder, true);
  cache = await startCacheServer();
  app = await startAppProcess(folder, 'wrapper');
});

afterAll(async () => {
  await app?.stop();
  await cache?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

function filesOf(zip: AdmZip): { name: string; content: string }[] {
  return zip
    .getEntries()
    .filter(({ isDirectory }) => !isDirectory)
    .map((entry) => ({ name: entry.entryName, content: entry.getData().toString('latin1') }));
}

/** The app of the unpacked zip, which the first step has started. */
function started(): AppProcess {
  if (!app) throw new Error('The app has not been started.');
  return app;
}

async function deliver(content: string, signature: string): Promise<unknown> {
  return started().call({
    command: 'execute',
    method: 'triggers.new_affiliate.operation.perform',
    ...cache?.eventFields(),
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
    expect(await started().call({ command: 'validate' })).toEqual([]);
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
  it.each(Object.keys(SETTINGS))('such as %s of the machine that packs', (name) => {
    const canary = SETTINGS[name as keyof typeof SETTINGS];
    for (const zip of [build, source]) {
      // This very test names the canaries, and is part of the source.
      const found = filesOf(zip).filter(
        (file) => file.content.includes(canary) && file.name !== 'test/package/zip.test.ts',
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
