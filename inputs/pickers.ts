import type { PlainInputField } from 'zapier-platform-core';
import { withReadableErrors } from '../attro/errors.ts';
import { affiliateChoices, conversionChoices, offerChoices } from './choices.ts';

/** What every input that names an affiliate has in common: a dropdown of the account's own. */
export const AFFILIATE_PICKER = {
  key: 'affiliate_id',
  label: 'Affiliate',
  type: 'string',
  resource: 'affiliate',
  choices: { perform: withReadableErrors(affiliateChoices) },
} as const satisfies PlainInputField;

export const OFFER_PICKER = {
  key: 'offer_id',
  label: 'Offer',
  type: 'string',
  resource: 'offer',
  choices: { perform: withReadableErrors(offerChoices) },
} as const satisfies PlainInputField;

export const CONVERSION_PICKER = {
  key: 'conversion_id',
  label: 'Conversion',
  type: 'string',
  resource: 'conversion',
  choices: { perform: withReadableErrors(conversionChoices) },
} as const satisfies PlainInputField;

/**
 * With these the editor offers to add a search step that fills an input of an action. The platform
 * hands no search term to a dropdown's function; typing searches what the dropdown has loaded.
 */
export const FOUND_AFFILIATE = { search: 'find_affiliate.id' } as const;
export const FOUND_CONVERSION = { search: 'find_conversion.id' } as const;
