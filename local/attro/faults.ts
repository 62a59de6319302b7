import type { IncomingMessage, ServerResponse } from 'node:http';
import { matchesGlob } from 'node:path/posix';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

import * as zod from 'zod';

import { refusal } from './error-answers.ts';

const fault = zod.union(
  [
    zod.strictObject({
      status: zod.int().min(200).max(599),
      /** A text goes out as it is, anything else as JSON; without one, an error in Attro's shape. */
      body: zod.unknown().optional(),
      /** Seconds, or a date as HTTP writes it. */
      retry_after: zod.union([zod.int(), zod.string()]).optional(),
    }),
    zod.strictObject({ delay_ms: zod.int().min(0).max(600_000) }),
    zod.strictObject({ drop: zod.literal(true) }),
    zod.strictObject({ truncate: zod.literal(true) }),
    zod.strictObject({ twice: zod.literal(true) }),
  ],
  {
    error:
      'One of { "status", "body"?, "retry_after"? }, { "delay_ms" }, { "drop": true }, ' +
      '{ "truncate": true } and { "twice": true }',
  },
);

/** What happens to the next requests that match. */
export const faultRuleSchema = zod.strictObject({
  /** Default: any. */
  method: zod.string().toUpperCase().optional(),
  /** The path without its query; `*` stands for any text between slashes. */
  path: zod.string().startsWith('/', 'It starts with a slash'),
  /** How many requests it is for. */
  times: zod.int().min(1).max(10_000).default(1),
  /**
   * `status` answers instead of serving the request, `delay_ms` only keeps it waiting, `drop` ends the
   * connection and does nothing else, `truncate` serves it and ends the connection in the middle of the
   * answer, `twice` serves it two times, as when something on the way repeats it.
   */
  fault,
});

export type FaultRule = zod.infer<typeof faultRuleSchema>;

/** A rule as it is written down. */
export type FaultRuleInput = zod.input<typeof faultRuleSchema>;

/** What goes wrong with requests, as it was asked for: the oldest rule that matches counts. */
export class Faults {
  #rules: FaultRule[] = [];

  add(rule: FaultRuleInput): void {
    this.#rules.push(faultRuleSchema.parse(rule));
  }

  clear(): void {
    this.#rules = [];
  }

  /** The rules that are left, `times` being how many requests they are still for. */
  list(): readonly FaultRule[] {
    return this.#rules;
  }

  /** Takes one use of the first rule that fits a request. */
  take(method: string, path: string): FaultRule['fault'] | undefined {
    const found = this.#rules.find(
      (rule) => (rule.method ?? method) === method && matchesGlob(path, rule.path),
    );
    if (found) found.times -= 1;
    this.#rules = this.#rules.filter(({ times }) => times > 0);
    return found?.fault;
  }
}

/** Marks a request that the sandbox sends to itself: its fault has been taken. */
export interface Relay {
  baseUrl: string;
  header: string;
  secret: string;
}

/** The headers that are about one connection, and so are not passed on. */
const HOP_HEADERS = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect'];

function passedOn(headers: Headers): Headers {
  const rest = new Headers(headers);
  for (const name of HOP_HEADERS) rest.delete(name);
  return rest;
}

/** Has a request served by the sandbox itself. */
async function serve({ baseUrl, header, secret }: Relay, request: IncomingMessage, body: Buffer) {
  const { url = '/', method = 'GET' } = request;
  const headers = passedOn(new Headers(request.headers as Record<string, string>));
  headers.set(header, secret);
  const answer = await fetch(`${baseUrl}${url}`, {
    ...{ method, headers, redirect: 'manual' },
    ...(body.length > 0 && { body }),
  });
  const content = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, headers: passedOn(answer.headers), content };
}

function answerInstead(
  response: ServerResponse,
  { status, body, retry_after }: Extract<FaultRule['fault'], { status: number }>,
): void {
  const isText = typeof body === 'string';
  const isPage = isText && body.trimStart().startsWith('<');
  response.writeHead(status, {
    'Content-Type': isPage ? 'text/html' : isText ? 'text/plain' : 'application/json',
    ...(retry_after !== undefined && { 'Retry-After': String(retry_after) }),
  });
  const shown = body ?? refusal(status, 'A failure that was asked for').body;
  response.end(isText ? body : JSON.stringify(shown));
}

/**
 * Does to a request what its fault says.
 *
 * @returns false when it still has to be served.
 */
export async function carryOutFault(
  told: FaultRule['fault'],
  request: IncomingMessage,
  response: ServerResponse,
  relay: Relay,
  stopping: AbortSignal,
): Promise<boolean> {
  if ('delay_ms' in told) {
    await wait(told.delay_ms, undefined, { signal: stopping }).catch(() => undefined);
    return false;
  }
  if ('status' in told) {
    answerInstead(response, told);
    return true;
  }
  if ('drop' in told) {
    response.destroy();
    return true;
  }
  const body = await buffer(request);
  if ('twice' in told) await serve(relay, request, body);
  const { status, headers, content } = await serve(relay, request, body);
  response.setHeaders(headers);
  if ('twice' in told) {
    response.writeHead(status, { 'Content-Length': content.length }).end(content);
    return true;
  }
  // Nothing arrives of an answer without content.
  response.writeHead(status, { 'Content-Length': content.length });
  response.write(content.subarray(0, content.length / 2), () => response.destroy());
  return true;
}
