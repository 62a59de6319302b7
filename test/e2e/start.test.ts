import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { withApp } from './built-app.ts';

/** `npm start`, without npm and the build. */
async function start(folder: string): Promise<{ stdout: string; stderr: string }> {
  const script = new URL('../../scripts/start.ts', import.meta.url).pathname;
  const args = ['--disable-warning=ExperimentalWarning', script];
  return promisify(execFile)(process.execPath, args, { cwd: folder });
}

it('npm start shows each trigger, a Zap that writes back, what makes no run, and a pause', async () => {
  const { stdout, stderr } = await start(process.cwd());
  expect(stderr).toBe('');
  expect(stdout).toMatch(/Connection +Acme Corp/);
  expect(stdout.match(/1 run of \d+ fields/g)).toHaveLength(10);
  expect(stdout).toMatch(/Conversion Rejected +was .*: Fraud score 95/);
  expect(stdout).toMatch(/the Zap is paused, and its owner sees that/);
  expect(stdout).toMatch(/Turned off +11 Zaps, and no subscription is left in Attro/);
});

it('npm start ends with a message and a failure when the app cannot be started', async () => {
  const starting = withApp('throw new Error("broken at once");', start);
  await expect(starting).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Failed: The app could not be started[^]*broken at once/),
  });
});
