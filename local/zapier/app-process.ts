import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appFrom, type App, type AppAnswer } from './app.ts';
import type { HostAnswer, HostRequest } from './app-host.ts';
import type { PlatformEvent } from './platform.ts';

/** The app, running in a process of its own. */
export type AppProcess = App & { pid: number };

/**
 * Starts the built app of a folder in a process of its own.
 *
 * @param folder a project folder with dist/index.js, or an unpacked build.zip, which brings Zapier's own
 *   wrapper.
 */
export async function startAppProcess(folder: string): Promise<AppProcess> {
  const child = fork(new URL('./app-host.ts', import.meta.url), [folder], {
    // The platform prints what the app logs; it is collected from the answers instead.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const waiting = new Map<number, (answer: AppAnswer) => void>();
  let lastId = 0;

  const ended = once(child, 'exit');
  const isReady = await Promise.race([once(child, 'message'), ended.then(() => false)]);
  if (!isReady) throw new Error(`The app could not be started:\n${errors}`);

  child.on('message', ({ id, ...answer }: HostAnswer) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  const noAnswer = (): AppAnswer => ({
    error: { name: 'Error', message: `The app has ended:\n${errors}` },
    logs: [],
  });
  void ended.then(() => {
    for (const answer of waiting.values()) answer(noAnswer());
  });

  const answer = (event: PlatformEvent): Promise<AppAnswer> =>
    new Promise((resolve) => {
      if (!child.connected) {
        resolve(noAnswer());
        return;
      }
      const id = ++lastId;
      waiting.set(id, resolve);
      // One that has just ended cannot be written to, before its end is told.
      child.send({ id, event } satisfies HostRequest, (error) => {
        if (error) resolve(noAnswer());
      });
    });
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  // It has answered, so it has an id.
  return { ...appFrom(answer, stop), pid: child.pid ?? NaN };
}
