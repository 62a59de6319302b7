import { randomUUID } from 'node:crypto';
import { setTimeout as waitMs } from 'node:timers/promises';
import { AppCallError, startAppProcess, type AppProcess } from './app-process.ts';
import { startCacheServer, type CacheServer } from './cache-rpc.ts';
import { createConnection, type Call, type Connection } from './connection.ts';
import { stepOf, type Definition, type StepKind } from './definition.ts';
import { loadChoices, offeredSearch, type Choice, type OfferedSearch } from './editor.ts';
import {
  startHookServer,
  type HookPlace,
  type HookServer,
  type ReceivedHook,
} from './hook-server.ts';
import { inputDataFor, type Filled } from './input-data.ts';
import { runSteps, type StepRecord, type StepsRun, type ZapStep } from './zap-steps.ts';

/**
 * A small stand-in for Zapier: it connects an account, holds Zaps with real hook URLs and runs their
 * triggers in the built app through the platform's own handler. It does what the app's definition asks
 * for and nothing else, and holds only Zaps that REST hooks start.
 *
 * Not imitated: that Zapier turns a Zap off after too many errors (how many is not said for triggers), and
 * that held runs can be replayed.
 */

/** Where users are sent back to. Nothing listens there: whoever agrees in the user's place reads the address. */
export const REDIRECT_URI = 'http://127.0.0.1:4433/oauth/return';

/** What a Zap's trigger made of one delivery. */
export interface ZapRun {
  received: ReceivedHook;
  /** Each of them runs the Zap once. Empty where the trigger left the delivery out. */
  records: Record<string, unknown>[];
  /** What became of the Zap's further steps, for each of those records. */
  steps: StepsRun[];
  /** The error that the trigger ended with. */
  error?: string;
}

export interface Zap {
  id: string;
  triggerKey: string;
  /** What is filled in at the trigger. */
  inputs: Filled;
  /** What the Zap does with each record. */
  steps: readonly ZapStep[];
  hookUrl: string;
  /** What subscribing returned, as Zapier stores it. */
  subscribeData: Record<string, unknown>;
  isOn: boolean;
  /** Oldest first; stays empty where the runner was given `onRun`. */
  runs: ZapRun[];
}

export interface ZapierRunner {
  /** The connection's label, once connected. */
  connect: Connection['connect'];
  /** What the editor's test of a trigger shows. */
  listRecords: (triggerKey: string, inputs?: Filled) => Promise<Record<string, unknown>[]>;
  /** What the dropdown of an input shows. */
  loadChoices: (kind: StepKind, key: string, input: string) => Promise<Choice[]>;
  /** The search step that the editor offers for an input. */
  offeredSearch: (kind: StepKind, key: string, input: string) => OfferedSearch;
  turnOn: (triggerKey: string, inputs?: Filled, steps?: readonly ZapStep[]) => Promise<Zap>;
  /** Runs search and action steps with a record, as a Zap does that another app has triggered. */
  runSteps: (steps: readonly ZapStep[], trigger: StepRecord) => Promise<StepsRun>;
  turnOff: (zap: Zap) => Promise<void>;
  /** Waits until every delivery received so far has been worked off. */
  settled: HookServer['settled'];
  /** Runs one of the app's functions for the connection. */
  call: Call;
  readonly authData: Connection['authData'];
  /** The id of the process in which the app runs. */
  appPid: number;
  /** What the app's `z.cache` talks to. */
  cache: CacheServer;
  /** What Attro's deliveries arrive at. */
  hooks: Pick<HookServer, 'misbehave'>;
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
  /** What connecting has given already; default: nothing, as nobody has connected. */
  authData?: Connection['authData'];
  /** Where Zaps have their hook URLs; default: a free port of this machine. */
  hooks?: HookPlace;
  /** Told of each run. Then the runner keeps none. */
  onRun?: (zap: Zap, run: ZapRun) => void;
  /** How long a call of the app may take, in milliseconds; default: Zapier's 30 s. */
  timeLimitMs?: number;
  /** Waits for a throttled trigger, in seconds; default: in real time. */
  wait?: (seconds: number) => Promise<void>;
}

/** The longest that Zapier puts off a throttled trigger, in seconds. */
const MAX_THROTTLED_SECONDS = 300;

/** How long it does without being told, in seconds. Assumption: as it is for requests. */
const USUAL_THROTTLED_SECONDS = 60;

/** Zapier hands headers over with a prefix and in Camel-Case: `Http-X-Attro-Signature`. */
function zapierHeaders(headers: ReceivedHook['headers']): Record<string, string> {
  const camelCase = (name: string): string =>
    name.replace(/[^-]+/g, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [`Http-${camelCase(name)}`, value]),
  );
}

function parseIfJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}

/** How long a throttled trigger is put off, in seconds; null for an error that is not tried again. */
function throttledFor(error: unknown): number | null {
  if (!(error instanceof AppCallError) || error.name !== 'ThrottledError') return null;
  const { delay } = JSON.parse(error.message) as { delay?: number | null };
  return Math.min(delay ?? USUAL_THROTTLED_SECONDS, MAX_THROTTLED_SECONDS);
}

/** Starts the app in a process of its own and a server for the hook URLs on a free port. */
export async function startZapierRunner(options: RunnerOptions): Promise<ZapierRunner> {
  const app: AppProcess = await startAppProcess(options.appFolder, options.entry);
  const definition = (await app.call({ command: 'definition' })) as Definition;
  const cache = await startCacheServer();
  const {
    baseUrl: ATTRO_BASE_URL,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
  } = options.attro;
  const environment = { ATTRO_BASE_URL, CLIENT_ID, CLIENT_SECRET };
  const zaps = new Map<string, Zap>();
  const stopping = new AbortController();
  const { timeLimitMs = 30_000, wait = waitReally } = options;

  function waitReally(seconds: number): Promise<void> {
    return waitMs(seconds * 1000, undefined, { signal: stopping.signal });
  }

  const execute = (
    authData: Connection['authData'],
    method: string,
    bundle: Record<string, unknown>,
  ): Promise<unknown> =>
    app.call(
      {
        command: 'execute',
        method,
        environment,
        ...cache.eventFields(),
        bundle: { inputData: {}, meta: {}, ...bundle, authData },
      },
      timeLimitMs,
    );
  const connection = createConnection(definition, execute, options.redirectUri, options.authData);
  const { call } = connection;

  /** A trigger and its inputs, as Zapier looks at them before it calls the app. */
  const triggerOf = (key: string, inputs: Filled) => {
    const trigger = stepOf(definition, 'triggers', key);
    return { ...trigger.operation, inputData: inputDataFor(definition, trigger, inputs) };
  };

  const operate = (
    zap: Zap,
    name: string,
    bundle: Record<string, unknown> = {},
  ): Promise<unknown> =>
    call(`triggers.${zap.triggerKey}.operation.${name}`, {
      inputData: triggerOf(zap.triggerKey, zap.inputs).inputData,
      subscribeData: zap.subscribeData,
      targetUrl: zap.hookUrl,
      meta: { zap: { id: zap.id } },
      ...bundle,
    });

  /** Zapier tries a throttled trigger once more, after its delay, and one with another error never. */
  const perform = async (zap: Zap, hook: ReceivedHook): Promise<Record<string, unknown>[]> => {
    const { method, querystring, content, headers } = hook;
    const bundle = {
      rawRequest: { method, querystring, headers: zapierHeaders(headers), content },
      cleanedRequest: parseIfJson(content),
    };
    try {
      return (await operate(zap, 'perform', bundle)) as Record<string, unknown>[];
    } catch (error) {
      const seconds = throttledFor(error);
      if (seconds === null) throw error;
      await wait(seconds);
      return (await operate(zap, 'perform', bundle)) as Record<string, unknown>[];
    }
  };

  const runZap: ZapierRunner['runSteps'] = (steps, trigger) =>
    runSteps(definition, call, steps, trigger);

  const runOf = async (zap: Zap, received: ReceivedHook): Promise<ZapRun> => {
    try {
      const records = await perform(zap, received);
      const steps = await Promise.all(records.map((record) => runZap(zap.steps, record)));
      return { received, records, steps };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { received, records: [], steps: [], error: message };
    }
  };

  const onRun = options.onRun ?? ((zap: Zap, run: ZapRun) => zap.runs.push(run));
  const hooks = await startHookServer(
    (zapId) => zaps.get(zapId)?.isOn ?? false,
    async (hook) => {
      const zap = zaps.get(hook.zapId);
      if (zap) onRun(zap, await runOf(zap, hook));
    },
    options.hooks,
  ).catch(async (error: unknown) => {
    await app.stop();
    await cache.close();
    throw error;
  });

  return {
    get authData() {
      return connection.authData;
    },
    appPid: app.pid,
    cache,
    hooks,
    logs: app.logs,
    call,
    connect: connection.connect,
    listRecords: async (triggerKey, inputs = {}) => {
      const { performList, inputData } = triggerOf(triggerKey, inputs);
      if (performList === undefined) throw new Error(`${triggerKey} has no performList.`);
      const listed = await call(`triggers.${triggerKey}.operation.performList`, {
        inputData,
        meta: { isLoadingSample: true },
      });
      return listed as Record<string, unknown>[];
    },
    loadChoices: (kind, key, input) => loadChoices(definition, call, kind, key, input),
    offeredSearch: (kind, key, input) => offeredSearch(definition, kind, key, input),
    runSteps: runZap,
    turnOn: async (triggerKey, inputs = {}, steps = []) => {
      const { type, performSubscribe } = triggerOf(triggerKey, inputs);
      if (type !== 'hook' || performSubscribe === undefined) {
        throw new Error(`${triggerKey} is no REST hook that subscribes.`);
      }
      const id = randomUUID();
      const zap: Zap = {
        id,
        triggerKey,
        inputs,
        steps,
        hookUrl: hooks.urlOf(id),
        subscribeData: {},
        isOn: false,
        runs: [],
      };
      zap.subscribeData = (await operate(zap, 'performSubscribe')) as Record<string, unknown>;
      zap.isOn = true;
      zaps.set(id, zap);
      return zap;
    },
    turnOff: async (zap) => {
      zap.isOn = false;
      const { performUnsubscribe } = triggerOf(zap.triggerKey, zap.inputs);
      if (performUnsubscribe !== undefined) await operate(zap, 'performUnsubscribe');
    },
    settled: hooks.settled,
    stop: async () => {
      stopping.abort();
      await hooks.close();
      await app.stop();
      await cache.close();
    },
  };
}
