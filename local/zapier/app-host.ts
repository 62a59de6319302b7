import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { answerOf, type AppAnswer } from './app.ts';
import { createAppHandler, type PlatformEvent, type PlatformHandler } from './platform.ts';

/**
 * The process in which the built app runs, as on Zapier: apart from everything else. It is forked by
 * `app-process.ts` with the app's folder, and answers each event that it is sent.
 */

export interface HostRequest {
  id: number;
  event: PlatformEvent;
}

export type HostAnswer = AppAnswer & { id: number };

/** Zapier's wrapper, where the folder is an unpacked build.zip; else the bundle of a project folder. */
async function loadHandler(folder: string): Promise<PlatformHandler> {
  const wrapper = path.join(folder, 'zapierwrapper.js');
  const isUnpacked = existsSync(wrapper);
  const file = pathToFileURL(isUnpacked ? wrapper : path.join(folder, 'dist/index.js')).href;
  const loaded = (await import(file)) as { default: unknown; handler: PlatformHandler };
  return isUnpacked ? loaded.handler : createAppHandler(loaded.default);
}

const handler = await loadHandler(process.argv[2] ?? process.cwd());

process.on('message', ({ id, event }: HostRequest) => {
  void answerOf(handler, event).then((answer) =>
    process.send?.({ id, ...answer } satisfies HostAnswer),
  );
});
process.send?.('ready');
