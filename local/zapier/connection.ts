import { AppCallError } from './app.ts';
import { isFunction, type Definition } from './definition.ts';
import { signIn } from './oauth-login.ts';

/** Runs one of the app's functions, given by its path in the definition. */
export type Call = (method: string, bundle: Record<string, unknown>) => Promise<unknown>;

/** What Zapier keeps of an account that a user has connected. */
export interface Connection {
  /**
   * What connecting or the last refresh gave, as it was given. Whether Zapier keeps what a refresh does not
   * give back is unknown: here it is gone.
   */
  readonly authData: Readonly<Record<string, string>>;
  /** Connects anew. @returns the connection's label. */
  connect: () => Promise<string>;
  /**
   * Runs one of the app's functions. Where `autoRefresh` is set, `RefreshAuthError` (which the platform
   * then makes of every 401) refreshes the token once and runs it again; whether Zapier refreshes for an
   * app that raises the error by itself without it is unknown, so here it does not.
   *
   * After an `ExpiredAuthError` nothing is run until a user has connected again: Zapier holds the runs.
   */
  call: Call;
}

const OAUTH2 = 'authentication.oauth2Config';

/**
 * @param execute runs a function with the connection's `authData` in its bundle.
 * @param authData what an account that is connected already has given.
 */
export function createConnection(
  { authentication }: Definition,
  execute: (
    authData: Readonly<Record<string, string>>,
    ...call: Parameters<Call>
  ) => Promise<unknown>,
  authData: Connection['authData'] = {},
): Connection {
  const { type, oauth2Config } = authentication ?? {};
  let isStale = false;
  let refreshing: Promise<void> | undefined;

  const run: Call = async (method, bundle) => {
    try {
      return await execute(authData, method, bundle);
    } catch (error) {
      if (isNamed(error, 'ExpiredAuthError')) isStale = true;
      throw error;
    }
  };

  const refresh = async (): Promise<void> => {
    authData = (await run(`${OAUTH2}.refreshAccessToken`, {})) as Connection['authData'];
  };

  const call: Call = async (method, bundle) => {
    if (isStale) {
      throw new AppCallError('ExpiredAuthError', 'Held until the account is connected again.');
    }
    try {
      return await run(method, bundle);
    } catch (error) {
      const canRefresh = oauth2Config?.autoRefresh && isFunction(oauth2Config.refreshAccessToken);
      if (!canRefresh || !isNamed(error, 'RefreshAuthError')) throw error;
      // Assumption: calls that fail at the same time share one refresh.
      refreshing ??= refresh().finally(() => (refreshing = undefined));
      await refreshing;
      return run(method, bundle);
    }
  };

  return {
    get authData() {
      return authData;
    },
    call,
    connect: async () => {
      if (type !== 'oauth2' || !oauth2Config)
        throw new Error('The app does not connect by OAuth2.');
      const inputData = await signIn(oauth2Config, (inputData) =>
        execute({}, `${OAUTH2}.authorizeUrl`, { inputData }),
      );
      const tokens = await execute({}, `${OAUTH2}.getAccessToken`, { inputData });
      authData = tokens as Connection['authData'];
      isStale = false;
      const account = await call('authentication.test', {});
      // A label that is a template would be filled in by Zapier; the app's is a function.
      return String(await call('authentication.connectionLabel', { inputData: account }));
    },
  };
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof AppCallError && error.name === name;
}
