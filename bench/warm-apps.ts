import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { HostAnswer, HostRequest } from './event-host.ts';

/** Apps in a process of their own that stays up from event to event. */
export interface WarmApps {
  /** Has one of the apps answer new deliveries, one after the other. */
  answer: (request: HostRequest) => Promise<HostAnswer>;
  stop: () => void;
}

/** @throws when the process ends before it has answered. */
export async function startWarmApps(apps: readonly { folder: string }[]): Promise<WarmApps> {
  const child = fork(
    new URL('./event-host.ts', import.meta.url),
    apps.map(({ folder }) => folder),
    { execArgv: ['--expose-gc'], env: { PATH: process.env['PATH'] } },
  );
  const ended = once(child, 'exit').then(() => {
    throw new Error('A process that answers hooks has ended.');
  });
  // Nobody waits for it once the process is stopped.
  ended.catch(() => undefined);
  const nextMessage = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
    return message;
  };

  await nextMessage();
  return {
    answer: async (request) => {
      child.send(request);
      return (await nextMessage()) as HostAnswer;
    },
    stop: () => {
      child.kill();
    },
  };
}
