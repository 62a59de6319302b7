import app from '../../index.ts';
import type { CreateKey } from '../../creates/index.ts';
import type { SearchKey } from '../../searches/index.ts';
import type { TriggerKey } from '../../triggers/index.ts';
import { startCacheServer, type CacheServer } from '../../local/zapier/cache-rpc.ts';
import { createAppHandler } from '../../local/zapier/platform.ts';

/** The definition under test. */
export { app };

export const BASE_URL = 'https://get-attro.com';
export const ACCESS_TOKEN = 'access-token-of-the-tests';
export const ACCOUNT_ID = 'org_of_the_tests';

const ENVIRONMENT = { CLIENT_ID: 'client-of-the-tests', CLIENT_SECRET: 'secret-of-the-client' };

const handler = createAppHandler(app);

export interface CallOptions {
  /** Zapier's cache; without it, a trigger's `perform` has one of its own and nothing else has any. */
  cache?: CacheServer;
  environment?: Record<string, string>;
  /** Gets everything that is logged, also when the call fails. */
  logs?: string[];
}

export interface CallResult<T> {
  results: T;
  /** Everything that was logged, with the data of HTTP logs. */
  logs: string[];
}

/** Runs one of the app's functions through the platform's own handler, as Zapier does. */
export async function call<T = unknown>(
  method: string,
  bundle: Record<string, unknown> = {},
  { cache, environment = {}, logs = [] }: CallOptions = {},
): Promise<CallResult<T>> {
  const eventFields = cache?.eventFields();
  const { results } = await handler({
    command: 'execute',
    method,
    bundle: { authData: { access_token: ACCESS_TOKEN }, inputData: {}, meta: {}, ...bundle },
    ...eventFields,
    environment: { ...eventFields?.environment, ...ENVIRONMENT, ...environment },
    customLogger: (message, data) => logs.push(`${message} ${JSON.stringify(data)}`),
    calledFromCli: true,
  });
  return { results: results as T, logs };
}

export type Flat = Record<string, string | number | boolean | null>;

/** Runs one of a trigger's functions. */
export async function callTrigger<T = Flat[]>(
  key: TriggerKey,
  name: 'perform' | 'performList' | 'performSubscribe' | 'performUnsubscribe',
  bundle: Record<string, unknown> = {},
  options: CallOptions = {},
): Promise<CallResult<T>> {
  const method = `triggers.${key}.operation.${name}`;
  if (name !== 'perform' || options.cache) return call<T>(method, bundle, options);
  const cache = await startCacheServer();
  try {
    return await call<T>(method, bundle, { ...options, cache });
  } finally {
    await cache.close();
  }
}

/** Runs a search with what a user has filled in. */
export async function search(key: SearchKey, inputData: Record<string, unknown>): Promise<Flat[]> {
  return (await call<Flat[]>(`searches.${key}.operation.perform`, { inputData })).results;
}

/** Runs an action with what a user has filled in. */
export async function create(
  key: CreateKey,
  inputData: Record<string, unknown>,
  authData: Record<string, string> = {},
): Promise<Flat> {
  const { results } = await call<Flat>(`creates.${key}.operation.perform`, {
    inputData,
    authData: { access_token: ACCESS_TOKEN, account_id: ACCOUNT_ID, ...authData },
  });
  return results;
}

/** The error that a call ends with. */
export async function errorOf(calling: Promise<unknown>): Promise<Error> {
  try {
    await calling;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('The call did not fail.');
}

/** What a user reads of an error that the app raised on purpose. */
export function messageOf(error: Error): { message: string; code?: string; delay?: number } {
  return JSON.parse(error.message) as { message: string };
}
