import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { startLoopbackServer } from '../loopback.ts';

/** A request to a hook URL, as it came. */
export interface ReceivedHook {
  /** The Zap whose URL it is. */
  zapId: string;
  method: string;
  querystring: string;
  headers: Readonly<Record<string, string>>;
  content: string;
}

/** What goes wrong with a hook. */
export interface HookFault {
  /** How long the answer takes, in milliseconds. */
  delayMs?: number;
  /** What comes in place of the answer; `hang` is none for good, `dropped` a connection that ends. */
  answer?: { status: number } | 'hang' | 'dropped';
  /** Runs the Zap all the same, so that only the answer is lost. */
  carriedOut?: boolean;
}

/** Where hooks arrive. */
export interface HookPlace {
  port: number;
  /** The public address that leads to the port, without a slash at its end. */
  url?: string;
}

/** Documented as a hook's limit. With which status Zapier refuses a larger one is unknown. */
const MAX_CONTENT_BYTES = 10_000_000;

/**
 * Starts the server of the hook URLs on this machine. Zapier's limits on how many hooks come (30 in a
 * second, 10,000 in five minutes, then 429) are not kept; `misbehave` can answer so.
 *
 * @param isOn whether a Zap takes hooks; to others the answer is 410.
 * @param take runs the Zap. Zapier acknowledges a hook before the trigger's code sees it, so does this.
 * @param place a port, and the address by which others reach it; default: a free one, on this machine.
 */
export async function startHookServer(
  isOn: (zapId: string) => boolean,
  take: (hook: ReceivedHook) => Promise<void>,
  place: HookPlace = { port: 0 },
) {
  const working = new Set<Promise<void>>();
  let decide: (hook: ReceivedHook) => HookFault | undefined = () => undefined;

  const { origin, close } = await startLoopbackServer((request, response) => {
    const work = async (): Promise<void> => {
      const hook = await received(request);
      if (!isOn(hook.zapId)) {
        response.writeHead(410).end();
        return;
      }
      if (Buffer.byteLength(hook.content) > MAX_CONTENT_BYTES) {
        response.writeHead(413).end();
        return;
      }
      const { delayMs = 0, answer: wrong, carriedOut = false } = decide(hook) ?? {};
      if (delayMs > 0) await wait(delayMs);
      if (wrong === undefined) {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"success"}');
      } else if (wrong === 'dropped') response.destroy();
      else if (wrong !== 'hang') response.writeHead(wrong.status).end();
      if (wrong === undefined || carriedOut) await take(hook);
    };
    const done = work().finally(() => working.delete(done));
    working.add(done);
    return done;
  }, place.port);

  return {
    urlOf: (zapId: string) => `${place.url ?? origin}/hooks/standard/${zapId}`,
    /** Decides on each hook what goes wrong with it; without an argument, nothing does any more. */
    misbehave: (next: typeof decide = () => undefined): void => {
      decide = next;
    },
    /** Waits until every hook received so far has been worked off. */
    settled: async (): Promise<void> => {
      await Promise.allSettled(working);
    },
    close,
  };
}

async function received(request: IncomingMessage): Promise<ReceivedHook> {
  const { pathname, search } = new URL(request.url ?? '', 'http://hooks');
  const headers = Object.entries(request.headers).map(([name, value]) => {
    return [name, Array.isArray(value) ? value.join(', ') : (value ?? '')] as const;
  });
  return {
    zapId: pathname.split('/').at(-1) ?? '',
    method: request.method ?? '',
    querystring: search.slice(1),
    headers: Object.fromEntries(headers),
    content: (await buffer(request)).toString('utf8'),
  };
}
