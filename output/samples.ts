import { readFileSync } from 'node:fs';
import { DEFAULT_BASE_URL, EVENT_NAMES, type EventName } from '../attro/contract.ts';
import { outputFieldsOf, type RecordShape, type Shape } from './fields.ts';
import type { AttroRecord } from '../attro/values.ts';
import { createMapper, type FlatRecord } from './mapper.ts';

export interface SampleDelivery {
  timestamp: string;
  data: AttroRecord;
}

/** What a sample is made of: a delivery, or a record by itself. */
type SampleRecord = Pick<SampleDelivery, 'data'> & { timestamp?: string };

/** The delivery of each event as Attro sends it, as samples/ has it. */
export const DELIVERIES = Object.fromEntries(
  EVENT_NAMES.map((event) => [event, readSample(event)]),
) as Readonly<Record<EventName, SampleDelivery>>;

function readSample(name: string): unknown {
  const file = new URL(`../samples/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** What a shape's mapper makes of a record in samples/. */
function sampleOf(shape: Shape, { timestamp, data }: SampleRecord): FlatRecord {
  const { fields } = createMapper(shape)(data, { timestamp, baseUrl: DEFAULT_BASE_URL });
  // Metadata differs by account: in a sample it would promise fields that a user does not have.
  const declared = outputFieldsOf(shape).map(({ key }) => [key, fields[key] ?? null] as const);
  return Object.fromEntries(declared);
}

/**
 * The static sample of each event, for the editor. The build runs this module and puts its result into
 * the bundle: making ten samples when the app starts would cost a tenth of a cold start, most of it for
 * loading the formats of currencies.
 */
export const SAMPLES = Object.fromEntries(
  EVENT_NAMES.map((event) => [event, sampleOf(event, DELIVERIES[event])]),
) as Record<EventName, FlatRecord>;

/** The records that searches and actions show as their sample, each as it is after an event. */
const RECORDS = {
  new_affiliate: ['affiliate', DELIVERIES['affiliate.created']],
  active_affiliate: ['affiliate', DELIVERIES['affiliate.approved']],
  new_conversion: ['conversion', DELIVERIES['conversion.created']],
  rejected_conversion: ['conversion', DELIVERIES['conversion.rejected']],
  sent_payout: ['payout', DELIVERIES['payout.completed']],
  offer: ['offer', { data: readSample('offer') as AttroRecord }],
  suspicious_conversion: ['conversion', DELIVERIES['fraud.detected']],
  tracking_link: ['tracking_link', { data: readSample('tracking-link') as AttroRecord }],
} as const satisfies Record<string, [RecordShape, SampleRecord]>;

export type RecordSample = keyof typeof RECORDS;

/** The static sample of each of those records; made by the build, as those of events are. */
export const RECORD_SAMPLES = Object.fromEntries(
  Object.entries(RECORDS).map(([name, [shape, sent]]) => [name, sampleOf(shape, sent)]),
) as Record<RecordSample, FlatRecord>;
