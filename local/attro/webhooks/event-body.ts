import { readFileSync } from 'node:fs';

import type { EventName } from '../../../attro/contract.ts';

/** A delivery's parsed body. `timestamp` is an ISO 8601 instant. */
export interface EventBody {
  event: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/** The sample of an event, exactly as it stands in `samples/`. */
function sampleText(event: EventName): string {
  return readFileSync(new URL(`../../../samples/${event}.json`, import.meta.url), 'utf8');
}

/** The sample of an event, parsed. */
export function sampleDelivery(event: EventName): EventBody {
  return JSON.parse(sampleText(event)) as EventBody;
}

/**
 * What is sent for an event: its sample at another time, byte for byte but for that; or the sample with
 * fields of one's own over it.
 *
 * @param timestamp ISO 8601.
 */
export function sampleBody(
  event: EventName,
  timestamp: string,
  data?: Record<string, unknown>,
): string {
  const sample = sampleDelivery(event);
  return data
    ? eventBody(event, timestamp, { ...sample.data, ...data })
    : // The envelope's time comes before the record's own.
      sampleText(event).replace(`"${sample.timestamp}"`, `"${timestamp}"`);
}

/** What is sent for an event of a record. */
export function eventBody(event: EventName, timestamp: string, data: object): string {
  return eventText(event, timestamp, JSON.stringify(data));
}

/** The same, of `data` that is JSON already: it is kept to the letter. */
export function eventText(event: EventName, timestamp: string, data: string): string {
  return `{"event":"${event}","timestamp":"${timestamp}","data":${data}}`;
}
