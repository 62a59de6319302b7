import {
  AFFILIATE_FILTERS,
  CONVERSION_FILTERS,
  FRAUD_FILTERS,
  PAYOUT_FILTERS,
} from './filter-table.ts';
import type { TriggerRow } from './trigger-row.ts';

/** Every trigger of the integration, in the order in which the editor shows them. */
export const TRIGGER_TABLE = [
  {
    key: 'new_affiliate',
    event: 'affiliate.created',
    noun: 'Affiliate',
    label: 'New Affiliate',
    description: 'Triggers when an affiliate signs up or is created.',
    filters: AFFILIATE_FILTERS,
  },
  {
    key: 'affiliate_approved',
    event: 'affiliate.approved',
    noun: 'Affiliate',
    label: 'Affiliate Approved',
    description: 'Triggers when an affiliate is approved and becomes active.',
    filters: AFFILIATE_FILTERS,
  },
  {
    key: 'affiliate_suspended',
    event: 'affiliate.suspended',
    noun: 'Affiliate',
    label: 'Affiliate Suspended',
    description: 'Triggers when an affiliate is suspended.',
    filters: AFFILIATE_FILTERS,
  },
  {
    key: 'new_conversion',
    event: 'conversion.created',
    noun: 'Conversion',
    label: 'New Conversion',
    description: 'Triggers when a conversion is recorded.',
    filters: CONVERSION_FILTERS,
  },
  {
    key: 'conversion_approved',
    event: 'conversion.approved',
    noun: 'Conversion',
    label: 'Conversion Approved',
    description: 'Triggers when a conversion is approved.',
    filters: CONVERSION_FILTERS,
  },
  {
    key: 'conversion_rejected',
    event: 'conversion.rejected',
    noun: 'Conversion',
    label: 'Conversion Rejected',
    description: 'Triggers when a conversion is rejected.',
    filters: CONVERSION_FILTERS,
  },
  {
    key: 'payout_initiated',
    event: 'payout.initiated',
    noun: 'Payout',
    label: 'Payout Initiated',
    description: 'Triggers when the processing of a payout starts.',
    filters: PAYOUT_FILTERS,
  },
  {
    key: 'payout_sent',
    event: 'payout.completed',
    noun: 'Payout',
    label: 'Payout Sent',
    description: 'Triggers when a payout is sent to an affiliate.',
    filters: PAYOUT_FILTERS,
  },
  {
    key: 'payout_failed',
    event: 'payout.failed',
    noun: 'Payout',
    label: 'Payout Failed',
    description: 'Triggers when a payout fails.',
    filters: PAYOUT_FILTERS,
  },
  {
    key: 'high_fraud_score',
    event: 'fraud.detected',
    noun: 'Conversion',
    label: 'High Fraud Score',
    description:
      'Triggers when the fraud score of a conversion exceeds the threshold of your program.',
    filters: FRAUD_FILTERS,
    listQuery: { min_fraud_score: '0' },
    // The list holds every conversion with a score; the event is about those over the threshold.
    lists: ({ fraud_score: score, fraud_threshold: threshold }) =>
      typeof score === 'number' && (typeof threshold !== 'number' || score >= threshold),
  },
] as const satisfies readonly TriggerRow[];
