import { LISTS } from '../attro/contract.ts';
import { toText, type AttroRecord } from '../attro/values.ts';
import { givenText, type Given } from '../inputs/input.ts';
import { choiceInput, emailInput, isEmail, recordInput, textInput } from '../inputs/kinds.ts';
import {
  AFFILIATE_PICKER,
  CONVERSION_PICKER,
  OFFER_PICKER,
  PAYOUT_PICKER,
} from '../inputs/pickers.ts';
import {
  AFFILIATE,
  CONVERSION,
  hasIdForm,
  OFFER,
  PAYOUT,
  PAYOUT_STATUSES,
  takenAs,
} from '../inputs/records.ts';
import { containsWords, isSameEmail, sameWords } from '../inputs/words.ts';
import type { Lookup, SearchRow } from './search-row.ts';

/** Every search of the integration, in the order in which the editor shows them. */
export const SEARCH_TABLE = [
  {
    key: 'find_affiliate',
    noun: 'Affiliate',
    label: 'Find Affiliate',
    description:
      'Finds affiliates by ID, email address, or part of a name or company, and gives the ID, email ' +
      'address and status of each.',
    record: 'affiliate',
    sample: 'new_affiliate',
    list: LISTS.affiliates,
    inputs: [
      recordInput({
        ...AFFILIATE_PICKER,
        required: false,
        helpText:
          `The affiliate to find, such as the Affiliate ID of a conversion or a payout. ${takenAs(AFFILIATE)} ` +
          'Where it is filled in, the other fields are not used.',
      }),
      emailInput({
        key: 'email',
        label: 'Email',
        type: 'string',
        required: false,
        placeholder: 'jane@example.com',
        helpText:
          'Finds the affiliate who has exactly this email address, such as jane@example.com, in upper or ' +
          'lower case.',
      }),
      textInput({
        key: 'name',
        label: 'Name or Company',
        type: 'string',
        required: false,
        helpText:
          'Finds affiliates whose name or company contains this text, such as Jane or Acme. With Email as ' +
          'well, the affiliate who has that email address comes first.',
      }),
    ],
    lookups: (given) => {
      const said = givenText(given, 'affiliate_id');
      if (said) return [hasIdForm(said) ? { id: said } : affiliateBy(said)];
      return ['email', 'name'].flatMap((key) => givenText(given, key) || []).map(affiliateBy);
    },
    needs: 'Fill in Affiliate, Email, or Name or Company, so that there is something to look for.',
  },
  {
    key: 'find_conversion',
    noun: 'Conversion',
    label: 'Find Conversion',
    description:
      'Finds conversions by ID, customer or external ID, the newest first, and gives the amount, status ' +
      "and affiliate's ID of each.",
    record: 'conversion',
    sample: 'suspicious_conversion',
    list: LISTS.conversions,
    inputs: [
      recordInput({
        ...CONVERSION_PICKER,
        required: false,
        helpText:
          `The conversion to find, such as the Conversion ID of an earlier step. ${takenAs(CONVERSION)} ` +
          'Where it is filled in, the other fields are not used.',
      }),
      emailInput({
        key: 'customer_email',
        label: 'Customer Email',
        type: 'string',
        required: false,
        placeholder: 'customer@example.com',
        helpText:
          'Finds the conversions of the customer who has exactly this email address, such as ' +
          'customer@example.com, the newest first.',
      }),
      recordInput({
        ...AFFILIATE_PICKER,
        required: false,
        helpText:
          'Leaves out conversions that other affiliates brought in. It only narrows a search by ' +
          `Customer Email or External ID. ${takenAs(AFFILIATE)}`,
      }),
      textInput({
        key: 'external_id',
        label: 'External ID',
        type: 'string',
        required: false,
        placeholder: 'order_1001',
        helpText:
          'Finds the conversion that was recorded with this ID of your own, such as order_1001, the number ' +
          'of an order or a payment.',
      }),
    ],
    lookups: (given) => {
      const id = givenText(given, 'conversion_id');
      if (id) return [{ id }];
      const wanted = givenAmong(given, ['customer_email', 'affiliate_id', 'external_id']);
      if (wanted.every(([name]) => name === 'affiliate_id')) return [];
      return [
        {
          query: Object.fromEntries(wanted),
          fits: (record) => wanted.every(([name, value]) => isConversionOf(record, name, value)),
        },
      ];
    },
    needs:
      'Fill in Conversion, Customer Email or External ID, so that there is something to look for.',
  },
  {
    key: 'find_offer',
    noun: 'Offer',
    label: 'Find Offer',
    description:
      'Finds offers by ID or by a name or part of one, the exact name first, and gives the ID, name and ' +
      'status of each.',
    record: 'offer',
    sample: 'offer',
    list: LISTS.offers,
    inputs: [
      recordInput({
        ...OFFER_PICKER,
        required: false,
        helpText:
          `The offer to find, such as the Offer ID of a conversion. ${takenAs(OFFER)} ` +
          'Where it is filled in, the other field is not used.',
      }),
      textInput({
        key: 'name',
        label: 'Name',
        type: 'string',
        required: false,
        helpText:
          'Finds offers whose name contains this text, such as Pro Plan or just pro. An offer of exactly ' +
          'this name comes first.',
      }),
    ],
    lookups: (given) => {
      const id = givenText(given, 'offer_id');
      if (hasIdForm(id)) return [{ id }];
      const name = id || givenText(given, 'name');
      if (!name) return [];
      const isExact = (record: AttroRecord): boolean => sameWords(record['name'], name);
      const fits = (record: AttroRecord): boolean =>
        id ? isExact(record) : containsWords(record['name'], name);
      return [{ query: { search: name }, fits, isExact }];
    },
    needs: 'Fill in Offer or Name, so that there is something to look for.',
  },
  {
    key: 'find_payout',
    noun: 'Payout',
    label: 'Find Payout',
    description:
      'Finds one payout by ID or the newest payouts, of one affiliate or of all, and gives the amount, ' +
      'status and date of each.',
    record: 'payout',
    sample: 'sent_payout',
    list: LISTS.payouts,
    inputs: [
      recordInput({
        ...PAYOUT_PICKER,
        required: false,
        helpText:
          `The payout to find, such as the Payout ID of an earlier step. ${takenAs(PAYOUT)} ` +
          'Where it is filled in, the other fields are not used.',
      }),
      recordInput({
        ...AFFILIATE_PICKER,
        required: false,
        helpText: `Finds the payouts of this affiliate, the newest first. ${takenAs(AFFILIATE)} Leave empty for all.`,
      }),
      choiceInput({
        key: 'status',
        label: 'Status',
        type: 'string',
        required: false,
        choices: PAYOUT_STATUSES,
        helpText:
          'Finds payouts that have this status, such as Sent for those that have been paid. Leave empty ' +
          'for all.',
      }),
    ],
    lookups: (given) => {
      const id = givenText(given, 'payout_id');
      if (id) return [{ id }];
      const wanted = givenAmong(given, ['affiliate_id', 'status']);
      return [
        {
          query: Object.fromEntries(wanted),
          fits: (record) => wanted.every(([name, value]) => sameWords(record[name], value)),
        },
      ];
    },
  },
] as const satisfies readonly SearchRow[];

/** An affiliate by an email address, or by part of a name or a company. */
function affiliateBy(said: string): Lookup {
  return isEmail(said)
    ? { query: { email: said }, fits: ({ email }) => isSameEmail(email, said) }
    : {
        query: { search: said },
        fits: ({ display_name, company_name }) =>
          containsWords(display_name, said) || containsWords(company_name, said),
      };
}

/** Those of the inputs that are filled in. */
function givenAmong(given: Given, keys: readonly string[]): (readonly [string, string])[] {
  return keys
    .map((key) => [key, givenText(given, key)] as const)
    .filter(([, value]) => value !== '');
}

/** Tells whether a conversion has a value that it was searched by. */
function isConversionOf(record: AttroRecord, name: string, wanted: string): boolean {
  if (name === 'customer_email') return isSameEmail(record[name], wanted);
  const actual = toText(record[name]);
  // Attro may not say under which external ID it knows a conversion.
  return actual === wanted || (actual === null && name === 'external_id');
}
