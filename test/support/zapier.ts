import { startSandbox, type Sandbox, type SandboxOptions } from '../../local/attro/index.ts';
import { appInProcess } from '../../local/zapier/app.ts';
import {
  REDIRECT_URI,
  startZapierRunner,
  type RunnerOptions,
  type ZapierRunner,
} from '../../local/zapier/index.ts';
import { app } from './app.ts';

/** The app between the two that it connects. */
export interface Connectable {
  sandbox: Sandbox;
  zapier: ZapierRunner;
  stop: () => Promise<void>;
}

/** Starts a local Attro and, with the app, the stand-in for Zapier; both or none. */
export async function startBoth({
  redirectUris = [],
  ...options
}: SandboxOptions = {}): Promise<Connectable> {
  const sandbox = await startSandbox({ redirectUris: [REDIRECT_URI, ...redirectUris], ...options });
  try {
    const zapier = await startWithApp(app, { attro: sandbox });
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

/** Starts the stand-in for Zapier with a definition of one's own. */
export function startWithApp(
  definition: unknown,
  options: Partial<RunnerOptions> = {},
): Promise<ZapierRunner> {
  return startZapierRunner({
    app: appInProcess(definition),
    attro: NOWHERE,
    ...options,
  });
}
