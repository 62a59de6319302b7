import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { AppCallError, startAppProcess, type AppProcess } from './app-process.ts';
import { startCacheServer, type CacheServer } from './cache-rpc.ts';
import { newLoginAttempt, signIn, withPkce } from './oauth-login.ts';
import {
  runSteps,
  type SearchOrCreates,
  type StepRecord,
  type StepsRun,
  type ZapStep,
} from './zap-steps.ts';

/**
 * A small stand-in for Zapier: it connects an account, holds Zaps with real hook URLs and runs their
 * triggers in the built app through the platform's own handler.
 */

/** What a Zap's trigger made of one delivery. */
export interface ZapRun {
  /** Each of them runs the Zap once. Empty where the trigger left the delivery out. */
  records: Record<string, unknown>[];
  /** What became of the Zap's further steps, for each of those records. */
  steps: StepsRun[];
  /** The error of a delivery that could not be read. */
  error?: string;
}

export interface Zap {
  id: string;
  triggerKey: string;
  inputData: Record<string, unknown>;
  /** What the Zap does with each record. */
  steps: readonly ZapStep[];
  hookUrl: string;
  /** What subscribing returned, as Zapier stores it. */
  subscribeData: Record<string, unknown>;
  isOn: boolean;
  runs: ZapRun[];
}

export interface ZapierRunner {
  /** The connection's label, once connected. */
  connect: () => Promise<string>;
  listRecords: (
    triggerKey: string,
    inputData?: Record<string, unknown>,
  ) => Promise<Record<string, unknown>[]>;
  turnOn: (
    triggerKey: string,
    inputData?: Record<string, unknown>,
    steps?: readonly ZapStep[],
  ) => Promise<Zap>;
  /** Runs search and action steps with a record, as a Zap does that another app has triggered. */
  runSteps: (steps: readonly ZapStep[], trigger: StepRecord) => Promise<StepsRun>;
  turnOff: (zap: Zap) => Promise<void>;
  /** Waits until every delivery received so far has been worked off. */
  settled: () => Promise<void>;
  /** Runs one of the app's functions, refreshing the token once where it has expired. */
  call: (method: string, bundle: Record<string, unknown>) => Promise<unknown>;
  authData: Readonly<Record<string, string>>;
  /** What the app's `z.cache` talks to. */
  cache: CacheServer;
  logs: readonly string[];
  stop: () => Promise<void>;
}

export interface RunnerOptions {
  /** A project folder with dist/index.js, or an unpacked build.zip. */
  appFolder: string;
  entry?: 'bundle' | 'wrapper';
  /** The Attro to connect to, from which the app's environment on Zapier is made. */
  attro: { baseUrl: string; clientId: string; clientSecret: string };
  /** Where the authorization page sends the user back to. */
  redirectUri: string;
}

/** What a Zap's run needs of the definition. */
interface Definition {
  searchOrCreates: SearchOrCreates;
}

/** Zapier hands headers over with a prefix and in Camel-Case: `Http-X-Attro-Signature`. */
function zapierHeaders(request: IncomingMessage): Record<string, string> {
  const camelCase = (name: string): string =>
    name.replace(/[^-]+/g, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      `Http-${camelCase(name)}`,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function parseIfJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}

/** Starts the app in a process of its own and a server for the hook URLs on a free port. */
export async function startZapierRunner(options: RunnerOptions): Promise<ZapierRunner> {
  const app: AppProcess = await startAppProcess(options.appFolder, options.entry);
  const cache = await startCacheServer();
  const {
    baseUrl: ATTRO_BASE_URL,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
  } = options.attro;
  const environment = { ATTRO_BASE_URL, CLIENT_ID, CLIENT_SECRET };
  const authData: Record<string, string> = {};
  const zaps = new Map<string, Zap>();
  const working = new Set<Promise<void>>();

  const execute = (method: string, bundle: Record<string, unknown>): Promise<unknown> =>
    app.call({
      command: 'execute',
      method,
      environment,
      ...cache.eventFields(),
      bundle: { inputData: {}, meta: {}, ...bundle, authData },
    });

  const call: ZapierRunner['call'] = async (method, bundle) => {
    try {
      return await execute(method, bundle);
    } catch (error) {
      if (!(error instanceof AppCallError) || error.name !== 'RefreshAuthError') throw error;
      const fresh = await execute('authentication.oauth2Config.refreshAccessToken', {});
      Object.assign(authData, fresh);
      return execute(method, bundle);
    }
  };

  const runZap: ZapierRunner['runSteps'] = async (steps, trigger) => {
    if (steps.length === 0) return { given: { trigger } };
    const definition = (await app.call({ command: 'definition' })) as Definition;
    return runSteps(call, definition.searchOrCreates, steps, trigger);
  };

  const operation = (zap: Zap, name: string, bundle: Record<string, unknown>): Promise<unknown> =>
    call(`triggers.${zap.triggerKey}.operation.${name}`, {
      inputData: zap.inputData,
      subscribeData: zap.subscribeData,
      targetUrl: zap.hookUrl,
      ...bundle,
    });

  const receive = async (zap: Zap, request: IncomingMessage, content: string): Promise<void> => {
    const headers = zapierHeaders(request);
    try {
      const records = (await operation(zap, 'perform', {
        rawRequest: { method: 'POST', querystring: '', headers, content },
        cleanedRequest: parseIfJson(content),
      })) as Record<string, unknown>[];
      const steps = await Promise.all(records.map((record) => runZap(zap.steps, record)));
      zap.runs.push({ records, steps });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      zap.runs.push({ records: [], steps: [], error: message });
    }
  };

  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const content = (await buffer(request)).toString('utf8');
    const zap = zaps.get(request.url?.split('/').at(-1) ?? '');
    if (!zap?.isOn) {
      response.writeHead(410).end();
      return;
    }
    // Zapier acknowledges a hook before the trigger's code sees it.
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"success"}');
    const work = receive(zap, request, content);
    working.add(work);
    await work;
    working.delete(work);
  };

  const server = createServer((request, response) => {
    onRequest(request, response).catch(() => response.writeHead(500).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    authData,
    cache,
    logs: app.logs,
    call,
    connect: async () => {
      const attempt = newLoginAttempt(options.redirectUri);
      const { redirectUri: redirect_uri, state, codeVerifier: code_verifier } = attempt;
      const page = await execute('authentication.oauth2Config.authorizeUrl', {
        inputData: { redirect_uri, state },
      });
      const code = await signIn(withPkce(String(page), attempt), attempt);
      const tokens = await execute('authentication.oauth2Config.getAccessToken', {
        inputData: { code, redirect_uri, state, code_verifier },
      });
      Object.assign(authData, tokens);
      const account = await call('authentication.test', {});
      return String(await execute('authentication.connectionLabel', { inputData: account }));
    },
    listRecords: async (triggerKey, inputData = {}) =>
      (await call(`triggers.${triggerKey}.operation.performList`, {
        inputData,
        meta: { isLoadingSample: true },
      })) as Record<string, unknown>[],
    runSteps: runZap,
    turnOn: async (triggerKey, inputData = {}, steps = []) => {
      const id = randomUUID();
      const hookUrl = `http://127.0.0.1:${port}/hooks/standard/${id}`;
      const zap: Zap = {
        id,
        triggerKey,
        inputData,
        steps,
        hookUrl,
        subscribeData: {},
        isOn: false,
        runs: [],
      };
      const stored = await operation(zap, 'performSubscribe', {});
      zap.subscribeData = stored as Record<string, unknown>;
      zap.isOn = true;
      zaps.set(id, zap);
      return zap;
    },
    turnOff: async (zap) => {
      zap.isOn = false;
      await operation(zap, 'performUnsubscribe', {});
    },
    settled: async () => {
      await Promise.all(working);
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await app.stop();
      await cache.close();
    },
  };
}
