import type { PlainInputField, ZObject } from 'zapier-platform-core';
import { withReadableErrors } from '../attro/errors.ts';
import { listPage } from '../attro/lists.ts';
import type { CallBundle } from './bundle.ts';
import {
  AFFILIATE,
  AFFILIATE_TYPES,
  CONVERSION,
  OFFER,
  PAYOUT,
  type RecordType,
} from './records.ts';

/** One page of a dropdown, as Zapier expects it of a `choices.perform`. */
export interface ChoicesPage {
  results: { id: string; label: string }[];
  /** Handed back in `bundle.meta.paging_token` to load more; null after the last page. */
  paging_token: string | null;
}

/** The function of a dropdown: the account's own records of one kind, newest first. */
function choicesOf({ list, labelOf }: RecordType) {
  return withReadableErrors(async (z: ZObject, bundle: CallBundle): Promise<ChoicesPage> => {
    // Zapier fills the first page without a paging token.
    const cursor = bundle.meta?.paging_token;
    const page = await listPage(z, bundle, { list, ...(cursor && { cursor }) });
    return {
      results: page.records.map((record) => ({ id: String(record.id), label: labelOf(record) })),
      paging_token: page.nextCursor,
    };
  });
}

/** What every input that asks for a record of one kind has in common: a dropdown of the account's own. */
function pickerOf(record: RecordType) {
  const { noun } = record;
  return {
    key: `${noun}_id`,
    label: noun.charAt(0).toUpperCase() + noun.slice(1),
    type: 'string',
    resource: noun,
    choices: { perform: choicesOf(record) },
    record,
  } as const satisfies PlainInputField & { record: RecordType };
}

export const AFFILIATE_PICKER = pickerOf(AFFILIATE);
export const OFFER_PICKER = pickerOf(OFFER);
export const CONVERSION_PICKER = pickerOf(CONVERSION);
export const PAYOUT_PICKER = pickerOf(PAYOUT);

/** What every input that asks for the type of an affiliate has in common. */
export const AFFILIATE_TYPE = {
  key: 'affiliate_type',
  label: 'Affiliate Type',
  type: 'string',
  required: false,
  choices: AFFILIATE_TYPES,
} as const satisfies PlainInputField;

/**
 * With these the editor offers to add a search step that fills an input of an action. The platform
 * hands no search term to a dropdown's function; typing searches what the dropdown has loaded.
 */
export const FOUND_AFFILIATE = { search: 'find_affiliate.id' } as const;
export const FOUND_OFFER = { search: 'find_offer.id' } as const;
export const FOUND_CONVERSION = { search: 'find_conversion.id' } as const;
