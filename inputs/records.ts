import { LISTS, type List } from '../attro/contract.ts';
import { toDateTime, toNumber, toText, type AttroRecord } from '../attro/values.ts';
import { formatAmount } from '../output/money.ts';

/** A kind of Attro's records that an input may ask for. */
export interface RecordType {
  list: List;
  /** What one is called in a message. */
  noun: string;
  /** What an input takes for it, as in "{label} must be {takes}". */
  takes: 'an ID' | 'an ID or a full name' | 'an ID, an email address or a full name';
  /** The step that finds one. */
  finder: string;
  /** What a dropdown shows for a record. */
  labelOf: (record: AttroRecord) => string;
  /** The full name that a person calls a record by; absent where its kind has no names. */
  nameOf?: (record: AttroRecord) => string | null;
  /** The email address that a record has, by which its list can be asked; absent where it has none. */
  emailOf?: (record: AttroRecord) => string | null;
}

/** Affiliates. In a dropdown, a company or an email address tells namesakes apart. */
export const AFFILIATE: RecordType = {
  list: LISTS.affiliates,
  noun: 'affiliate',
  takes: 'an ID, an email address or a full name',
  finder: 'Find Affiliate',
  labelOf: (affiliate) => {
    const email = toText(affiliate['email']);
    const name = toText(affiliate['display_name']) || email || 'Unnamed affiliate';
    const hint = toText(affiliate['company_name']) || email;
    return hint && hint !== name ? `${name} (${hint})` : name;
  },
  nameOf: ({ display_name }) => toText(display_name),
  emailOf: ({ email }) => toText(email),
};

export const OFFER: RecordType = {
  list: LISTS.offers,
  noun: 'offer',
  takes: 'an ID or a full name',
  finder: 'Find Offer',
  labelOf: ({ name }) => toText(name) || 'Unnamed offer',
  nameOf: ({ name }) => toText(name),
};

/** Conversions. In a dropdown, customer and amount name one; the day tells those alike apart. */
export const CONVERSION: RecordType = {
  list: LISTS.conversions,
  noun: 'conversion',
  takes: 'an ID',
  finder: 'Find Conversion',
  labelOf: (conversion) => {
    const customer = toText(conversion['customer_email']) || 'Unknown customer';
    const amount = formatAmount(toNumber(conversion['amount']), toText(conversion['currency']));
    const day = toDateTime(conversion['created_at'])?.slice(0, 10);
    return [customer, amount, day].filter(Boolean).join(', ');
  },
};

/** The types of affiliates, as Attro's screens call them. Published: the values. */
export const AFFILIATE_TYPES = { external: 'External Partner', internal: 'Internal User' };

/**
 * The forms that an id may have: `aff_x1`, digits, and long unspaced texts such as a UUID. Published are
 * the ids in the guide's examples (`aff_xyz789`, `off_def456`); that no id looks otherwise is an assumption.
 */
const ID_FORM = /^(?:[a-z]{2,10}_[a-z0-9][\w-]*|\d+|(?=.*\d)[\w-]{16,})$/i;

/** Tells whether a text has the form of an id. Anything else is a name or an address. */
export function hasIdForm(text: string): boolean {
  return ID_FORM.test(text);
}

/** A name without what a dropdown puts behind it to tell namesakes apart: ` (Acme Corp)`. */
export function withoutHint(label: string): string {
  return label.replace(/\s*\([^()]*\)$/, '');
}
