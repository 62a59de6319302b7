import express from 'express';
import type { Router } from 'express';
import type { Deliveries } from '../webhooks/deliveries.ts';
import type { AskApi } from './ask-api.ts';
import { changeStream } from './changes.ts';
import { deliveryPages } from './deliveries.ts';
import { endpointForms } from './endpoint-forms.ts';
import { endpointPages } from './endpoints.ts';
import type { FormGuard } from './form-guard.ts';
import { sendPages } from './send.ts';

export interface WebhookPageParts {
  ask: AskApi;
  guard: FormGuard;
  deliveries: Deliveries;
  /** The time of an event that happens now: ISO 8601, never the same twice. */
  now: () => string;
  /** Ends the streams of changes. */
  stopping: AbortSignal;
}

/** The pages on which people see and change what Attro's Settings → Webhooks has, and send events. */
export function webhookPages({ ask, guard, stopping, ...parts }: WebhookPageParts): Router {
  return express
    .Router()
    .use(endpointForms(ask, guard))
    .use(endpointPages(ask, guard))
    .use(deliveryPages(ask, guard, parts.deliveries))
    .use(sendPages(ask, guard, parts))
    .get('/changes', changeStream(parts.deliveries.changes, stopping));
}
