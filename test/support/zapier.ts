import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  startZapierRunner,
  type RunnerOptions,
  type ZapierRunner,
} from '../../local/zapier/index.ts';

/** Where the tests' Zapier has users sent back to. */
export const REDIRECT_URI = 'http://127.0.0.1:4433/oauth/return';

const NOWHERE = { baseUrl: 'http://127.0.0.1:9', clientId: 'id', clientSecret: 'secret' };

/**
 * Has something done with the folder of an app of one's own.
 *
 * @param source the app as a module's source; `built` is the built app's definition in it.
 */
export async function withApp<T>(
  source: string,
  start: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'app-'));
  const built = pathToFileURL(path.resolve('dist/index.js')).href;
  mkdirSync(path.join(folder, 'dist'));
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(
    path.join(folder, 'dist/index.js'),
    `import built from ${JSON.stringify(built)};\n${source}`,
  );
  // What was imported once is needed no more.
  return start(folder).finally(() => {
    rmSync(folder, { recursive: true });
  });
}

/** Starts the stand-in for Zapier with an app of one's own, given as to `withApp`. */
export function startWithApp(
  source: string,
  options: Partial<RunnerOptions> = {},
): Promise<ZapierRunner> {
  return withApp(source, (appFolder) =>
    startZapierRunner({ appFolder, attro: NOWHERE, redirectUri: REDIRECT_URI, ...options }),
  );
}
