import express from 'express';
import type { Router } from 'express';
import * as zod from 'zod';

import { EVENT_NAMES } from '../../../attro/contract.ts';
import type { EventName } from '../../../attro/contract.ts';
import { refusal, sendAnswer } from '../error-answers.ts';
import type { ErrorDetail } from '../error-answers.ts';
import { faultRuleSchema } from './faults.ts';
import type { Faults } from './faults.ts';
import type { RequestLog } from './request-log.ts';

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

/**
 * What people and tests ask of the sandbox itself and Attro does not have, for `/sandbox`. It needs no
 * key, so nothing is done for pages of other sites.
 */
export function controlRoutes({ emit, faults, log }: ControlParts): Router {
  const router = express.Router();
  router.use(({ headers: { origin, host } }, response, next) => {
    if (origin === undefined || origin === `http://${host}`) next();
    else sendAnswer(response, refusal(403, 'Only pages of the sandbox itself may ask for this'));
  });
  // As large as a payload that Zapier takes.
  router.use(express.json({ limit: '10mb' }));

  router.post('/events', (request, response) => {
    const read = eventSchema.safeParse(request.body);
    if (!read.success) {
      sendAnswer(response, refused(read.error));
      return;
    }
    const { event, ...options } = read.data;
    sendAnswer(response, { status: 202, body: { deliveries: emit(event, options) } });
  });

  router
    .route('/faults')
    .get((_request, response) => {
      sendAnswer(response, { status: 200, body: { data: faults.list() } });
    })
    .post((request, response) => {
      const read = faultRuleSchema.safeParse(request.body);
      if (!read.success) {
        sendAnswer(response, refused(read.error));
        return;
      }
      faults.add(read.data);
      sendAnswer(response, { status: 201, body: { data: faults.list() } });
    })
    .delete((_request, response) => {
      faults.clear();
      sendAnswer(response, { status: 204 });
    });

  router.get('/requests', (_request, response) => {
    sendAnswer(response, { status: 200, body: { data: log.list() } });
  });
  return router;
}

/** What is wrong with something, in the shape that the API has for it. */
export function detailsOf({ issues }: zod.ZodError): ErrorDetail[] {
  return issues.map(({ path, message }) => ({ path: path.map(nameOf), message }));
}

function refused(error: zod.ZodError) {
  return refusal(422, 'Invalid request', detailsOf(error));
}

function nameOf(part: PropertyKey): string | number {
  return typeof part === 'number' ? part : String(part);
}
