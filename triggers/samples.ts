import { readFileSync } from 'node:fs';
import { DEFAULT_BASE_URL, EVENT_NAMES, type EventName } from '../attro/contract.ts';
import { outputFieldsOf } from '../output/fields.ts';
import { createMapper, type FlatRecord } from '../output/mapper.ts';

export interface SampleDelivery {
  timestamp: string;
  data: Readonly<Record<string, unknown>>;
}

/** The delivery of each event as Attro sends it, as samples/ has it. */
export const DELIVERIES = Object.fromEntries(
  EVENT_NAMES.map((event) => [event, readSample(event)]),
) as Readonly<Record<EventName, SampleDelivery>>;

function readSample(event: EventName): SampleDelivery {
  const file = new URL(`../samples/${event}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as SampleDelivery;
}

/** What an event's mapper makes of its delivery in samples/. */
function sampleOf(event: EventName): FlatRecord {
  const { timestamp, data } = DELIVERIES[event];
  const { fields } = createMapper(event)(data, { timestamp, baseUrl: DEFAULT_BASE_URL });
  // Metadata differs by account: in a sample it would promise fields that a user does not have.
  const declared = outputFieldsOf(event).map(({ key }) => [key, fields[key] ?? null] as const);
  return Object.fromEntries(declared);
}

/**
 * The static sample of each event, for the editor. The build runs this module and puts its result into
 * the bundle: making ten samples when the app starts would cost a tenth of a cold start, most of it for
 * loading the formats of currencies.
 */
export const SAMPLES = Object.fromEntries(
  EVENT_NAMES.map((event) => [event, sampleOf(event)]),
) as Record<EventName, FlatRecord>;
