import type { PlainOutputField } from 'zapier-platform-core';
import type { FlatRecord } from '../output/mapper.ts';

/** A trigger of another app, as far as recipes use what it gives. */
export interface OtherTrigger {
  outputs: readonly PlainOutputField[];
  sample: FlatRecord;
}

/**
 * The triggers of other apps that recipes start with. Labels are an assumption, made from the apps'
 * public pages; the editor has the last word. Stripe's own API counts an amount in the smallest unit
 * (cents) and writes currencies in lower case.
 */
export const OTHER_TRIGGERS: Readonly<Record<string, Readonly<Record<string, OtherTrigger>>>> = {
  Stripe: {
    'New Payment': {
      outputs: [
        { key: 'id', label: 'ID', type: 'string' },
        { key: 'amount', label: 'Amount', type: 'number' },
        { key: 'currency', label: 'Currency', type: 'string' },
        { key: 'receipt_email', label: 'Receipt Email', type: 'string' },
        {
          key: 'metadata_affiliate_email',
          label: 'Metadata Affiliate Email',
          type: 'string',
        },
      ],
      sample: {
        id: 'pi_abc123',
        amount: 9900,
        currency: 'usd',
        receipt_email: 'customer@example.com',
        metadata_affiliate_email: 'jane@example.com',
      },
    },
  },
};
