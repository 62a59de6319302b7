import { PATHS } from '../attro/contract.ts';
import {
  amountInput,
  choiceInput,
  currencyInput,
  emailInput,
  pairsInput,
  recordInput,
  textInput,
  webAddressInput,
} from '../inputs/kinds.ts';
import {
  AFFILIATE_PICKER,
  CONVERSION_PICKER,
  FOUND_AFFILIATE,
  FOUND_CONVERSION,
  OFFER_PICKER,
} from '../inputs/pickers.ts';
import { AFFILIATE_TYPES } from '../inputs/records.ts';
import type { CreateRow } from './create-row.ts';

/** Every action of the integration, in the order in which the editor shows them. */
export const CREATE_TABLE = [
  {
    key: 'create_affiliate',
    noun: 'Affiliate',
    label: 'Create Affiliate',
    description: 'Creates an affiliate with an email address and a name.',
    record: 'affiliate',
    sample: 'new_affiliate',
    method: 'POST',
    path: PATHS.affiliates,
    scope: 'affiliates:write',
    doing: 'create the affiliate',
    conflict:
      'There is an affiliate with this Email already. Use the step Find or Create Affiliate, which ' +
      'takes the one that exists.',
    look: 'Look for the email address among your affiliates in Attro before you run this step again.',
    inputs: [
      emailInput({
        key: 'email',
        label: 'Email',
        type: 'string',
        required: true,
        placeholder: 'jane@example.com',
        helpText:
          'The address by which the affiliate signs in and is written to. No two affiliates can have ' +
          'the same one.',
      }),
      textInput({
        key: 'display_name',
        label: 'Name',
        type: 'string',
        required: true,
        placeholder: 'Jane Doe',
        helpText: 'The name that the affiliate is shown by, such as first and last name.',
      }),
      textInput({
        key: 'company_name',
        label: 'Company',
        type: 'string',
        required: false,
        helpText: 'The company that the affiliate works for. Leave empty where there is none.',
      }),
      webAddressInput({
        key: 'website',
        label: 'Website',
        type: 'string',
        required: false,
        placeholder: 'https://acme.com',
        helpText: 'The whole address of the site on which the affiliate promotes you.',
      }),
      choiceInput({
        key: 'affiliate_type',
        label: 'Affiliate Type',
        type: 'string',
        required: false,
        choices: AFFILIATE_TYPES,
        attroName: 'type',
        helpText:
          'A partner who promotes you from outside, or a user of your own app. Leave empty for what is ' +
          'usual in your program.',
      }),
    ],
  },
  {
    key: 'update_affiliate_status',
    noun: 'Affiliate',
    label: 'Update Affiliate Status',
    description: 'Approves or suspends an affiliate.',
    record: 'affiliate',
    sample: 'active_affiliate',
    method: 'PATCH',
    path: PATHS.affiliates,
    target: 'affiliate_id',
    scope: 'affiliates:write',
    doing: 'update the affiliate',
    look: 'See which status the affiliate has in Attro; to run this step again does no harm.',
    inputs: [
      recordInput({
        ...AFFILIATE_PICKER,
        ...FOUND_AFFILIATE,
        required: true,
        helpText:
          'The affiliate to approve or suspend: pick one, or map the Affiliate ID of an earlier step.',
      }),
      choiceInput({
        key: 'status',
        label: 'Status',
        type: 'string',
        required: true,
        choices: { active: 'Approve', suspended: 'Suspend' },
        helpText:
          'Approve makes the affiliate active. Suspend keeps the affiliate from promoting you.',
      }),
    ],
  },
  {
    key: 'create_tracking_link',
    noun: 'Link',
    label: 'Create Tracking Link',
    description: 'Creates the tracking link of an affiliate, or gets the one that exists.',
    record: 'tracking_link',
    sample: 'tracking_link',
    method: 'POST',
    path: PATHS.trackingLinks,
    scope: 'links:write',
    doing: 'create the tracking link',
    look: 'Run this step again: an affiliate has one link for an offer, and you get the same one.',
    inputs: [
      recordInput({
        ...AFFILIATE_PICKER,
        ...FOUND_AFFILIATE,
        required: true,
        helpText:
          'The affiliate whose link it is: pick one, or map the Affiliate ID of an earlier step.',
      }),
      recordInput({
        ...OFFER_PICKER,
        required: true,
        helpText:
          'The offer that the link leads to. Pick one, or map the Offer ID of an earlier step.',
      }),
    ],
  },
  {
    key: 'record_conversion',
    noun: 'Conversion',
    label: 'Record Conversion',
    description: 'Records a conversion that an affiliate brought in.',
    record: 'conversion',
    sample: 'new_conversion',
    method: 'POST',
    path: PATHS.conversions,
    onceBy: 'external_id',
    scope: 'conversions:write',
    doing: 'record the conversion',
    conflict:
      'A conversion with this External ID was recorded before with other values. To record another ' +
      'one, give it an External ID of its own; to change the one that exists, use Update Conversion Status.',
    look: 'Run this step again with the same External ID and the same values: it is recorded only once.',
    inputs: [
      recordInput({
        ...AFFILIATE_PICKER,
        ...FOUND_AFFILIATE,
        required: true,
        helpText:
          'The affiliate who brought it in: pick one, or map the Affiliate ID of an earlier step.',
      }),
      amountInput({
        key: 'amount',
        label: 'Amount',
        type: 'number',
        required: true,
        placeholder: '99.90',
        helpText:
          "What the customer paid, in the currency's main unit: 99.90, not 9990 cents. Divide by 100 in " +
          'a step before this one where your payment app counts in cents.',
      }),
      currencyInput({
        key: 'currency',
        label: 'Currency',
        type: 'string',
        required: true,
        placeholder: 'USD',
        helpText: "The amount's currency as its three-letter code, such as USD, in any case.",
      }),
      textInput({
        key: 'external_id',
        label: 'External ID',
        type: 'string',
        required: true,
        placeholder: 'order_1001',
        helpText:
          'Your own ID of the sale, such as the number of the order or the payment. With the same one ' +
          'a conversion is recorded only once, however often this step runs.',
      }),
      recordInput({
        ...OFFER_PICKER,
        required: false,
        helpText:
          'The offer that was bought, which decides on the commission. Leave empty for the usual one.',
      }),
      emailInput({
        key: 'customer_email',
        label: 'Customer Email',
        type: 'string',
        required: false,
        placeholder: 'customer@example.com',
        helpText: 'The address of the person who paid. The conversion can be found by it later on.',
      }),
      pairsInput({
        key: 'metadata',
        label: 'Metadata',
        type: 'string',
        required: false,
        helpText:
          'Anything else worth keeping, as pairs of a name and a value, such as plan and pro. Triggers ' +
          'give each pair back as a field of its own.',
      }),
    ],
  },
  {
    key: 'update_conversion_status',
    noun: 'Conversion',
    label: 'Update Conversion Status',
    description: 'Approves or rejects a conversion.',
    record: 'conversion',
    sample: 'rejected_conversion',
    method: 'PATCH',
    path: PATHS.conversions,
    target: 'conversion_id',
    scope: 'conversions:write',
    doing: 'update the conversion',
    look: 'See which status the conversion has in Attro; to run this step again does no harm.',
    inputs: [
      recordInput({
        ...CONVERSION_PICKER,
        ...FOUND_CONVERSION,
        required: true,
        helpText:
          'The conversion to approve or reject: map the Conversion ID of an earlier step, or pick one of ' +
          'the recent ones.',
      }),
      choiceInput({
        key: 'status',
        label: 'Status',
        type: 'string',
        required: true,
        choices: { approved: 'Approve', rejected: 'Reject' },
        helpText: 'Approve makes the commission payable. Reject means that there will be none.',
      }),
      textInput({
        key: 'reason',
        label: 'Reason',
        type: 'string',
        required: false,
        placeholder: 'The order was refunded',
        helpText: 'Why it is rejected, in a few words. It is kept with the conversion.',
      }),
    ],
  },
] as const satisfies readonly CreateRow[];
