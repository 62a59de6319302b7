import { setTimeout as wait } from 'node:timers/promises';
import { retryAfterSeconds } from '../attro/errors.ts';
import { readJson } from '../attro/json.ts';
import { isRecord } from '../attro/values.ts';
import { operation } from './openapi.ts';
import type { Secrets } from './secrets.ts';

/** The path that the description's operations are below. */
export const API_ROOT = '/api/v1';

/** A request to be sent. */
export interface Asking {
  /** The operation of the description; its path's parameters are filled in by `path`. */
  operation: string;
  path?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string | number>>;
  body?: unknown;
  /** Sent as a form, without a token. */
  form?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  /** Instead of the token that was given; null for none at all. */
  token?: string | null;
}

export interface Answer {
  status: number;
  /** Its headers by their names in lower case. */
  headers: Readonly<Record<string, string>>;
  text: string;
  /** What the text is as JSON; undefined where it is none. */
  json: unknown;
}

/** Why there is no answer. */
export interface NoAnswer {
  /** `unreachable`: no connection came about. `not asked`: the server had stopped answering. */
  problem: 'unreachable' | 'timeout' | 'dropped' | 'not asked';
  /** What happened, to go on from "it". */
  said: string;
}

/** A request that was sent, and what came of it. */
export interface Exchange {
  operation: string;
  method: string;
  /** With its parameters filled in, without the query. */
  path: string;
  asking: Asking;
  outcome: Answer | NoAnswer;
}

/** How many requests in a row may stay without an answer before no more are sent. */
const MAX_SILENT = 3;

/** How often a request is sent again for which a server asked for patience (429). */
const MAX_WAITS = 2;

/** How long to wait where it does not say how long. */
const PATIENCE_SECONDS = 2;

export interface AttroSettings {
  /** Without a slash at its end. */
  baseUrl: string;
  token: string;
  /** How long an answer may take, in milliseconds. */
  timeoutMs: number;
  secrets: Secrets;
  /** No request is begun once it is aborted. */
  signal: AbortSignal;
  /** Told about every request before it is sent. */
  onRequest: (method: string, path: string) => void;
}

/** Sends requests to a server, one at a time each, and remembers what came of them. */
export class AttroClient {
  readonly #settings: AttroSettings;
  readonly #exchanges: Exchange[] = [];
  #silent = 0;

  constructor(settings: AttroSettings) {
    this.#settings = settings;
  }

  /** Everything that was sent so far, in the order of the answers. */
  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /**
   * Sends one request. Whatever comes of it is its outcome; redirects are not followed.
   *
   * @throws the signal's reason once the walk was stopped.
   */
  async ask(asking: Asking): Promise<Exchange> {
    const { signal } = this.#settings;
    signal.throwIfAborted();
    const exchange =
      this.#silent < MAX_SILENT ? await this.#send(asking, signal) : notAsked(asking);
    signal.throwIfAborted();
    return exchange;
  }

  /** The same for what has to be removed again: the answer is waited for also once the walk was stopped. */
  async askToMake(asking: Asking): Promise<Exchange> {
    this.#settings.signal.throwIfAborted();
    return this.#silent < MAX_SILENT ? this.#send(asking) : notAsked(asking);
  }

  /** The same for what tidies up, which is tried in any case. */
  async askToRemove(asking: Asking): Promise<Exchange> {
    return this.#send(asking);
  }

  async #send(asking: Asking, signal?: AbortSignal): Promise<Exchange> {
    const request = requestOf(asking);
    const { method, path } = request;
    this.#settings.onRequest(method, path);
    const outcome = await this.#outcome(method, path, asking, signal);
    this.#silent = 'problem' in outcome ? this.#silent + 1 : 0;
    const sent = { ...request, outcome };
    this.#exchanges.push(sent);
    return sent;
  }

  async #outcome(
    method: string,
    path: string,
    asking: Asking,
    signal?: AbortSignal,
  ): Promise<Answer | NoAnswer> {
    for (let waits = 0; ; waits += 1) {
      const outcome = await this.#fetch(method, path, asking, signal);
      if ('problem' in outcome || waits === MAX_WAITS || signal?.aborted) return outcome;
      const seconds = retryAfterSeconds(outcome.headers['retry-after']) ?? PATIENCE_SECONDS;
      const isShort = seconds * 1000 <= this.#settings.timeoutMs;
      if (outcome.status !== 429 || !isShort) return outcome;
      await wait(seconds * 1000, undefined, signal && { signal }).catch(() => undefined);
    }
  }

  async #fetch(
    method: string,
    path: string,
    asking: Asking,
    signal?: AbortSignal,
  ): Promise<Answer | NoAnswer> {
    const { baseUrl, token, timeoutMs, secrets } = this.#settings;
    const { query = {}, body, form, headers } = asking;
    const bearer = form || asking.token === null ? null : (asking.token ?? token);
    const url = new URL(`${baseUrl}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    try {
      const response = await fetch(url, {
        method,
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
        headers: {
          Accept: 'application/json',
          ...(bearer !== null && { Authorization: `Bearer ${bearer}` }),
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(form && { body: new URLSearchParams(form) }),
      });
      const text = await response.text();
      // Tokens are asked for to be used; from any other answer what is secret is taken at once.
      const shown = form ? text : secrets.hiddenIn(text);
      return {
        status: response.status,
        headers: Object.fromEntries(
          [...response.headers].map(([name, value]) => [name, secrets.hiddenIn(value)]),
        ),
        text: shown,
        json: readJson(shown),
      };
    } catch (error) {
      return noAnswer(error, timeoutMs);
    }
  }
}

function requestOf(asking: Asking): Omit<Exchange, 'outcome'> {
  const { method, path } = operation(asking.operation);
  return { operation: asking.operation, method, path: filledIn(path, asking.path), asking };
}

function notAsked(asking: Asking): Exchange {
  const said = 'the server had stopped answering';
  return { ...requestOf(asking), outcome: { problem: 'not asked', said } };
}

function filledIn(template: string, parameters: Readonly<Record<string, string>> = {}): string {
  const path = template.replace(/\{(\w+)\}/g, (_all, name: string) =>
    // Dots alone would lead to another address.
    encodeURIComponent(parameters[name] ?? '').replace(/^\.*$/, '-'),
  );
  return path.startsWith('/oauth/') ? path : `${API_ROOT}${path}`;
}

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name could not be looked up',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'the connection took too long',
  UND_ERR_CONNECT_TIMEOUT: 'the connection took too long',
};

/** What a failed request says, without its own words: they may quote the address or a header. */
function noAnswer(error: unknown, timeoutMs: number): NoAnswer {
  if (isRecord(error) && error['name'] === 'TimeoutError') {
    return { problem: 'timeout', said: `no answer within ${timeoutMs / 1000} seconds` };
  }
  const code = codeOf(error);
  const unreachable = UNREACHABLE[code];
  if (unreachable) return { problem: 'unreachable', said: unreachable };
  if (/CERT|TLS|SSL|ISSUER|SIGNED/.test(code)) {
    return { problem: 'unreachable', said: `its certificate is not accepted (${code})` };
  }
  return { problem: 'dropped', said: 'the connection was dropped without an answer' };
}

function codeOf(error: unknown): string {
  const cause = isRecord(error) ? error['cause'] : undefined;
  const code = isRecord(cause) ? cause['code'] : undefined;
  return typeof code === 'string' ? code : '';
}
