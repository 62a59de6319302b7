import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startAppProcess, type AppProcess } from '../../../local/zapier/app-process.ts';
import { withApp } from '../../support/zapier.ts';

/** An app of one action, which is done at once or never. */
const APP = `
export default {
  version: '1.0.0',
  platformVersion: built.platformVersion,
  creates: {
    work: {
      key: 'work',
      noun: 'Work',
      display: { label: 'Work', description: 'Works.' },
      operation: {
        perform: (z, { inputData }) =>
          inputData.forever ? new Promise(() => {}) : Promise.resolve({ id: inputData.id }),
      },
    },
  },
};`;

let app: AppProcess;

beforeEach(async () => {
  app = await withApp(APP, (folder) => startAppProcess(folder));
});

afterEach(() => app.stop());

function work(inputData: Record<string, unknown>, timeLimitMs?: number): Promise<unknown> {
  const method = 'creates.work.operation.perform';
  return app.call({ command: 'execute', method, bundle: { inputData } }, timeLimitMs);
}

describe('the process of an app', () => {
  it('answers each call with what is its own', async () => {
    const ids = Array.from({ length: 30 }, (_, id) => id);
    const answers = await Promise.all(ids.map((id) => work({ id })));
    expect(answers).toEqual(ids.map((id) => ({ id })));
  });

  it('gives each call the time that it may take once its turn has come', async () => {
    const late = Array.from({ length: 8 }, () => work({ forever: true }, 1500));
    const next = work({ id: 'next' }, 1000);
    for (const call of late) {
      await expect(call).rejects.toMatchObject({
        name: 'TimeoutError',
        message: expect.stringContaining('did not respond in-time') as unknown,
      });
    }
    expect(await next).toEqual({ id: 'next' });
  });

  it('says so when the app has ended, to who is waiting and to who comes later', async () => {
    const waiting = expect(work({ forever: true })).rejects.toThrow('The app has ended');
    await app.stop();
    await waiting;
    await expect(work({ id: 1 })).rejects.toThrow('The app has ended');
  });

  it('says so to who calls it just as it ends', async () => {
    process.kill(app.pid, 'SIGKILL');
    // Long enough for the process to be gone, and nobody here has been told yet.
    execFileSync('sleep', ['0.2']);
    await expect(work({ id: 1 })).rejects.toThrow('The app has ended');
  });
});
