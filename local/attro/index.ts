import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { parse } from 'yaml';

import { DELIVERY_TIMEOUT_SECONDS, RETRY_DELAYS_SECONDS } from '../../attro/contract.ts';
import type { EventName } from '../../attro/contract.ts';
import { createApi, createAskApi, createRouter } from './api.ts';
import type { Description, Router } from './api.ts';
import { createApp } from './app.ts';
import { RequestLog } from './control.ts';
import type { EmitOptions, LoggedRequest } from './control.ts';
import { Database } from './database.ts';
import { Faults } from './faults.ts';
import type { FaultRuleInput } from './faults.ts';
import { CLI_REDIRECT_URI, createOauth, SCOPE } from './oauth/server.ts';
import { deliveryPages } from './pages/deliveries.ts';
import { sendPages } from './pages/send.ts';
import { webhookPages } from './pages/webhooks.ts';
import { Records } from './records/records.ts';
import { seedOf } from './records/seed.ts';
import { createWrites } from './records/writes.ts';
import { Deliveries } from './webhooks/deliveries.ts';
import type { AttemptReport, Delivery } from './webhooks/deliveries.ts';
import { Endpoints } from './webhooks/endpoints.ts';
import type { Endpoint } from './webhooks/endpoints.ts';
import { eventBody, sampleBody } from './webhooks/event-body.ts';

export { EVENT_NAMES } from '../../attro/contract.ts';
export type { EventName } from '../../attro/contract.ts';
export type { EmitOptions, LoggedRequest } from './control.ts';
export type { FaultRuleInput } from './faults.ts';
export type { AttemptReport, Delivery } from './webhooks/deliveries.ts';
export type { Endpoint } from './webhooks/endpoints.ts';

const HOST = '127.0.0.1';

let router: Promise<Router> | undefined;

/** Reads the description once for all sandboxes of a process: that takes longer than the rest of a start. */
function readContract(): Promise<Router> {
  const file = new URL('../../attro/openapi.yaml', import.meta.url);
  return (router ??= createRouter(parse(readFileSync(file, 'utf8')) as Description));
}

export interface SandboxOptions {
  /** Default: a free one. */
  port?: number;
  /** Where everything is kept; without it, in memory. */
  dataFolder?: string;
  /** Divides the delays before an attempt is made again, and nothing else; default 1. */
  speed?: number;
  /**
   * Where OAuth2 codes may be sent, beside the address of the Zapier CLI. `http:` is for loopback
   * addresses only, and their port does not matter; `https:` addresses must match exactly. Default
   * `http://127.0.0.1/callback`.
   */
  redirectUris?: string[];
  /** Whole seconds, at least 1; default 3600. */
  accessTokenSeconds?: number;
  /** How long a receiver may take, in milliseconds; default: the guide's 30 seconds. */
  deliveryTimeoutMs?: number;
  /** Which records there are to begin with: the same for the same number, or none. Default 0. */
  seed?: number | 'empty';
  /** After how many seconds a subscription ends, as its `expires_at` says; default: never. */
  subscriptionSeconds?: number;
  /** The time, in milliseconds of the epoch; default: that of the system. */
  clock?: () => number;
  /** Told of every attempt to deliver. */
  onAttempt?: (report: AttemptReport) => void;
}

/** What became of a delivery to one endpoint, and what was sent. */
export interface DeliveryResult extends Pick<Delivery, 'id' | 'status' | 'attempts'> {
  webhook_id: string;
  event: EventName;
  /** The very text that was sent. */
  body: string;
  /** `sha256=<hex>`, as it was sent. */
  signature: string;
}

/** A running local Attro. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT`. */
  baseUrl: string;
  /** The same at every start with the same data folder, like `clientSecret` and `apiKey`. */
  clientId: string;
  clientSecret: string;
  /** May do everything, as a bearer token. */
  apiKey: string;
  /** All permissions, as the `scope` parameter of an authorization names them. */
  scope: string;
  /** All endpoints, oldest first, without their secrets. */
  subscriptions(): readonly Endpoint[];
  /**
   * Has an event happen now: its sample, or that with other fields, goes to every active endpoint that
   * chose it.
   *
   * @returns one result a delivery, once no further attempt follows or the sandbox is closed.
   */
  emit(event: EventName, options?: EmitOptions): Promise<DeliveryResult[]>;
  /** Waits until no delivery is left to send, those that writes have caused included. */
  settled(): Promise<void>;
  /** What was received of late under `/api` and on `/oauth/token`, without tokens or secrets. */
  requests(): readonly LoggedRequest[];
  /** Has something go wrong with the next matching requests, before any check of their token. */
  failNext(rule: FaultRuleInput): void;
  /** Makes every access token issued so far invalid; refresh tokens still work. */
  revokeTokens(): void;
  /** Makes every refresh token issued so far invalid: `invalid_grant`. */
  revokeRefreshTokens(): void;
  /**
   * Stops the server and what is being delivered.
   *
   * @param finish waits for the attempts that are under way.
   */
  close(finish?: boolean): Promise<void>;
}

/** Waits until the server listens, and tells its address. */
async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, HOST, resolve);
  });
  return `http://${HOST}:${(server.address() as AddressInfo).port}`;
}

/**
 * Starts a local Attro on 127.0.0.1: OAuth2, the API of `attro/openapi.yaml` and webhook deliveries,
 * all over real HTTP.
 *
 * @throws {DataFolderError} when the folder cannot be used.
 * @throws when the port is taken, or a redirect URI is not allowed.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const database = new Database(options.dataFolder);
  const app = Promise.withResolvers<RequestListener>();
  const server = createServer((request, response) => {
    void app.promise.then((answer) => {
      answer(request, response);
    });
  });
  try {
    // The authorization server has to know its own address, so the port comes first, and requests may
    // come before there is anything to answer them.
    const baseUrl = await listen(server, options.port ?? 0);
    return await serve(server, app.resolve, baseUrl, database, options);
  } catch (error) {
    server.close();
    server.closeAllConnections();
    database.close();
    throw error;
  }
}

/** The times of events, of which no two are the same: that is how copies are told from new events. */
function timesOfEvents(clock: () => number): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, clock());
    return new Date(last).toISOString();
  };
}

/** Puts a local Attro on a server that listens already. */
async function serve(
  server: Server,
  answerWith: (app: RequestListener) => void,
  baseUrl: string,
  database: Database,
  options: SandboxOptions,
): Promise<Sandbox> {
  const { speed = 1, seed = 0, subscriptionSeconds, clock = Date.now } = options;
  const { redirectUris = [`http://${HOST}/callback`] } = options;
  const stopping = new AbortController();
  const now = timesOfEvents(clock);
  const apiKey = database.setting('api_key', () => `sk_test_${randomBytes(24).toString('hex')}`);
  const log = new RequestLog();
  const faults = new Faults();
  const lifetimeMs = subscriptionSeconds === undefined ? undefined : subscriptionSeconds * 1000;
  const endpoints = new Endpoints(database, lifetimeMs, clock);
  const deliveries = new Deliveries(database, endpoints, {
    retryDelaysMs: RETRY_DELAYS_SECONDS.map((seconds) => Math.round((seconds * 1000) / speed)),
    timeoutMs: options.deliveryTimeoutMs ?? DELIVERY_TIMEOUT_SECONDS * 1000,
    clock,
    onAttempt: options.onAttempt ?? (() => undefined),
  });
  const records = new Records(database, seed === 'empty' ? {} : seedOf(seed));
  const oauth = await createOauth({
    ...{ baseUrl, database, clock },
    redirectUris: [...new Set([CLI_REDIRECT_URI, ...redirectUris])],
    accessTokenSeconds: options.accessTokenSeconds ?? 3600,
    onTokenRequest: (request, parameters) => {
      log.addBody(request, parameters);
    },
  });
  const emit = (event: EventName, { data, ...rest }: EmitOptions) =>
    deliveries.send({ event, body: sampleBody(event, now(), data), ...rest });
  const api = createApi(await readContract(), {
    ...{ records, endpoints, deliveries },
    writes: createWrites({
      ...{ database, records, baseUrl, clock },
      emit: (event, data) => {
        deliveries.send({ event, body: eventBody(event, now(), data) });
      },
    }),
    sendTest: (id, event) => deliveries.sendToOne(id, { event, body: sampleBody(event, now()) }),
    isApiKey: (token) => token === apiKey,
    scopesOf: (token) => oauth.scopesOf(token),
  });
  const ask = createAskApi(api, apiKey);
  const pages = [
    webhookPages(ask),
    deliveryPages(ask, deliveries),
    sendPages(ask, deliveries, now),
  ];
  const close = async (finish: boolean): Promise<void> => {
    stopping.abort();
    await deliveries.stop(finish);
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    database.close();
  };
  let closed: Promise<void> | undefined;
  const parts = { baseUrl, api, oauth, pages, log, faults, emit, stopping: stopping.signal };
  answerWith(createApp(parts));
  deliveries.start();

  return {
    ...{ baseUrl, apiKey, scope: SCOPE },
    ...{ clientId: oauth.clientId, clientSecret: oauth.clientSecret },
    subscriptions: () => [...endpoints.newestFirst()].reverse(),
    async emit(event, emitOptions = {}) {
      const sent = emit(event, emitOptions).map((each) => ({
        ...each,
        ...(deliveries.contentOf(each.id) ?? { body: '', signature: '' }),
      }));
      const results: DeliveryResult[] = [];
      for (const each of sent) {
        const { status = 'failed', attempts = [] } =
          (await deliveries.finished(each.webhook_id, each.id)) ?? {};
        results.push({ ...each, event, status, attempts });
      }
      return results;
    },
    settled: () => deliveries.settled(),
    requests: () => log.list(),
    failNext(rule) {
      faults.add(rule);
    },
    revokeTokens() {
      oauth.revoke('AccessToken');
    },
    revokeRefreshTokens() {
      oauth.revoke('RefreshToken');
    },
    close: (finish = false) => (closed ??= close(finish)),
  };
}
