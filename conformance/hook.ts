import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { CannotRun } from './cannot-run.ts';

/** A request that arrived at a hook. */
export interface Arrival {
  /** The last part of its path. */
  name: string;
  method: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** When its answer was sent, in milliseconds of `performance.now()`. */
  answeredAt: number;
  arrivedAt: number;
}

/** An answer of a hook: a status and where to go, or no answer at all. */
export type HookAnswer = { status: number; location?: string } | 'dropped';

const OK: HookAnswer = { status: 200 };

/** Where deliveries arrive. */
export interface Hook {
  /** The public address of a name. */
  urlOf: (name: string) => string;
  /** Answers the first request for a name so, the second so, and all that follow as the last of them. */
  plan: (name: string, ...answers: HookAnswer[]) => void;
  arrivals: readonly Arrival[];
  /** Waits for a request that fits, also among those that have arrived; null when none does in time. */
  wait: (fits: (arrival: Arrival) => boolean, ms: number) => Promise<Arrival | null>;
  close: () => Promise<void>;
}

export interface HookSettings {
  /** Where the port can be reached from outside, without a slash at its end; default: this machine. */
  url?: string;
  port: number;
}

/**
 * Listens for deliveries, below a path that nobody can guess.
 *
 * @throws {CannotRun} when the port cannot be listened on.
 */
export async function listenForDeliveries(
  { url, port }: HookSettings,
  signal: AbortSignal,
): Promise<Hook> {
  const secretPath = randomBytes(12).toString('hex');
  const plans = new Map<string, HookAnswer[]>();
  const arrivals: Arrival[] = [];
  const news = new EventEmitter<{ arrival: [] }>();

  const server = createServer((request, response) => {
    const arrivedAt = performance.now();
    const [, secret, name = ''] = /\/(\w+)\/([\w-]+)$/.exec(request.url ?? '') ?? [];
    if (secret !== secretPath) {
      response.writeHead(404).end();
      return;
    }
    const { method = '', headers } = request;
    buffer(request).then(
      (body) => {
        const answers = plans.get(name) ?? [OK];
        const before = arrivals.filter((each) => each.name === name).length;
        const answer = answers[before] ?? answers.at(-1) ?? OK;
        if (answer === 'dropped') request.socket.destroy();
        else {
          const { status, location } = answer;
          response.writeHead(status, {
            'Content-Type': 'text/plain',
            ...(location && { location }),
          });
          response.end('received');
        }
        arrivals.push({ name, method, headers, body, arrivedAt, answeredAt: performance.now() });
        news.emit('arrival');
      },
      () => response.destroy(),
    );
  });
  await listening(server, port, url === undefined ? '127.0.0.1' : undefined);
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    urlOf: (name) => `${url ?? own}/${secretPath}/${name}`,
    plan: (name, ...answers) => {
      plans.set(name, answers);
    },
    arrivals,
    wait: async (fits, ms) => {
      const limit = AbortSignal.any([AbortSignal.timeout(ms), signal]);
      for (;;) {
        const found = arrivals.find(fits);
        if (found || ms === 0) return found ?? null;
        const isLate = await once(news, 'arrival', { signal: limit }).then(
          () => false,
          () => true,
        );
        signal.throwIfAborted();
        if (isLate) return null;
      }
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function listening(server: Server, port: number, host: string | undefined): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch {
    throw new CannotRun(
      `Port ${port} cannot be listened on: something else may use it. Choose another one with --listen.`,
    );
  }
}
