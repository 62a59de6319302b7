import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { AppCallError, startAppProcess, type AppProcess } from '../local/zapier/app-process.ts';
import { isRecord } from '../attro/values.ts';
import type { Answer, NoAnswer } from './attro-client.ts';

/** An answer of the server's that the app is to get, and to which of its requests. */
export interface Replayed {
  method: string;
  path: string;
  /** Tells by the query whether it is for this request; default: it is. */
  fits?: (query: URLSearchParams) => boolean;
  outcome: Answer | NoAnswer;
}

/** What came of one of the app's functions: what it gave, or the error that it raised. */
export type AppOutcome = { gave: unknown } | { raised: string; code?: string };

/** The app's settings while it works on answers; nothing of it goes anywhere. */
const ENVIRONMENT = { CLIENT_ID: 'conformance', CLIENT_SECRET: 'conformance' };

const AUTH_DATA = {
  access_token: 'conformance',
  refresh_token: 'conformance',
  account_id: 'conformance',
};

/** What the app gets where it asks for something else. */
const NOT_FOUND: Answer = { status: 404, headers: {}, text: '{}', json: {} };

/**
 * The app itself, run by the platform in a process of its own, with answers that a server has given
 * before: what it makes of them decides whether it copes. It is started when it is first needed.
 */
export class AppOnAnswers {
  #app: Promise<AppProcess> | undefined;
  #server: Promise<Server> | undefined;
  #answers: readonly Replayed[] = [];
  #last: Promise<unknown> = Promise.resolve();

  /** Runs one of the app's functions, by its path in the definition. */
  async run(
    method: string,
    bundle: Record<string, unknown>,
    answers: readonly Replayed[] = [],
  ): Promise<AppOutcome> {
    // One at a time: the answers are those of the one call that runs.
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#last = promise;
    await before;
    try {
      this.#answers = answers;
      return await this.#call(method, bundle);
    } finally {
      resolve(undefined);
    }
  }

  async #call(method: string, bundle: Record<string, unknown>): Promise<AppOutcome> {
    this.#server ??= this.#serve();
    const server = await this.#server;
    this.#app ??= startAppProcess(fileURLToPath(new URL('..', import.meta.url)), 'source');
    const app = await this.#app;
    const { port } = server.address() as AddressInfo;
    try {
      const gave = await app.call({
        command: 'execute',
        method,
        bundle: { inputData: {}, meta: {}, authData: AUTH_DATA, ...bundle },
        environment: { ...ENVIRONMENT, ATTRO_BASE_URL: `http://127.0.0.1:${port}` },
        zcacheTestObj: {},
      });
      return { gave };
    } catch (error) {
      if (!(error instanceof AppCallError)) throw error;
      return { raised: error.name, ...codeOf(error) };
    }
  }

  async #serve(): Promise<Server> {
    const server = createServer((request, response) => {
      this.#answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }

  #answer({ method, url = '/', socket }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const found = this.#answers.find(
      (each) =>
        each.method === method && each.path === pathname && (each.fits?.(searchParams) ?? true),
    );
    const outcome = found?.outcome ?? NOT_FOUND;
    if ('problem' in outcome) {
      socket.destroy();
      return;
    }
    const { status, headers, text } = outcome;
    const kept = ['content-type', 'location', 'retry-after'].filter((name) => name in headers);
    response.writeHead(status, Object.fromEntries(kept.map((name) => [name, headers[name]])));
    response.end(text);
  }

  async stop(): Promise<void> {
    const [app, server] = await Promise.allSettled([this.#app, this.#server]);
    if (app.status === 'fulfilled') await app.value?.stop();
    if (server.status === 'fulfilled') {
      server.value?.close();
      server.value?.closeAllConnections();
    }
  }
}

/** The code of an error that the app raised on purpose: the platform hands it over as JSON. */
function codeOf({ message }: AppCallError): { code?: string } {
  try {
    const said: unknown = JSON.parse(message);
    return isRecord(said) && typeof said['code'] === 'string' ? { code: said['code'] } : {};
  } catch {
    return {};
  }
}

/** What the app gave, as records; none where it raised an error. */
export function recordsGiven(outcome: AppOutcome): Readonly<Record<string, unknown>>[] {
  if (!('gave' in outcome)) return [];
  return [outcome.gave].flat().filter(isRecord);
}
