import { readFileSync } from 'node:fs';

/** The events of Attro's guide. */
export const EVENT_NAMES = [
  'affiliate.created',
  'affiliate.approved',
  'affiliate.suspended',
  'conversion.created',
  'conversion.approved',
  'conversion.rejected',
  'payout.initiated',
  'payout.completed',
  'payout.failed',
  'fraud.detected',
] as const;

export type EventName = (typeof EVENT_NAMES)[number];

/** A delivery's parsed body. `timestamp` is an ISO 8601 instant. */
export interface Delivery {
  event: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/** Whether Attro's guide names this event. */
export function isEventName(name: string): name is EventName {
  return EVENT_NAMES.some((known) => known === name);
}

/** The sample body of an event, exactly as it stands in `samples/`. */
export function sampleBody(event: EventName): string {
  return readFileSync(new URL(`../samples/${event}.json`, import.meta.url), 'utf8');
}

/** The sample body of an event, parsed. */
export function sampleDelivery(event: EventName): Delivery {
  return JSON.parse(sampleBody(event)) as Delivery;
}
