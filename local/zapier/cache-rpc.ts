import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import * as zod from 'zod/mini';
import { createCacheStore, type Caller, type CacheStore } from './cache-store.ts';
import type { PlatformEvent } from './platform.ts';

/**
 * Stands in for the server that answers `z.cache` on Zapier. The messages are those that the platform's
 * own client sends and reads (`tools/create-rpc-client.js` of zapier-platform-core).
 *
 * Not published, and so assumed here: that a value without a time to live is kept, and that the token
 * of an event tells which user and which connection a call is for.
 */
export interface CacheServer {
  /** The fields that lead an event's calls here. */
  eventFields: (
    caller?: Caller,
  ) => Required<Pick<PlatformEvent, 'rpc_base' | 'storeKey' | 'token'>>;
  /** Every request so far, the platform's own repetitions included, oldest first. */
  calls: readonly CacheCall[];
  /** What the cache holds, as the platform has written it. */
  entries: CacheStore['entries'];
  /** Decides on each call what goes wrong with it; without an argument, nothing does any more. */
  misbehave: (decide?: (call: CacheCall) => CacheFault | undefined) => void;
  close: () => Promise<void>;
}

export interface CacheCall {
  method: 'zcache_get' | 'zcache_set' | 'zcache_delete';
  key: string;
}

/** What goes wrong with a call. */
export interface CacheFault {
  /** How long the call takes, in milliseconds. */
  delayMs?: number;
  /**
   * What comes in place of the answer: `throttled` is Zapier's own null, `failed` a 500, `dropped` a
   * connection that ends, `nonsense` something that is no answer, `result` one that is not true.
   */
  answer?: 'throttled' | 'failed' | 'dropped' | 'nonsense' | { result: unknown };
  /** Carries the call out all the same, so that only its answer is lost. */
  carriedOut?: boolean;
}

export interface CacheServerOptions {
  /** The time in milliseconds, by which values expire. */
  now?: () => number;
  /** How long every call takes, in milliseconds. */
  latencyMs?: number;
}

const scope = zod.nullish(zod.array(zod.enum(['user', 'auth'])));
const key = zod.string();
const id = zod.union([zod.string(), zod.number()]);

const callSchema = zod.union([
  zod.object({
    id,
    method: zod.enum(['zcache_get', 'zcache_delete']),
    params: zod.tuple([key, scope]),
  }),
  zod.object({
    id,
    method: zod.literal('zcache_set'),
    params: zod.tuple([
      key,
      zod.string(),
      zod.nullable(zod.int()),
      scope,
      zod.nullish(zod.boolean()),
    ]),
  }),
]);

type Call = zod.infer<typeof callSchema>;

const callerSchema = zod.object({ user: zod.string(), connection: zod.string() });

const ANYONE: Caller = { user: 'user-1', connection: 'connection-1' };

function tokenOf(caller: Caller): string {
  return Buffer.from(JSON.stringify(caller)).toString('base64url');
}

function callerOf(request: IncomingMessage): Caller | null {
  const token = String(request.headers['x-token'] ?? '');
  try {
    const told: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return callerSchema.safeParse(told).data ?? null;
  } catch {
    return null;
  }
}

function carryOut(store: CacheStore, caller: Caller, { method, params }: Call): unknown {
  switch (method) {
    case 'zcache_set': {
      const [key, value, ttl, scope, nx] = params;
      return store.set(caller, key, value, ttl, scope ?? null, nx ?? false);
    }
    case 'zcache_get':
      return store.get(caller, params[0], params[1] ?? null);
    case 'zcache_delete':
      return store.delete(caller, params[0], params[1] ?? null);
  }
}

/** Starts the server on a free port of this machine. */
export async function startCacheServer({
  now = Date.now,
  latencyMs = 0,
}: CacheServerOptions = {}): Promise<CacheServer> {
  const store = createCacheStore(now);
  const calls: CacheCall[] = [];
  let decide: (call: CacheCall) => CacheFault | undefined = () => undefined;

  /** The status and body of an answer; null ends the connection without one. */
  const answer = async (request: IncomingMessage): Promise<[number, unknown] | null> => {
    const caller = callerOf(request);
    const call = callSchema.safeParse(await json(request)).data;
    if (!caller) return [401, { error: 'The token is not known.' }];
    if (!call) return [400, { error: 'This is not a call of the cache.' }];

    const told: CacheCall = { method: call.method, key: call.params[0] };
    calls.push(told);
    const { delayMs = 0, answer: wrong, carriedOut = false } = decide(told) ?? {};
    if (latencyMs + delayMs > 0) await wait(latencyMs + delayMs);
    const result = wrong === undefined || carriedOut ? carryOut(store, caller, call) : null;
    const { id } = call;
    switch (wrong) {
      case undefined:
        return [200, { id, result }];
      case 'throttled':
        return [200, { id, result: null }];
      case 'failed':
        return [500, { id, error: 'The cache has failed.' }];
      case 'dropped':
        return null;
      case 'nonsense':
        return [200, { id: 'another', result: ['nonsense'] }];
      default:
        return [200, { id, result: wrong.result }];
    }
  };

  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answered = await answer(request);
    if (!answered) {
      response.destroy();
      return;
    }
    const [status, body] = answered;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

  const server = createServer((request, response) => {
    onRequest(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    eventFields: (caller = ANYONE) => ({
      rpc_base: `http://127.0.0.1:${port}/`,
      storeKey: `store-of-${caller.connection}`,
      token: tokenOf(caller),
    }),
    calls,
    entries: store.entries,
    misbehave: (next = () => undefined) => {
      decide = next;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
