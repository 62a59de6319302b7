import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request that the sandbox received, without tokens or secrets. */
export interface LoggedRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: Record<string, unknown>;
  /** Null until the answer begins. */
  status: number | null;
  /** The parsed JSON body or form, when one was read. */
  body?: unknown;
}

const HIDDEN_KEYS = new Set([
  'access_token',
  'client_secret',
  'code',
  'code_verifier',
  'refresh_token',
  'secret',
]);

/** A copy of JSON in which the values of secret keys are replaced by `[hidden]`, wherever they are. */
function withoutSecrets(json: object): Record<string, unknown> {
  const text = JSON.stringify(json, (key, value: unknown) =>
    HIDDEN_KEYS.has(key) ? '[hidden]' : value,
  );
  return JSON.parse(text) as Record<string, unknown>;
}

/** How many requests are kept; the oldest go first. */
const MAX_LOGGED = 1000;

/** What was received of late, in the order of its arrival. */
export class RequestLog {
  readonly #entries: { logged: Omit<LoggedRequest, 'status'>; response: ServerResponse }[] = [];
  readonly #byRequest = new WeakMap<IncomingMessage, Omit<LoggedRequest, 'status'>>();

  /** Notes that a request came in. */
  add(
    request: IncomingMessage,
    response: ServerResponse,
    facts: { method: string; path: string; query: object },
  ): void {
    const logged = { ...facts, query: withoutSecrets(facts.query) };
    this.#entries.push({ logged, response });
    if (this.#entries.length > MAX_LOGGED) this.#entries.shift();
    this.#byRequest.set(request, logged);
  }

  /** Notes the parsed body of a request that was added before. */
  addBody(request: IncomingMessage, body: unknown): void {
    const logged = this.#byRequest.get(request);
    if (logged && typeof body === 'object' && body) logged.body = withoutSecrets(body);
  }

  list(): LoggedRequest[] {
    return this.#entries.map(({ logged, response }) => ({
      ...logged,
      status: response.headersSent ? response.statusCode : null,
    }));
  }
}
