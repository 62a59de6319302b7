import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { builtinModules } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type AdmZip from 'adm-zip';
import own from '../../index.ts';
import { appInProcess } from '../../local/zapier/app.ts';
import { startAppProcess, type AppProcess } from '../../local/zapier/app-process.ts';
import { startCacheServer, type CacheServer } from '../../local/zapier/cache-rpc.ts';
import { APP, startDeveloperApi, type DeveloperApi } from '../../local/zapier/developer-api.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { copyTracked } from '../../scripts/stage.ts';
import { received, sampleText, SECRET, sign } from '../support/deliveries.ts';

/**
 * What Zapier gets from `npm run push`, with its own CLI, on a machine full of settings and with work in
 * progress.
 */

const { version } = packageJson;

const DEPLOY_KEY = 'canary-deploy-key-93c2';

const SETTINGS = {
  CLIENT_ID: 'canary-client-id-8d1f',
  CLIENT_SECRET: 'canary-client-secret-77ab',
  ATTRO_BASE_URL: 'https://canary-base-url.example',
  ZAPIER_DEPLOY_KEY: DEPLOY_KEY,
};

const IN_DOT_ENV = 'canary-dot-env-5e07';

const FINDING = {
  type: 'read',
  key: 'new_affiliate',
  tag: 'D021',
  message: 'The description must start with "Triggers when ".',
} as const;

const root = mkdtempSync(path.join(tmpdir(), 'attro-push-'));
const clone = path.join(root, 'project');

let api: DeveloperApi;
let pushed: End;
let build: AdmZip;
let source: AdmZip;

interface End {
  status: number | null;
  output: string;
}

/** A command that runs in the clone. */
interface Running {
  process: ChildProcess;
  /** The folder for temporary files, which it has for itself. */
  temp: string;
  end: Promise<End>;
}

/** What was started, so that nothing outlives a test that fails. */
const started: ChildProcess[] = [];

const git = (...args: string[]): string => {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  return execFileSync('git', [...identity, ...args], { cwd: clone, encoding: 'utf8' });
};

/** Starts a command of Node's in the clone, as the leader of a group of processes, as a terminal does. */
function start(args: readonly string[], settings: Record<string, string>): Running {
  const temp = mkdtempSync(path.join(root, 'temp-'));
  const child = spawn(process.execPath, args, {
    cwd: clone,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: root,
      TMPDIR: temp,
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      DISABLE_ZAPIER_ANALYTICS: '1',
      NO_UPDATE_NOTIFIER: '1',
      ...SETTINGS,
      ...settings,
    },
  });
  started.push(child);
  const end = async (): Promise<End> => {
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { status, output: stdout + stderr };
  };
  return { process: child, temp, end: end() };
}

const PUSH = packageJson.scripts.push.split(' ').slice(1);

/** Pushes to its end, after which the clone has to be as it was, and nothing be left behind. */
async function push(
  { baseUrl }: Pick<DeveloperApi, 'baseUrl'>,
  args: readonly string[] = [],
  settings: Record<string, string> = {},
): Promise<End> {
  const before = git('status', '--porcelain', '--ignored');
  const running = start([...PUSH, ...args], { ZAPIER_BASE_ENDPOINT: baseUrl, ...settings });
  const end = await running.end;
  expect(readdirSync(running.temp)).toEqual([]);
  expect(git('status', '--porcelain', '--ignored')).toBe(before);
  expect(end.output).not.toContain(settings['ZAPIER_DEPLOY_KEY'] ?? DEPLOY_KEY);
  return end;
}

const sent = ({ requests }: DeveloperApi): string[] =>
  requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => `${method} ${path.replace('/api/platform/cli', '')}`);

beforeAll(async () => {
  mkdirSync(clone);
  copyTracked(clone, '--others', '--exclude-standard');
  symlinkSync(path.resolve('node_modules'), path.join(clone, 'node_modules'), 'dir');
  const app = { ...JSON.parse(readFileSync('.zapierapprc', 'utf8')), id: APP.id } as unknown;
  writeFileSync(path.join(clone, '.zapierapprc'), JSON.stringify(app));
  git('init', '--quiet');
  writeFileSync(path.join(clone, '.git/info/exclude'), 'node_modules\n');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'All of it');
  writeFileSync(path.join(clone, '.env'), `CLIENT_SECRET=${IN_DOT_ENV}\n`);
  writeFileSync(path.join(clone, 'notes.txt'), 'Not for Zapier yet.\n');
  appendFileSync(path.join(clone, 'README.md'), '\nAn edit that is not committed.\n');

  api = await startDeveloperApi(DEPLOY_KEY);
  pushed = await push(api);
  const arrived = api.versions.get(version);
  if (!arrived) throw new Error(`Version ${version} did not arrive: ${pushed.output}`);
  ({ build, source } = arrived);
});

afterAll(async () => {
  for (const { pid, exitCode } of started) {
    if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGKILL');
  }
  await api.close();
  rmSync(root, { recursive: true, force: true });
});

describe('npm run push', () => {
  it('ends well, and shows what is not committed and what the CLI says', () => {
    expect(pushed.status).toBe(0);
    expect(pushed.output).toContain('?? notes.txt');
    expect(pushed.output).toContain(' M README.md');
    expect(pushed.output).toContain('Integration checks passed, no issues found.');
    expect(pushed.output).toContain('Push complete!');
  });

  it('has Zapier check the definition before it sends anything, and check what it sends', () => {
    expect(sent(api).slice(0, 3)).toEqual([
      'POST /check',
      'POST /check',
      `PUT /apps/${APP.id}/versions/${version}`,
    ]);
    const put = api.requests.find(({ method }) => method === 'PUT');
    expect(put?.body).toMatchObject({ skip_validation: false });
  });

  it('pushes the definition of this repository', async () => {
    const definition = await appInProcess(own).call({ command: 'definition' });
    expect(api.versions.get(version)?.definition).toEqual(definition);
    expect(definition).toMatchObject({ version });
  });

  it('makes a private version of a snapshot with its label', async () => {
    const snapshots = await startDeveloperApi(DEPLOY_KEY);
    const { status } = await push(snapshots, ['--snapshot', 'pr-12']);
    await snapshots.close();
    expect(status).toBe(0);
    expect([...snapshots.versions.keys()]).toEqual(['0.0.0-pr-12']);
    const snapshot = snapshots.versions.get('0.0.0-pr-12');
    expect(snapshot).toMatchObject({ isPromoted: false, definition: { version } });
    expect(snapshot?.build.readAsText('dist/index.js')).toBe(build.readAsText('dist/index.js'));
  });

  it("sends nothing when Zapier's checks find an error, which is shown with its place", async () => {
    const strict = await startDeveloperApi(DEPLOY_KEY, [FINDING]);
    const { status, output } = await push(strict);
    await strict.close();
    expect(status).toBeGreaterThan(0);
    expect(output).toContain('triggers.new_affiliate');
    expect(output).toContain(FINDING.tag);
    expect(new Set(sent(strict))).toEqual(new Set(['POST /check']));
  });

  it('sends nothing with a key that Zapier refuses, and says so', async () => {
    const before = api.versions.get(version);
    const { status, output } = await push(api, [], { ZAPIER_DEPLOY_KEY: 'a-wrong-key-8d1f93c2' });
    expect(status).toBeGreaterThan(0);
    expect(output).toContain('Your credentials are present, but invalid');
    expect(api.versions.get(version)).toBe(before);
  });

  it('fails outside a git repository, since what git tracks is what is shipped', async () => {
    const { status, output } = await push(api, [], { GIT_DIR: '/nowhere' });
    expect(status).toBeGreaterThan(0);
    expect(output).toContain('not a git repository');
  });

  it.each([
    ['Ctrl-C', 'SIGINT', 130, (pid: number) => -pid],
    ['a supervisor', 'SIGTERM', 143, (pid: number) => pid],
  ] as const)('ended by %s leaves no file and no process', async (_by, signal, ends, whom) => {
    // It answers nothing, so the push is in the middle.
    const silent = createServer().listen(0, '127.0.0.1').unref();
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const endpoint = { ZAPIER_BASE_ENDPOINT: `http://127.0.0.1:${port}` };
    const running = start(PUSH, endpoint);
    const [{ socket }] = (await once(silent, 'request')) as [{ socket: NodeJS.EventEmitter }];
    const cliIsGone = once(socket, 'close');
    expect(readdirSync(running.temp)).not.toEqual([]);
    process.kill(whom(running.process.pid ?? NaN), signal);
    expect(await running.end).toMatchObject({ status: ends });
    await cliIsGone;
    expect(readdirSync(running.temp)).toEqual([]);
  });
});

describe('zapier-platform promote, as the workflow of a release calls it', () => {
  it("sends the version's section of CHANGELOG.md, and asks nobody", async () => {
    const cli = 'node_modules/zapier-platform-cli/src/bin/run';
    const { end } = start([cli, 'promote', version, '--yes'], {
      ZAPIER_BASE_ENDPOINT: api.baseUrl,
    });
    const { status, output } = await end;
    expect(output).toContain('Promotion successful!');
    expect(status).toBe(0);
    const [, section] = readFileSync('CHANGELOG.md', 'utf8').split(`## [${version}] - `);
    const changelog = section?.split(/^## /m)[0]?.replace(/^.*\n/, '').trim();
    expect(api.promotions).toEqual([
      expect.objectContaining({ name: 'promote', to_version: version, changelog }),
    ]);
    expect(api.versions.get(version)?.isPromoted).toBe(true);
  });
});

function filesOf(zip: AdmZip): { name: string; content: string }[] {
  return zip
    .getEntries()
    .filter(({ isDirectory }) => !isDirectory)
    .map((entry) => ({ name: entry.entryName, content: entry.getData().toString('latin1') }));
}

describe('the unpacked build.zip', () => {
  const body = sampleText('affiliate.created');
  let app: AppProcess;
  let cache: CacheServer;

  beforeAll(async () => {
    const folder = path.join(root, 'unpacked');
    build.extractAllTo(folder, true);
    cache = await startCacheServer();
    app = await startAppProcess(folder);
  });

  afterAll(async () => {
    await app.stop();
    await cache.close();
  });

  const deliver = (content: string, signature: string): Promise<unknown> => {
    const request = received(content, { 'Http-X-Attro-Signature': signature });
    return app.call({
      command: 'execute',
      method: 'triggers.new_affiliate.operation.perform',
      ...cache.eventFields(),
      bundle: { authData: {}, inputData: {}, meta: {}, ...request },
    });
  };

  it("answers a signed delivery with the guide's payload as one flat object", async () => {
    const results = (await deliver(body, await sign(body))) as Record<string, unknown>[];
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({
      affiliate_name: 'Jane Doe',
      affiliate_first_name: 'Jane',
      affiliate_company: 'Acme Corp',
    });
    const nested = Object.values(results[0] ?? {}).filter((value) => typeof value === 'object');
    expect(nested).toEqual([]);
  });

  it('answers the same bytes with one changed by no Zap run', async () => {
    const signature = await sign(body);
    expect(await deliver(body.replace('Jane', 'Jame'), signature)).toEqual([]);
  });

  it("is valid by the platform's own schema", async () => {
    expect(await app.call({ command: 'validate' })).toEqual([]);
  });

  it('imports nothing but zapier-platform-core and what Node brings', () => {
    const bundle = build.readAsText('dist/index.js');
    const imports = [...bundle.matchAll(/^import .* from "([^"]+)";$/gm)].flatMap(
      ([, name = '']) => name,
    );
    expect(imports).toContain('zapier-platform-core');
    const allowed = ['zapier-platform-core', ...builtinModules];
    const foreign = imports.filter((name) => !allowed.includes(name.replace(/^node:/, '')));
    expect(foreign).toEqual([]);
    expect(bundle).not.toMatch(/\brequire\(/);
  });

  it('holds the app and its production packages, nothing of the proof, and no path of the machine', () => {
    const names = filesOf(build).map(({ name }) => name);
    expect(names.filter((name) => !name.startsWith('node_modules/')).sort()).toEqual([
      'definition.json',
      'dist/index.js',
      'package.json',
      'zapierwrapper.js',
    ]);
    const folders = names.map((name) => name.split('/').slice(0, 2).join('/'));
    expect(folders).toContain('node_modules/zapier-platform-core');
    for (const name of Object.keys(packageJson.devDependencies)) {
      expect(folders).not.toContain(`node_modules/${name}`);
    }
    const bundle = build.readAsText('dist/index.js');
    expect(bundle).not.toContain(process.cwd());
    expect(bundle).not.toContain(root);
    // The bundler says of each part where it is from.
    expect(bundle).toMatch(/^\/\/ triggers\//m);
    expect(bundle).not.toMatch(/^\/\/ (local|templates|test|scripts)\//m);
  });
});

describe('source.zip', () => {
  it('holds the real source, which is what git tracks, as it is now', () => {
    const names = filesOf(source).map(({ name }) => name);
    const tracked = git('ls-files', '-z', ':!.github/mutation').split('\0').filter(Boolean);
    expect(names.sort()).toEqual(tracked.sort());
    expect(source.readAsText('README.md')).toContain('An edit that is not committed.');
  });
});

describe('neither zip holds a secret', () => {
  it.each([...Object.entries(SETTINGS), ['.env', IN_DOT_ENV]])('such as %s', (_name, canary) => {
    for (const zip of [build, source]) {
      // This very test names the canaries, and is part of the source.
      const found = filesOf(zip).filter(
        ({ name, content }) => content.includes(canary) && name !== 'test/e2e/push.test.ts',
      );
      expect(found.map(({ name }) => name)).toEqual([]);
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
