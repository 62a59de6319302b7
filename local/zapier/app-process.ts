import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { HostAnswer, HostRequest } from './app-host.ts';
import type { PlatformEvent } from './platform.ts';

/** An error that the app raised, by the name that Zapier knows it by. */
export class AppCallError extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/**
 * How many events the process works on at once. Zapier has a process for each, so one that waits for its
 * turn here has not begun.
 */
const MAX_AT_ONCE = 8;

/** What Zapier tells a user of a call that took too long. What the app does meanwhile goes on. */
const TIMED_OUT = {
  name: 'TimeoutError',
  message: 'The app did not respond in-time. It may or may not have completed successfully.',
};

/** The app, running in a process of its own. */
export interface AppProcess {
  /** The process's id. */
  pid: number;
  /**
   * Runs one event through the platform's handler, when its turn has come.
   *
   * @param timeLimitMs how long it may then take; default: as long as it wants.
   * @throws {AppCallError} whatever the app raised, or that it took too long.
   */
  call: (event: PlatformEvent, timeLimitMs?: number) => Promise<unknown>;
  /** What the app and the platform have logged so far, oldest first. */
  logs: readonly string[];
  stop: () => Promise<void>;
}

/**
 * Starts the app of a folder.
 *
 * @param folder a project folder with dist/index.js, or an unpacked build.zip.
 * @param entry `wrapper` for an unpacked build.zip, which brings Zapier's own wrapper.
 */
export async function startAppProcess(
  folder: string,
  entry: 'bundle' | 'wrapper' = 'bundle',
): Promise<AppProcess> {
  const child: ChildProcess = fork(new URL('./app-host.ts', import.meta.url), [folder, entry], {
    // The platform prints what the app logs; it is collected from the answers instead.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));

  const logs: string[] = [];
  const waiting = new Map<number, (answer: HostAnswer) => void>();
  let lastId = 0;

  const started = once(child, 'message');
  const failed = once(child, 'exit').then(() => {
    throw new Error(`The app could not be started:\n${errors}`);
  });
  failed.catch(() => undefined);
  await Promise.race([started, failed]);

  child.on('message', (answer: HostAnswer) => {
    logs.push(...answer.logs);
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  const ended = (id: number): HostAnswer => ({
    id,
    logs: [],
    error: { name: 'Error', message: `The app has ended:\n${errors}` },
  });
  child.on('exit', () => {
    for (const [id, answer] of waiting) answer(ended(id));
  });

  const answerTo = (event: PlatformEvent, timeLimitMs?: number): Promise<HostAnswer> =>
    new Promise((resolve) => {
      const id = ++lastId;
      if (!child.connected) {
        resolve(ended(id));
        return;
      }
      const timer =
        timeLimitMs &&
        setTimeout(() => {
          resolve({ id, logs: [], error: TIMED_OUT });
        }, timeLimitMs);
      waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      child.send({ id, event } satisfies HostRequest);
    });

  const inTurn = takingTurns(MAX_AT_ONCE);
  return {
    // It has answered, so it has one.
    pid: child.pid ?? NaN,
    logs,
    call: async (event, timeLimitMs) => {
      const answer = await inTurn(() => answerTo(event, timeLimitMs));
      if (answer.error) throw new AppCallError(answer.error.name, answer.error.message);
      return answer.results;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** Has so much work done at once at the most; the rest waits, oldest first. */
function takingTurns(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = [];
  let free = atOnce;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    return work().finally(() => {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    });
  };
}
