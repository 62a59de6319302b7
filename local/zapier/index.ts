import { randomUUID } from 'node:crypto';
import { AppCallError, type App } from './app.ts';
import { startCacheServer } from './cache-rpc.ts';
import { REAL_CLOCK, type Clock } from './clock.ts';
import { createConnection, type Connection } from './connection.ts';
import { stepOf, type Definition, type StepKind } from './definition.ts';
import { loadChoices, offeredSearch } from './editor.ts';
import { startHookServer, type HookPlace, type ReceivedHook } from './hook-server.ts';
import { inputDataFor, type Filled } from './input-data.ts';
import { callTool, runSteps, type StepRecord, type StepsRun, type ZapStep } from './zap-steps.ts';

export { REDIRECT_URI } from './oauth-login.ts';

/**
 * A small stand-in for Zapier: it connects an account, holds Zaps with real hook URLs and runs their
 * triggers in the app through the platform's own handler. It does what the app's definition asks for and
 * nothing else, and holds only Zaps that REST hooks start.
 *
 * Not imitated: that Zapier turns a Zap off after too many errors (how many is not said for triggers), and
 * that held runs can be replayed.
 */

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
  /**
   * `paused` is what its owner sees of a Zap whose hook URL was sent a `DELETE`, the "reverse unsubscribe"
   * that Zapier documents. In which words it is told is unknown.
   */
  state: 'off' | 'on' | 'paused';
  /** Oldest first; stays empty where the runner was given `onRun`. */
  runs: ZapRun[];
}

export type ZapierRunner = Awaited<ReturnType<typeof startZapierRunner>>;

export interface RunnerOptions {
  /** Stopped with the runner. */
  app: App;
  /** The Attro to connect to, from which the app's environment on Zapier is made. */
  attro: { baseUrl: string; clientId: string; clientSecret: string };
  /** What connecting has given already; default: nothing, as nobody has connected. */
  authData?: Connection['authData'];
  /** Where Zaps have their hook URLs; default: a free port of this machine. */
  hooks?: HookPlace;
  /** Told of each run. Then the runner keeps none. */
  onRun?: (zap: Zap, run: ZapRun) => void;
  /** By which a throttled trigger is put off and a call takes too long. */
  clock?: Clock;
}

/** How long a call of the app may take. */
const TIME_LIMIT_MS = 30_000;

/** What Zapier tells a user of a call that took too long. What the app does meanwhile goes on. */
const TIMED_OUT = new AppCallError(
  'TimeoutError',
  'The app did not respond in-time. It may or may not have completed successfully.',
);

/** The longest that a timer of Node waits. */
const MAX_TIMER_MS = 2 ** 31 - 1;

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

/** Starts a server for the hook URLs and one for the cache, each on a free port. */
export async function startZapierRunner(options: RunnerOptions) {
  const { app, attro, clock = REAL_CLOCK } = options;
  const onRun = options.onRun ?? ((zap, run) => zap.runs.push(run));
  const definition = (await app.call({ command: 'definition' })) as Definition;
  const cache = await startCacheServer(clock.now);
  const eventFields = cache.eventFields();
  const environment = {
    ...eventFields.environment,
    ATTRO_BASE_URL: attro.baseUrl,
    CLIENT_ID: attro.clientId,
    CLIENT_SECRET: attro.clientSecret,
  };
  const zaps = new Map<string, Zap>();
  const stopping = new AbortController();

  const execute = async (
    authData: Connection['authData'],
    method: string,
    bundle: Record<string, unknown>,
  ): Promise<unknown> => {
    const answered = new AbortController();
    const late = clock.wait(TIME_LIMIT_MS, answered.signal).then(() => Promise.reject(TIMED_OUT));
    const answer = app.call({
      ...eventFields,
      command: 'execute',
      method,
      environment,
      bundle: { inputData: {}, meta: {}, ...bundle, authData },
    });
    return Promise.race([answer, late]).finally(() => {
      answered.abort();
    });
  };
  const connection = createConnection(definition, execute, options.authData);
  const { call } = connection;

  /** A trigger and its inputs, as Zapier looks at them before it calls the app. */
  const triggerOf = (key: string, inputs: Filled) => {
    const trigger = stepOf(definition, 'triggers', key);
    return { ...trigger.operation, inputData: inputDataFor(trigger, inputs) };
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
      await clock.wait(seconds * 1000, stopping.signal);
      return (await operate(zap, 'perform', bundle)) as Record<string, unknown>[];
    }
  };

  /** Runs search and action steps with a record, as a Zap does that another app has triggered. */
  const runZap = (steps: readonly ZapStep[], trigger: StepRecord): Promise<StepsRun> =>
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

  /** Turns a Zap on again that is off or paused: it subscribes anew, with the same hook URL. */
  const turnOnAgain = async (zap: Zap): Promise<void> => {
    const { type, performSubscribe } = triggerOf(zap.triggerKey, zap.inputs);
    if (type !== 'hook' || performSubscribe === undefined) {
      throw new Error(`${zap.triggerKey} is no REST hook that subscribes.`);
    }
    const subscribed = (await operate(zap, 'performSubscribe')) as Zap['subscribeData'];
    zap.subscribeData = subscribed;
    zap.state = 'on';
    void renewed(zap).catch(() => undefined);
  };

  /**
   * Subscribes anew at the `expiration_date` that subscribing has returned, which Zapier documents. Unknown,
   * and so assumed: that it does not unsubscribe before, and that a failure leaves what was stored.
   */
  const renewed = async (zap: Zap): Promise<void> => {
    const { subscribeData } = zap;
    const expiresAt = Date.parse(String(subscribeData['expiration_date']));
    // None, or one that would have it subscribe without end.
    if (!(expiresAt > clock.now())) return;
    while (clock.now() < expiresAt) {
      await clock.wait(Math.min(expiresAt - clock.now(), MAX_TIMER_MS), stopping.signal);
    }
    if (zap.state === 'on' && zap.subscribeData === subscribeData) await turnOnAgain(zap);
  };

  const hooks = await startHookServer(
    (zapId) => zaps.get(zapId)?.state === 'on',
    async (hook) => {
      const zap = zaps.get(hook.zapId);
      if (!zap) return;
      // Unknown: with which status Zapier answers, and whether it unsubscribes as well. Here it does not, as
      // the other side has ended the subscription.
      if (hook.method === 'DELETE') zap.state = 'paused';
      else onRun(zap, await runOf(zap, hook));
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
    /** What the app's `z.cache` talks to. */
    cache,
    /** What Attro's deliveries arrive at. */
    hooks,
    logs: app.logs,
    /** Runs one of the app's functions for the connection. */
    call,
    connect: connection.connect,
    /** What the editor's test of a trigger shows. */
    listRecords: async (key: string, inputs: Filled = {}): Promise<Record<string, unknown>[]> => {
      const { performList, inputData } = triggerOf(key, inputs);
      if (performList === undefined) throw new Error(`${key} has no performList.`);
      const bundle = { inputData, meta: { isLoadingSample: true } };
      const listed = await call(`triggers.${key}.operation.performList`, bundle);
      return listed as Record<string, unknown>[];
    },
    /** What the dropdown of an input shows. */
    loadChoices: (kind: StepKind, key: string, input: string) =>
      loadChoices(definition, call, kind, key, input),
    /** The search step that the editor offers for an input. */
    offeredSearch: (kind: StepKind, key: string, input: string) =>
      offeredSearch(definition, kind, key, input),
    runSteps: runZap,
    /** Uses a search or an action by its label, as an AI agent does; see `callTool`. */
    callTool: (label: string, texts: Readonly<Record<string, string>>) =>
      callTool(definition, call, label, texts),
    turnOn: async (
      triggerKey: string,
      inputs: Filled = {},
      steps: readonly ZapStep[] = [],
    ): Promise<Zap> => {
      const id = randomUUID();
      const hookUrl = hooks.urlOf(id);
      const subscribeData = {};
      const zap: Zap = {
        ...{ id, triggerKey, inputs, steps, hookUrl, subscribeData },
        ...{ state: 'off', runs: [] },
      };
      await turnOnAgain(zap);
      zaps.set(id, zap);
      return zap;
    },
    turnOnAgain,
    turnOff: async (zap: Zap): Promise<void> => {
      zap.state = 'off';
      const { performUnsubscribe } = triggerOf(zap.triggerKey, zap.inputs);
      if (performUnsubscribe !== undefined) await operate(zap, 'performUnsubscribe');
    },
    /** Waits until every delivery received so far has been worked off. */
    settled: hooks.settled,
    stop: async (): Promise<void> => {
      stopping.abort();
      await hooks.close();
      await app.stop();
      await cache.close();
    },
  };
}
