import type { IncomingMessage, ServerResponse } from 'node:http';

import express from 'express';
import type { RequestHandler, Router } from 'express';
import * as zod from 'zod';

import { EVENT_NAMES } from '../../attro/contract.ts';
import type { EventName } from '../../attro/contract.ts';
import { refusal, sendAnswer } from './error-answers.ts';
import type { Answer, ErrorDetail } from './error-answers.ts';
import { faultRuleSchema } from './faults.ts';
import type { Faults } from './faults.ts';

/** Changes to the sample of an event that is sent. */
export const emitOptionsSchema = zod.strictObject({
  /** Merged over the sample's `data`, one level deep. */
  data: zod.record(zod.string(), zod.unknown()).optional(),
  /** Sends the same bytes so many times; default 1. */
  copies: zod.int().min(1).max(1000).optional(),
  /** Sends a signature that does not fit, or another body than was signed. */
  forge: zod.enum(['signature', 'body']).optional(),
});

export type EmitOptions = zod.infer<typeof emitOptionsSchema>;

/** An event that is to be sent. */
export const eventSchema = emitOptionsSchema.extend({ event: zod.enum(EVENT_NAMES) });

export interface ControlParts {
  emit: (event: EventName, options: EmitOptions) => { id: string; webhook_id: string }[];
  faults: Faults;
  log: RequestLog;
}

/** What people and tests ask of the sandbox itself and Attro does not have, for `/sandbox`. No key is needed. */
export function controlRoutes({ emit, faults, log }: ControlParts): Router {
  const router = express.Router();
  // As large as a payload that Zapier takes.
  router.use(express.json({ limit: '10mb' }));
  const shownFaults = (status: number): Answer => ({ status, body: { data: faults.list() } });

  router.post(
    '/events',
    answered(eventSchema, ({ event, ...options }) => ({
      status: 202,
      body: { deliveries: emit(event, options) },
    })),
  );
  router.post(
    '/faults',
    answered(faultRuleSchema, (rule) => {
      faults.add(rule);
      return shownFaults(201);
    }),
  );
  router.get('/faults', (_request, response) => {
    sendAnswer(response, shownFaults(200));
  });
  router.delete('/faults', (_request, response) => {
    faults.clear();
    sendAnswer(response, { status: 204 });
  });
  router.get('/requests', (_request, response) => {
    sendAnswer(response, { status: 200, body: { data: log.list() } });
  });
  return router;
}

/** Answers a request whose body is of a schema, and refuses any other. */
function answered<T>(schema: zod.ZodType<T>, answer: (body: T) => Answer): RequestHandler {
  return ({ body }, response) => {
    const { success, data, error } = schema.safeParse(body);
    const refused = () => refusal(422, 'Invalid request', detailsOf(error as zod.ZodError));
    sendAnswer(response, success ? answer(data) : refused());
  };
}

/** What is wrong with something, in the shape that the API has for it. */
export function detailsOf({ issues }: zod.ZodError): ErrorDetail[] {
  return issues.map(({ path, message }) => ({
    path: path.map((part) => (typeof part === 'number' ? part : String(part))),
    message,
  }));
}

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
  ...['access_token', 'refresh_token', 'client_secret', 'code', 'code_verifier', 'secret'],
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
  readonly #entries: LoggedRequest[] = [];
  readonly #byRequest = new WeakMap<IncomingMessage, LoggedRequest>();

  /** Notes that a request came in. */
  add(
    request: IncomingMessage,
    response: ServerResponse,
    { query, ...facts }: { method: string; path: string; query: object },
  ): void {
    const logged: LoggedRequest = {
      ...facts,
      query: withoutSecrets(query),
      get status() {
        return response.headersSent ? response.statusCode : null;
      },
    };
    this.#entries.push(logged);
    if (this.#entries.length > MAX_LOGGED) this.#entries.shift();
    this.#byRequest.set(request, logged);
  }

  /** Notes the parsed body of a request that was added before. */
  addBody(request: IncomingMessage, body: unknown): void {
    const logged = this.#byRequest.get(request);
    if (logged && typeof body === 'object' && body) logged.body = withoutSecrets(body);
  }

  list(): LoggedRequest[] {
    return this.#entries.map((logged) => ({ ...logged }));
  }
}
