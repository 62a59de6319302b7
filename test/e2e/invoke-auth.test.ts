import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startProcess } from '../local/attro/command.ts';
import type { SandboxProcess } from '../local/attro/command.ts';
import { until } from '../local/attro/receiver.ts';
import { callApi } from '../local/attro/sign-in.ts';

/**
 * The Zapier CLI itself, connecting the built app to a sandbox as it starts by default. It runs
 * dist/index.js, so build before.
 */

/** Where the CLI has users come back to. */
const CALLBACK_PORT = 9000;

const run = promisify(execFile);

let sandbox: SandboxProcess;
let folder: string;

beforeAll(async () => {
  sandbox = await startProcess();
  // The least of a project that the CLI takes for one; its .env is not this project's.
  folder = mkdtempSync(path.join(tmpdir(), 'attro-invoke-'));
  cpSync('package.json', path.join(folder, 'package.json'));
  for (const name of ['dist', 'node_modules']) {
    symlinkSync(path.resolve(name), path.join(folder, name), 'dir');
  }
  writeFileSync(path.join(folder, '.env'), sandbox.dotEnv);
  const browser = `exec '${process.execPath}' '${path.resolve('test/e2e/agreeing-browser.ts')}' "$1"`;
  mkdirSync(path.join(folder, 'bin'));
  // What the CLI opens a browser with: on a Mac, and elsewhere by BROWSER.
  writeFileSync(path.join(folder, 'bin/open'), `#!/bin/sh\n${browser}\n`, { mode: 0o755 });
});

afterAll(async () => {
  sandbox.kill('SIGKILL');
  await sandbox.end;
  rmSync(folder, { recursive: true });
});

/** Runs `zapier-platform invoke auth …` as a person does; gives what it prints. */
async function invokeAuth(command: string): Promise<{ stdout: string; stderr: string }> {
  const folders = [
    path.join(folder, 'bin'),
    path.resolve('node_modules/.bin'),
    process.env['PATH'],
  ];
  return run('zapier-platform', ['invoke', 'auth', command], {
    cwd: folder,
    env: {
      PATH: folders.join(path.delimiter),
      HOME: folder,
      TMPDIR: tmpdir(),
      BROWSER: path.join(folder, 'bin/open'),
    },
  });
}

/** The connection that the CLI keeps in `.env`. */
function kept(): { access: string; refresh: string } {
  const values = parseEnv(readFileSync(path.join(folder, '.env'), 'utf8'));
  return {
    access: values['authData_access_token'] ?? '',
    refresh: values['authData_refresh_token'] ?? '',
  };
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port);
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('listening', () => {
      resolve(true);
    });
    server.once('error', () => {
      resolve(false);
    });
  });
  server.close();
  return isListening;
}

it('auth start connects, auth test tells who is connected, auth refresh gets new tokens', async () => {
  await until(() => isFree(CALLBACK_PORT));
  const started = await invokeAuth('start');
  expect(started.stderr).toContain('Auth data appended to .env file.');
  const first = kept();
  expect((await callApi(sandbox, '/me', { token: first.access })).status).toBe(200);

  const tested = await invokeAuth('test');
  expect(JSON.parse(tested.stdout)).toEqual({
    id: 'usr_jane',
    email: 'jane@example.com',
    name: 'Jane Doe',
    organization_name: 'Acme Corp',
    account_id: 'org_acme',
  });

  const refreshed = await invokeAuth('refresh');
  expect(refreshed.stderr).toContain('Auth data has been refreshed and appended to .env file.');
  const second = kept();
  expect(second.access).not.toBe(first.access);
  expect(second.refresh).not.toBe(first.refresh);
  const again = await invokeAuth('test');
  expect(again.stdout).toBe(tested.stdout);
});
