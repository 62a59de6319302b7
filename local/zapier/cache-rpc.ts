import type { IncomingMessage } from 'node:http';
import { json, text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import * as zod from 'zod/mini';
import { startLoopbackServer } from '../loopback.ts';

/**
 * Stands in for the server that answers `z.cache` on Zapier. The messages are those that the platform's
 * own client sends and reads (`tools/create-rpc-client.js` of zapier-platform-core).
 *
 * Not published, and so assumed here: that a value without a time to live is kept. A key can be kept apart
 * for each user or connection by a scope; the app has none, so a call with one is refused here.
 */
export type CacheServer = Awaited<ReturnType<typeof startCacheServer>>;

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

const id = zod.union([zod.string(), zod.number()]);
const key = zod.string();
const noScope = zod.null();
const ttl = zod.nullable(zod.int());
const nx = zod.nullable(zod.boolean());

const callSchema = zod.union([
  zod.object({
    id,
    method: zod.enum(['zcache_get', 'zcache_delete']),
    params: zod.tuple([key, noScope]),
  }),
  zod.object({
    id,
    method: zod.literal('zcache_set'),
    params: zod.tuple([key, zod.string(), ttl, noScope, nx]),
  }),
]);

type Call = zod.infer<typeof callSchema>;

const TOKEN = 'token-of-the-connection';

const LOGS_PATH = '/logs';

/**
 * Starts the server on a free port of this machine.
 *
 * @param now the time in milliseconds, by which values expire.
 */
export async function startCacheServer(now: () => number = Date.now) {
  const values = new Map<string, { value: string; expiresAt: number }>();
  const calls: CacheCall[] = [];
  const logs: string[] = [];
  let decide: (call: CacheCall) => CacheFault | undefined = () => undefined;

  const valueOf = (key: string): string | null => {
    const held = values.get(key);
    if (held && held.expiresAt <= now()) values.delete(key);
    return values.get(key)?.value ?? null;
  };

  const carryOut = ({ method, params }: Call): unknown => {
    const before = valueOf(params[0]);
    if (method === 'zcache_set') {
      const [key, value, ttl, , nx] = params;
      if (nx && before !== null) return false;
      values.set(key, { value, expiresAt: ttl === null ? Infinity : now() + ttl * 1000 });
      return true;
    }
    return method === 'zcache_get' ? before : before !== null && values.delete(params[0]);
  };

  /** The status and body of an answer; null ends the connection without one. */
  const answer = async (request: IncomingMessage): Promise<[number, unknown] | null> => {
    const call = callSchema.safeParse(await json(request)).data;
    if (request.headers['x-token'] !== TOKEN) return [401, { error: 'The token is not known.' }];
    if (!call) return [400, { error: 'This is not a call of the cache.' }];

    const told: CacheCall = { method: call.method, key: call.params[0] };
    calls.push(told);
    const { delayMs = 0, answer: wrong, carriedOut = false } = decide(told) ?? {};
    if (delayMs > 0) await wait(delayMs);
    const result = wrong === undefined || carriedOut ? carryOut(call) : null;
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

  const { origin, close } = await startLoopbackServer(async (request, response) => {
    if (request.url === LOGS_PATH) {
      logs.push(await text(request));
      response.end();
      return;
    }
    const [status, body] = (await answer(request)) ?? [];
    if (status === undefined) response.destroy();
    else
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });

  return {
    /**
     * The fields that lead an event's calls here. With a token, the platform also streams what is logged to
     * Zapier; the environment leads that here too, where it ends.
     */
    eventFields: () => ({
      ...{ rpc_base: `${origin}/`, storeKey: 'store-of-the-app', token: TOKEN },
      environment: { LOGGING_ENDPOINT: `${origin}${LOGS_PATH}` },
    }),
    /** Every request so far, the platform's own repetitions included, oldest first. */
    calls,
    /** What the platform has streamed, a text for each stream. */
    logs,
    /** What the cache holds, as the platform has written it. */
    entries: () =>
      [...values.keys()].flatMap((key): [string, string][] => {
        const value = valueOf(key);
        return value === null ? [] : [[key, value]];
      }),
    /** Decides on each call what goes wrong with it; without an argument, nothing does any more. */
    misbehave: (next: typeof decide = () => undefined): void => {
      decide = next;
    },
    close,
  };
}
