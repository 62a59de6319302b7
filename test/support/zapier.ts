import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../local/attro/index.ts';
import {
  REDIRECT_URI,
  startZapierRunner,
  type RunnerOptions,
  type ZapierRunner,
} from '../../local/zapier/index.ts';

/** The built app between the two that it connects. */
export interface Connectable {
  sandbox: Sandbox;
  zapier: ZapierRunner;
  stop: () => Promise<void>;
}

/** Starts a local Attro and, with the built app, the stand-in for Zapier; both or none. */
export async function startBoth({
  redirectUris = [],
  ...options
}: SandboxOptions = {}): Promise<Connectable> {
  const sandbox = await startSandbox({ redirectUris: [REDIRECT_URI, ...redirectUris], ...options });
  try {
    const zapier = await startZapierRunner({
      appFolder: process.cwd(),
      attro: sandbox,
      redirectUri: REDIRECT_URI,
    });
    const stop = async (): Promise<void> => {
      await zapier.stop();
      await sandbox.close();
    };
    return { sandbox, zapier, stop };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

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
