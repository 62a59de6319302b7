import type { ZObject } from 'zapier-platform-core';
import { LISTS, type List } from '../attro/contract.ts';
import { listPage } from '../attro/lists.ts';
import { toDateTime, toNumber, toText, type AttroRecord } from '../attro/values.ts';
import { formatAmount } from '../output/money.ts';
import type { CallBundle } from './bundle.ts';

/** One page of a dropdown, as Zapier expects it of a `choices.perform`. */
export interface ChoicesPage {
  results: { id: string; label: string }[];
  /** Handed back in `bundle.meta.paging_token` to load more; null after the last page. */
  paging_token: string | null;
}

async function choices(
  z: ZObject,
  bundle: CallBundle,
  list: List,
  labelOf: (record: AttroRecord) => string,
): Promise<ChoicesPage> {
  // Zapier fills the first page without a paging token.
  const cursor = bundle.meta?.paging_token;
  const page = await listPage(z, bundle, { list, ...(cursor && { cursor }) });
  return {
    results: page.records.map((record) => ({ id: String(record['id']), label: labelOf(record) })),
    paging_token: page.nextCursor,
  };
}

/** The account's affiliates by name. A company or an e-mail address tells namesakes apart. */
export function affiliateChoices(z: ZObject, bundle: CallBundle): Promise<ChoicesPage> {
  return choices(z, bundle, LISTS.affiliates, (affiliate) => {
    const email = toText(affiliate['email']);
    const name = toText(affiliate['display_name']) || email || 'Unnamed affiliate';
    const hint = toText(affiliate['company_name']) || email;
    return hint && hint !== name ? `${name} (${hint})` : name;
  });
}

/** The account's offers by name. */
export function offerChoices(z: ZObject, bundle: CallBundle): Promise<ChoicesPage> {
  return choices(z, bundle, LISTS.offers, (offer) => toText(offer['name']) || 'Unnamed offer');
}

/** The account's recent conversions, by customer and amount; the day tells those alike apart. */
export function conversionChoices(z: ZObject, bundle: CallBundle): Promise<ChoicesPage> {
  return choices(z, bundle, LISTS.conversions, (conversion) => {
    const customer = toText(conversion['customer_email']) || 'Unknown customer';
    const amount = formatAmount(toNumber(conversion['amount']), toText(conversion['currency']));
    const day = toDateTime(conversion['created_at'])?.slice(0, 10);
    return [customer, amount, day].filter(Boolean).join(', ');
  });
}
