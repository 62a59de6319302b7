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
  AFFILIATE_TYPE,
  CONVERSION_PICKER,
  FOUND_AFFILIATE,
  FOUND_CONVERSION,
  FOUND_OFFER,
  OFFER_PICKER,
} from '../inputs/pickers.ts';
import { AFFILIATE, CONVERSION, OFFER, takenAs } from '../inputs/records.ts';
import type { CreateRow } from './create-row.ts';

/** Every action of the integration, in the order in which the editor shows them. */
export const CREATE_TABLE = [
  {
    key: 'create_affiliate',
    noun: 'Affiliate',
    label: 'Create Affiliate',
    description:
      'Creates a new affiliate from an email address and a name, and gives its ID; an email address that ' +
      'is taken is refused.',
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
          'The address by which the affiliate signs in and is written to, such as jane@example.com. No two ' +
          'affiliates can have the same one.',
      }),
      textInput({
        key: 'display_name',
        label: 'Name',
        type: 'string',
        required: true,
        placeholder: 'Jane Doe',
        helpText: 'The name that the affiliate is shown by: first and last name, such as Jane Doe.',
      }),
      textInput({
        key: 'company_name',
        label: 'Company',
        type: 'string',
        required: false,
        helpText:
          'The company that the affiliate works for, such as Acme Corp. Leave empty where there is none.',
      }),
      webAddressInput({
        key: 'website',
        label: 'Website',
        type: 'string',
        required: false,
        placeholder: 'https://acme.com',
        helpText:
          'The whole address of the site on which the affiliate promotes you, such as acme.com or acme.com/blog.',
      }),
      choiceInput({
        ...AFFILIATE_TYPE,
        attroName: 'type',
        helpText:
          'External Partner for one who promotes you from outside, or Internal User for a user of your own ' +
          'app, such as a customer. Leave empty for what is usual in your program.',
      }),
    ],
  },
  {
    key: 'update_affiliate',
    noun: 'Affiliate',
    label: 'Update Affiliate',
    description:
      'Changes the name, company, website or type of an affiliate but never the status, and gives the ' +
      'affiliate as it is afterwards.',
    record: 'affiliate',
    sample: 'active_affiliate',
    method: 'PATCH',
    path: PATHS.affiliates,
    target: 'affiliate_id',
    changes:
      'Fill in at least one of Name, Company, Website and Affiliate Type, so that there is something to change.',
    scope: 'affiliates:write',
    doing: 'update the affiliate',
    look: 'See what Attro shows of the affiliate; to run this step again does no harm.',
    inputs: [
      recordInput({
        ...AFFILIATE_PICKER,
        ...FOUND_AFFILIATE,
        required: true,
        helpText: `The affiliate to change. ${takenAs(AFFILIATE)}`,
      }),
      textInput({
        key: 'display_name',
        label: 'Name',
        type: 'string',
        required: false,
        placeholder: 'Jane Doe',
        helpText:
          'The new name that the affiliate is shown by, such as Jane Doe. Leave empty to keep the present one.',
      }),
      textInput({
        key: 'company_name',
        label: 'Company',
        type: 'string',
        required: false,
        helpText:
          'The new company of the affiliate, such as Acme Corp. Leave empty to keep the present one.',
      }),
      webAddressInput({
        key: 'website',
        label: 'Website',
        type: 'string',
        required: false,
        placeholder: 'https://acme.com',
        helpText:
          'The new address of the site on which the affiliate promotes you, such as acme.com. Leave empty ' +
          'to keep the present one.',
      }),
      choiceInput({
        ...AFFILIATE_TYPE,
        attroName: 'type',
        helpText:
          'The new type: External Partner for one who promotes you from outside, or Internal User for a ' +
          'user of your own app, such as a customer. Leave empty to keep the present one.',
      }),
    ],
  },
  {
    key: 'update_affiliate_status',
    noun: 'Affiliate',
    label: 'Update Affiliate Status',
    description:
      'Approves or suspends an affiliate, changes nothing else about it, and gives the affiliate with its ' +
      'new status.',
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
        helpText: `The affiliate to approve or suspend. ${takenAs(AFFILIATE)}`,
      }),
      choiceInput({
        key: 'status',
        label: 'Status',
        type: 'string',
        required: true,
        choices: { active: 'Approve', suspended: 'Suspend' },
        helpText:
          'Approve makes the affiliate active, such as after signing up. Suspend keeps the affiliate from ' +
          'promoting you.',
      }),
    ],
  },
  {
    key: 'create_tracking_link',
    noun: 'Link',
    label: 'Create Tracking Link',
    description:
      'Creates the tracking link of an affiliate for an offer, or gets the one that exists, and gives its ' +
      'URL and code.',
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
        helpText: `The affiliate whose link it is. ${takenAs(AFFILIATE)}`,
      }),
      recordInput({
        ...OFFER_PICKER,
        ...FOUND_OFFER,
        required: true,
        helpText: `The offer that the link leads to. ${takenAs(OFFER)}`,
      }),
    ],
  },
  {
    key: 'record_conversion',
    noun: 'Conversion',
    label: 'Record Conversion',
    description:
      'Records a sale or other conversion that an affiliate brought in, once for each external ID, and ' +
      'gives the conversion with its commission.',
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
        helpText: `The affiliate who brought it in. ${takenAs(AFFILIATE)}`,
      }),
      amountInput({
        key: 'amount',
        label: 'Amount',
        type: 'number',
        required: true,
        placeholder: '99.90',
        helpText:
          "What the customer paid, in the currency's main unit, such as 99.90 and not 9990 cents. Divide by 100 in " +
          'a step before this one where your payment app counts in cents.',
      }),
      currencyInput({
        key: 'currency',
        label: 'Currency',
        type: 'string',
        required: true,
        placeholder: 'USD',
        helpText:
          "The amount's currency as its three-letter code, such as USD, in upper or lower case.",
      }),
      textInput({
        key: 'external_id',
        label: 'External ID',
        type: 'string',
        required: true,
        placeholder: 'order_1001',
        helpText:
          'Your own ID of the sale, such as order_1001, the number of the order or the payment. With the ' +
          'same one a conversion is recorded only once, however often this step runs.',
      }),
      recordInput({
        ...OFFER_PICKER,
        ...FOUND_OFFER,
        required: false,
        helpText:
          `The offer that was bought, which decides on the commission. ${takenAs(OFFER)} ` +
          'Leave empty for the usual one.',
      }),
      emailInput({
        key: 'customer_email',
        label: 'Customer Email',
        type: 'string',
        required: false,
        placeholder: 'customer@example.com',
        helpText:
          'The address of the person who paid, such as customer@example.com. The conversion can be found ' +
          'by it later on.',
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
    description:
      'Approves or rejects a conversion that was recorded before, with a reason if you like, and gives the ' +
      'conversion with its new status.',
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
        helpText: `The conversion to approve or reject. ${takenAs(CONVERSION)}`,
      }),
      choiceInput({
        key: 'status',
        label: 'Status',
        type: 'string',
        required: true,
        choices: { approved: 'Approve', rejected: 'Reject' },
        helpText:
          'Approve makes the commission payable. Reject means that there will be none, such as after a refund.',
      }),
      textInput({
        key: 'reason',
        label: 'Reason',
        type: 'string',
        required: false,
        placeholder: 'The order was refunded',
        helpText:
          'Why it is rejected, in a few words, such as: The order was refunded. It is kept with the conversion.',
      }),
    ],
  },
] as const satisfies readonly CreateRow[];
