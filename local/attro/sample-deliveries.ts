import { readFileSync } from 'node:fs';

import { EVENT_NAMES } from '../../attro/contract.ts';
import type { EventName } from '../../attro/contract.ts';

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
  return readFileSync(new URL(`../../samples/${event}.json`, import.meta.url), 'utf8');
}

/** The sample body of an event, parsed. */
export function sampleDelivery(event: EventName): Delivery {
  return JSON.parse(sampleBody(event)) as Delivery;
}
