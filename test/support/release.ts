import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect } from '@jest/globals';
import AdmZip from 'adm-zip';
import type { DeveloperApi } from '../../local/zapier/developer-api.ts';
import type { PushedVersion } from '../../local/zapier/pushed-version.ts';
import { stageSource } from '../../scripts/release/stage.ts';

const run = promisify(execFile);

/** A clone of the project as it is now, all of it committed, that a test may do anything to. */
export interface Clone {
  folder: string;
  /** What differs from the commit, and what .zapierapprc holds by its digest, as one text. */
  state: () => Promise<string>;
  /** Starts the script that package.json names, with nothing of this machine's settings. */
  start: (script: string, args?: readonly string[], settings?: Settings) => RunningScript;
  run: (script: string, args?: readonly string[], settings?: Settings) => Promise<ScriptEnd>;
  remove: () => Promise<void>;
}

/** Environment variables; undefined for one that is not to be there. */
export type Settings = Record<string, string | undefined>;

export interface ScriptEnd {
  status: number | null;
  stdout: string;
  stderr: string;
  /** What is left in the folder for temporary files, which each run has for itself. */
  leftovers: string[];
}

export interface RunningScript {
  process: ChildProcess;
  /** The run's own folder for temporary files. */
  temp: string;
  end: Promise<ScriptEnd>;
}

/** Clones the project, with an integration of this id in .zapierapprc. */
export async function cloneProject(api: DeveloperApi, id: number = api.app.id): Promise<Clone> {
  const root = await mkdtemp(path.join(tmpdir(), 'attro-clone-'));
  const folder = path.join(root, 'project');
  const home = path.join(root, 'home');
  await Promise.all([mkdir(folder), mkdir(home)]);
  await stageSource(process.cwd(), folder, 'trackable');
  await writeFile(path.join(folder, '.zapierapprc'), JSON.stringify({ id, includeInBuild: [] }));
  await symlink(path.resolve('node_modules'), path.join(folder, 'node_modules'), 'dir');

  const git = async (...args: string[]): Promise<string> => {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
    return (await run('git', [...identity, ...args], { cwd: folder })).stdout;
  };
  await git('init', '--quiet');
  await writeFile(path.join(folder, '.git/info/exclude'), 'node_modules\n');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'All of it');

  const packageJson = await import('../../package.json', { with: { type: 'json' } });
  const scripts: Record<string, string> = packageJson.default.scripts;

  const start: Clone['start'] = (script, args = [], settings = {}) => {
    const [command, ...own] = scripts[script]?.split(' ') ?? [];
    expect(command).toBe('node');
    const temp = mkdtempSync(path.join(root, 'temp-'));
    const child = spawn(process.execPath, [...own, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        TMPDIR: temp,
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        ZAPIER_BASE_ENDPOINT: api.baseUrl,
        ZAPIER_DEPLOY_KEY: api.deployKey,
        ...settings,
      },
    });
    const end = async (): Promise<ScriptEnd> => {
      const [stdout, stderr, [status]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close') as Promise<[number | null]>,
      ]);
      return { status, stdout, stderr, leftovers: await readdir(temp) };
    };
    return { process: child, temp, end: end() };
  };

  return {
    folder,
    state: () => git('status', '--porcelain', '--ignored'),
    start,
    run: (script, args, settings) => start(script, args, settings).end,
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/**
 * Expects that a script has failed as people can bear it: one paragraph that says this, no stack trace
 * and never the deploy key, and nothing left behind.
 */
export function expectFailure(
  { status, stdout, stderr, leftovers }: ScriptEnd,
  said: RegExp,
  key: string,
): void {
  expect(stderr).toMatch(said);
  expect(status).toBeGreaterThan(0);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stdout + stderr).not.toMatch(/^\s+at .*:\d+/m);
  expect(stdout + stderr).not.toContain(key);
  expect(leftovers).toEqual([]);
}

/**
 * Has a version that holds next to nothing arrive at the stand-in, without the cost of a push, and gives
 * it a state.
 */
export async function pushDirectly(
  api: DeveloperApi,
  version: string,
  state: PushedVersion['state'],
): Promise<PushedVersion> {
  const zip = new AdmZip();
  const definition = { version, platformVersion: version };
  zip.addFile('definition.json', Buffer.from(JSON.stringify(definition)));
  for (const file of ['zapierwrapper.js', 'package.json']) zip.addFile(file, Buffer.from('{}'));
  const base64 = zip.toBuffer().toString('base64');
  const url = `${api.baseUrl}/api/platform/cli/apps/${api.app.id}/versions/${version}`;
  const response = await fetch(url, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', 'X-Deploy-Key': api.deployKey },
    body: JSON.stringify({ zip_file: base64, source_zip_file: base64, skip_validation: false }),
  });
  expect(response.status).toBe(200);
  const pushed = api.versions.get(version);
  if (!pushed) throw new Error(`${version} did not arrive.`);
  return Object.assign(pushed, { state });
}
