import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createApi } from './api.ts';
import { createApp } from './app.ts';
import { createDeliveries } from './deliveries.ts';
import type { DeliveryResult, EmitOptions } from './deliveries.ts';
import { createOauth, SCOPE } from './oauth.ts';
import { createFormGuard } from './pages/form-guard.ts';
import { PlannedAnswers } from './planned-answers.ts';
import type { PlannedAnswer } from './planned-answers.ts';
import { noRecords, seededRecords } from './records.ts';
import { RequestLog } from './request-log.ts';
import type { LoggedRequest } from './request-log.ts';
import { DELIVERY_TIMEOUT_SECONDS, RETRY_DELAYS_SECONDS } from '../../attro/contract.ts';
import type { EventName } from '../../attro/contract.ts';
import { Subscriptions } from './subscriptions.ts';
import type { Subscription } from './subscriptions.ts';

export type { DeliveryAttempt, DeliveryResult, EmitOptions } from './deliveries.ts';
export type { PlannedAnswer } from './planned-answers.ts';
export type { LoggedRequest } from './request-log.ts';
export { EVENT_NAMES } from '../../attro/contract.ts';
export { isEventName } from './sample-deliveries.ts';
export type { EventName } from '../../attro/contract.ts';
export type { Subscription } from './subscriptions.ts';

const HOST = '127.0.0.1';

const GUIDE_RETRY_DELAYS_MS = RETRY_DELAYS_SECONDS.map((seconds) => seconds * 1000);
const GUIDE_TIMEOUT_MS = DELIVERY_TIMEOUT_SECONDS * 1000;

export interface SandboxOptions {
  /** Default: a free one. */
  port?: number;
  /**
   * Where OAuth2 codes may be sent. `http:` is for loopback addresses only, and their port does not
   * matter; `https:` addresses must match exactly. Default `http://127.0.0.1/callback`.
   */
  redirectUris?: string[];
  /** Whole seconds, at least 1; default 3600. */
  accessTokenSeconds?: number;
  /** Milliseconds to wait before each try to deliver; default: the guide's schedule. */
  retryDelaysMs?: readonly number[];
  /** How long a receiver may take, in milliseconds; default 30 000. */
  deliveryTimeoutMs?: number;
  /** What the lists hold; default `seeded`. */
  records?: 'seeded' | 'empty';
}

/** A running local Attro. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT`. */
  baseUrl: string;
  /** Fresh at every start, like `clientSecret`. */
  clientId: string;
  clientSecret: string;
  /** All permissions, as the `scope` parameter of an authorization names them. */
  scope: string;
  /** All subscriptions, oldest first, without their secrets. */
  subscriptions(): readonly Subscription[];
  /** Sends an event's sample to its active subscriptions; see {@link EmitOptions}. */
  emit(event: EventName, options?: EmitOptions): Promise<DeliveryResult[]>;
  /** Sends the same bytes and headers of a delivery once more. */
  redeliver(result: DeliveryResult): Promise<DeliveryResult>;
  /** What was received under `/api` and on `/oauth/token`, without tokens or secrets. */
  requests(): readonly LoggedRequest[];
  /** Answers the next matching requests otherwise, before any check of their token. */
  failNext(rule: PlannedAnswer): void;
  /** Makes every access token issued so far invalid; refresh tokens still work. */
  revokeTokens(): void;
  /** Makes every refresh token issued so far invalid: `invalid_grant`. */
  revokeRefreshTokens(): void;
  /** Stops the server and what is being delivered. */
  close(): Promise<void>;
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
 * all over real HTTP and in memory.
 *
 * @throws when the port is taken, or a redirect URI is not allowed.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const server = createServer();
  // The authorization server has to know its own address, so the port comes first.
  const baseUrl = await listen(server, options.port ?? 0);
  try {
    return await serve(server, baseUrl, options);
  } catch (error) {
    server.close();
    throw error;
  }
}

/** Puts a local Attro on a server that listens already. */
async function serve(server: Server, baseUrl: string, options: SandboxOptions): Promise<Sandbox> {
  const stopping = new AbortController();
  const log = new RequestLog();
  const planned = new PlannedAnswers();
  const subscriptions = new Subscriptions();
  const deliveries = createDeliveries(subscriptions, {
    retryDelaysMs: options.retryDelaysMs ?? GUIDE_RETRY_DELAYS_MS,
    timeoutMs: options.deliveryTimeoutMs ?? GUIDE_TIMEOUT_MS,
    stopping: stopping.signal,
  });
  const formGuard = createFormGuard();
  const oauth = await createOauth({
    baseUrl,
    formGuard,
    redirectUris: options.redirectUris ?? [`http://${HOST}/callback`],
    accessTokenSeconds: options.accessTokenSeconds ?? 3600,
    onTokenRequest: (request, parameters) => {
      log.addBody(request, parameters);
    },
  });
  const api = await createApi({
    records: options.records === 'empty' ? noRecords() : seededRecords(),
    subscriptions,
    scopesOf: (token) => oauth.scopesOf(token),
  });
  server.on('request', createApp({ api, oauth, log, planned, stopping: stopping.signal }));

  return {
    baseUrl,
    clientId: oauth.clientId,
    clientSecret: oauth.clientSecret,
    scope: SCOPE,
    subscriptions: () => subscriptions.list(),
    emit: (event, emitOptions) => deliveries.emit(event, emitOptions),
    redeliver: (result) => deliveries.redeliver(result),
    requests: () => log.list(),
    failNext(rule) {
      planned.add(rule);
    },
    revokeTokens() {
      oauth.revokeAccessTokens();
    },
    revokeRefreshTokens() {
      oauth.revokeRefreshTokens();
    },
    async close() {
      stopping.abort();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}
