import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startAppProcess, type AppProcess } from '../../local/zapier/app-process.ts';
import { withApp } from './built-app.ts';

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
  // What was imported once is needed no more.
  app = await withApp(APP, startAppProcess);
});

afterEach(() => app.stop());

function work(inputData: Record<string, unknown>): Promise<unknown> {
  const method = 'creates.work.operation.perform';
  return app.call({ command: 'execute', method, bundle: { inputData } });
}

it('an app in a process of its own answers each call with what is its own', async () => {
  const ids = Array.from({ length: 30 }, (_, id) => id);
  const answers = await Promise.all(ids.map((id) => work({ id })));
  expect(answers).toEqual(ids.map((id) => ({ id })));
});

it('one that has ended says so, to who is waiting and to who comes later', async () => {
  const waiting = expect(work({ forever: true })).rejects.toThrow('The app has ended');
  await app.stop();
  await waiting;
  await expect(work({ id: 1 })).rejects.toThrow('The app has ended');
});

it('one that has just ended says so, before anybody here has been told', async () => {
  process.kill(app.pid, 'SIGKILL');
  // While this blocks, nothing is told. /proc and ps differ from system to system; a moment is enough.
  execFileSync('sleep', ['0.2']);
  await expect(work({ id: 1 })).rejects.toThrow('The app has ended');
});
