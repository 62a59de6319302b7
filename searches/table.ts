import { LISTS } from '../attro/contract.ts';
import { toText, type AttroRecord } from '../attro/values.ts';
import { givenText } from '../inputs/input.ts';
import { emailInput, recordInput, textInput } from '../inputs/kinds.ts';
import { AFFILIATE_PICKER, CONVERSION_PICKER } from '../inputs/pickers.ts';
import type { Lookup, SearchRow } from './search-row.ts';

/** Every search of the integration, in the order in which the editor shows them. */
export const SEARCH_TABLE = [
  {
    key: 'find_affiliate',
    noun: 'Affiliate',
    label: 'Find Affiliate',
    description: 'Finds an affiliate by email address or by name.',
    record: 'affiliate',
    sample: 'new_affiliate',
    list: LISTS.affiliates,
    inputs: [
      emailInput({
        key: 'email',
        label: 'Email',
        type: 'string',
        required: false,
        placeholder: 'jane@example.com',
        helpText:
          'Finds the affiliate who has exactly this email address, in upper or lower case. Fill in this ' +
          'or the name.',
      }),
      textInput({
        key: 'name',
        label: 'Name or Company',
        type: 'string',
        required: false,
        helpText:
          'Finds affiliates whose name or company contains this. With Email as well, the affiliate who ' +
          'has that email address comes first. Leave empty where the email address alone should decide.',
      }),
    ],
    lookups: (given) => {
      const email = givenText(given, 'email');
      const name = givenText(given, 'name');
      const lookups: Lookup[] = [];
      if (email) {
        lookups.push({ query: { email }, fits: (record) => isSameEmail(record['email'], email) });
      }
      if (name) {
        const fits = ({ display_name, company_name }: AttroRecord): boolean =>
          contains(display_name, name) || contains(company_name, name);
        lookups.push({ query: { search: name }, fits });
      }
      return lookups;
    },
    needs: 'Fill in Email, or Name or Company, so that there is something to look for.',
  },
  {
    key: 'find_conversion',
    noun: 'Conversion',
    label: 'Find Conversion',
    description: 'Finds a conversion by its ID, by customer or by external ID.',
    record: 'conversion',
    sample: 'suspicious_conversion',
    list: LISTS.conversions,
    inputs: [
      recordInput({
        ...CONVERSION_PICKER,
        required: false,
        helpText:
          'Finds this one conversion: map the Conversion ID of an earlier step, or pick a recent one. ' +
          'Where it is filled in, the other fields are not used.',
      }),
      emailInput({
        key: 'customer_email',
        label: 'Customer Email',
        type: 'string',
        required: false,
        placeholder: 'customer@example.com',
        helpText:
          'Finds the conversions of the customer who has exactly this email address, the newest first.',
      }),
      recordInput({
        ...AFFILIATE_PICKER,
        required: false,
        helpText:
          'Leaves out conversions that other affiliates brought in. It only narrows a search by ' +
          'Customer Email or External ID.',
      }),
      textInput({
        key: 'external_id',
        label: 'External ID',
        type: 'string',
        required: false,
        placeholder: 'order_1001',
        helpText:
          'Finds the conversion that was recorded with this ID of your own, such as the number of an ' +
          'order or a payment.',
      }),
    ],
    lookups: (given) => {
      const id = givenText(given, 'conversion_id');
      if (id) return [{ id }];
      const wanted = ['customer_email', 'affiliate_id', 'external_id']
        .map((name) => [name, givenText(given, name)] as const)
        .filter(([, value]) => value !== '');
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
] as const satisfies readonly SearchRow[];

/** Tells whether a conversion has a value that it was searched by. */
function isConversionOf(record: AttroRecord, name: string, wanted: string): boolean {
  if (name === 'customer_email') return isSameEmail(record[name], wanted);
  const actual = toText(record[name]);
  // Attro may not say under which external ID it knows a conversion.
  return actual === wanted || (actual === null && name === 'external_id');
}

function isSameEmail(actual: unknown, wanted: string): boolean {
  return toText(actual)?.trim().toLowerCase() === wanted.toLowerCase();
}

function contains(actual: unknown, wanted: string): boolean {
  return withoutAccents(toText(actual) ?? '').includes(withoutAccents(wanted));
}

/** Without case and accents, which a search by name may overlook. */
function withoutAccents(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
