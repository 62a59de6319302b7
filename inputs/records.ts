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
  /** An id of the form that Attro's guide shows, as an example for who fills in an input. */
  exampleId: string;
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
  exampleId: 'aff_xyz789',
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
  exampleId: 'off_def456',
  takes: 'an ID or a full name',
  finder: 'Find Offer',
  labelOf: ({ name }) => toText(name) || 'Unnamed offer',
  nameOf: ({ name }) => toText(name),
};

/** Conversions. In a dropdown, customer and amount name one; the day tells those alike apart. */
export const CONVERSION: RecordType = {
  list: LISTS.conversions,
  noun: 'conversion',
  exampleId: 'conv_abc123',
  takes: 'an ID',
  finder: 'Find Conversion',
  labelOf: (conversion) =>
    labelOfAmount(conversion, toText(conversion['customer_email']) || 'Unknown customer'),
};

/** Payouts. In a dropdown, affiliate and amount name one; the day tells those alike apart. */
export const PAYOUT: RecordType = {
  list: LISTS.payouts,
  noun: 'payout',
  exampleId: 'pay_abc123',
  takes: 'an ID',
  finder: 'Find Payout',
  labelOf: (payout) =>
    labelOfAmount(payout, toText(payout['affiliate_name']) || 'Unnamed affiliate'),
};

/** Whose record it is, its amount and its day: `Jane Doe, $99.00, 2026-01-26`. */
function labelOfAmount(record: AttroRecord, whose: string): string {
  const amount = formatAmount(toNumber(record['amount']), toText(record['currency']));
  const day = toDateTime(record['created_at'])?.slice(0, 10);
  return [whose, amount, day].filter(Boolean).join(', ');
}

/** The types of affiliates. Published: the values. */
export const AFFILIATE_TYPES = { external: 'External Partner', internal: 'Internal User' };

/** The statuses of payouts. Assumption: those of `EVENTS`, and the one before them. */
export const PAYOUT_STATUSES = {
  pending: 'Pending',
  processing: 'Initiated',
  completed: 'Sent',
  failed: 'Failed',
};

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

/** What the help text of an input says of the forms that a record is taken in, after what it is for. */
export function takenAs({ takes, exampleId, finder }: RecordType): string {
  const form = takes.replace('an ID', `an ID such as ${exampleId}`);
  return `Takes ${form}; the step ${finder} finds one.`;
}
