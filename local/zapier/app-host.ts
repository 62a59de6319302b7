import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { createAppHandler, type PlatformEvent, type PlatformHandler } from './platform.ts';

/**
 * The process in which the app runs, as on Zapier: apart from everything else, driven through the
 * platform's own handler. It is forked by `app-process.ts` with the folder of the built app, and
 * answers each event that it is sent.
 */

export interface HostRequest {
  id: number;
  event: PlatformEvent;
}

export interface HostAnswer {
  id: number;
  results?: unknown;
  error?: { name: string; message: string };
  logs: string[];
}

/** Zapier's wrapper in an unpacked build.zip, or the bundle of a project folder. */
async function loadHandler(folder: string): Promise<PlatformHandler> {
  const load = (file: string): Promise<Record<string, unknown>> =>
    import(pathToFileURL(path.join(folder, file)).href) as Promise<Record<string, unknown>>;
  if (process.argv[3] === 'wrapper') {
    const { handler } = await load('zapierwrapper.js');
    return handler as PlatformHandler;
  }
  const { default: app } = await load('dist/index.js');
  return createAppHandler(app);
}

const handler = await loadHandler(process.argv[2] ?? process.cwd());

process.on('message', ({ id, event }: HostRequest) => {
  const logs: string[] = [];
  const customLogger = (message: string): void => {
    logs.push(message.trim());
  };
  handler({ ...event, customLogger, calledFromCli: true }).then(
    ({ results }) => process.send?.({ id, results, logs } satisfies HostAnswer),
    (error: unknown) => {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      process.send?.({ id, error: { name, message }, logs } satisfies HostAnswer);
    },
  );
});
process.send?.('ready');
