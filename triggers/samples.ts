import { DEFAULT_BASE_URL, EVENTS, type EventName } from '../attro/contract.ts';
import { outputFieldsOf } from '../output/fields.ts';
import { createMapper, type FlatRecord } from '../output/mapper.ts';
import affiliateApproved from '../samples/affiliate.approved.json' with { type: 'json' };
import affiliateCreated from '../samples/affiliate.created.json' with { type: 'json' };
import affiliateSuspended from '../samples/affiliate.suspended.json' with { type: 'json' };
import conversionApproved from '../samples/conversion.approved.json' with { type: 'json' };
import conversionCreated from '../samples/conversion.created.json' with { type: 'json' };
import conversionRejected from '../samples/conversion.rejected.json' with { type: 'json' };
import fraudDetected from '../samples/fraud.detected.json' with { type: 'json' };
import payoutCompleted from '../samples/payout.completed.json' with { type: 'json' };
import payoutFailed from '../samples/payout.failed.json' with { type: 'json' };
import payoutInitiated from '../samples/payout.initiated.json' with { type: 'json' };

export interface SampleDelivery {
  timestamp: string;
  data: Readonly<Record<string, unknown>>;
}

/** The delivery of each event as Attro sends it, as samples/ has it. */
export const DELIVERIES: Readonly<Record<EventName, SampleDelivery>> = {
  'affiliate.created': affiliateCreated,
  'affiliate.approved': affiliateApproved,
  'affiliate.suspended': affiliateSuspended,
  'conversion.created': conversionCreated,
  'conversion.approved': conversionApproved,
  'conversion.rejected': conversionRejected,
  'payout.initiated': payoutInitiated,
  'payout.completed': payoutCompleted,
  'payout.failed': payoutFailed,
  'fraud.detected': fraudDetected,
};

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
  (Object.keys(EVENTS) as EventName[]).map((event) => [event, sampleOf(event)]),
) as Record<EventName, FlatRecord>;
