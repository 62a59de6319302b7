import type { PlainInputField, ZObject } from 'zapier-platform-core';
import { withReadableErrors } from '../attro/errors.ts';
import { listPage } from '../attro/lists.ts';
import type { CallBundle } from './bundle.ts';
import { AFFILIATE, CONVERSION, OFFER, PAYOUT, type RecordType } from './records.ts';

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

/** What every input that asks for an affiliate has in common: a dropdown of the account's own. */
export const AFFILIATE_PICKER = {
  key: 'affiliate_id',
  label: 'Affiliate',
  type: 'string',
  resource: 'affiliate',
  choices: { perform: choicesOf(AFFILIATE) },
  record: AFFILIATE,
} as const satisfies PlainInputField & { record: RecordType };

export const OFFER_PICKER = {
  key: 'offer_id',
  label: 'Offer',
  type: 'string',
  resource: 'offer',
  choices: { perform: choicesOf(OFFER) },
  record: OFFER,
} as const satisfies PlainInputField & { record: RecordType };

export const CONVERSION_PICKER = {
  key: 'conversion_id',
  label: 'Conversion',
  type: 'string',
  resource: 'conversion',
  choices: { perform: choicesOf(CONVERSION) },
  record: CONVERSION,
} as const satisfies PlainInputField & { record: RecordType };

export const PAYOUT_PICKER = {
  key: 'payout_id',
  label: 'Payout',
  type: 'string',
  resource: 'payout',
  choices: { perform: choicesOf(PAYOUT) },
  record: PAYOUT,
} as const satisfies PlainInputField & { record: RecordType };

/**
 * With these the editor offers to add a search step that fills an input of an action. The platform
 * hands no search term to a dropdown's function; typing searches what the dropdown has loaded.
 */
export const FOUND_AFFILIATE = { search: 'find_affiliate.id' } as const;
export const FOUND_OFFER = { search: 'find_offer.id' } as const;
export const FOUND_CONVERSION = { search: 'find_conversion.id' } as const;
