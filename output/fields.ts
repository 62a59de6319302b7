import {
  CHANGE_FACT_PATHS,
  EVENTS,
  RECORD_TIMES,
  recordKind,
  recordUrl,
  type ChangeFact,
  type EventName,
  type Family,
} from '../attro/contract.ts';
import { metadataSummary } from './metadata.ts';
import { formatAmount } from './money.ts';
import { firstNameOf, lastNameOf } from './person-name.ts';
import {
  isRecord,
  toDateTime,
  toNumber,
  toText,
  type AttroRecord,
  type Scalar,
} from '../attro/values.ts';

/** What a field may need to know beside the record. */
export interface Occasion {
  event: EventName;
  /** The delivery's `timestamp`; absent for a record of a list. */
  timestamp?: unknown;
  /** Where links point to, without a slash at its end. */
  baseUrl: string;
}

/** A declared output field. Its key and type are for ever: they are in the Zaps of users. */
export interface OutputField {
  key: string;
  label: string;
  type: 'string' | 'number' | 'datetime';
  /** The payload's fields that this one stands for, so that they are not passed on twice. */
  sources: readonly string[];
  read: (record: AttroRecord, occasion: Occasion) => Scalar;
}

function text(key: string, label: string, source = key): OutputField {
  return {
    key,
    label,
    type: 'string',
    sources: [source],
    read: (record) => toText(record[source]),
  };
}

function number(key: string, label: string, source = key): OutputField {
  return {
    key,
    label,
    type: 'number',
    sources: [source],
    read: (record) => toNumber(record[source]),
  };
}

function dateTime(key: string, label: string, source = key): OutputField {
  return {
    key,
    label,
    type: 'datetime',
    sources: [source],
    read: (record) => toDateTime(record[source]),
  };
}

function formatted(key: string, label: string, source: string): OutputField {
  return {
    key,
    label,
    type: 'string',
    sources: [],
    read: (record) => formatAmount(toNumber(record[source]), toText(record['currency'])),
  };
}

/** A part of the affiliate's name: sent by Attro, or else taken from the display name. */
function namePart(
  key: string,
  label: string,
  source: string,
  displayName: string,
  part: (displayName: string | null) => string | null,
): OutputField {
  return {
    key,
    label,
    type: 'string',
    sources: [source],
    read: (record) => toText(record[source])?.trim() || part(toText(record[displayName])),
  };
}

/** The id of the event's own record, under the family's own name. */
function recordId(key: string, label: string): OutputField {
  return text(key, label, 'id');
}

const COMMON: readonly OutputField[] = [
  text('id', 'ID'),
  {
    key: 'event',
    label: 'Event',
    type: 'string',
    sources: [],
    read: (_record, { event }) => event,
  },
  {
    key: 'occurred_at',
    label: 'Occurred At',
    type: 'datetime',
    sources: [],
    read: (record, { timestamp }) => toDateTime(timestamp) ?? latestTime(record),
  },
  {
    key: 'attro_url',
    label: 'Attro URL',
    type: 'string',
    sources: ['url'],
    read: (record, { event, baseUrl }) =>
      webAddress(record['url']) ??
      recordUrl(baseUrl, recordKind(EVENTS[event].family), toText(record['id']) ?? ''),
  },
];

const CREATED_AT = dateTime('created_at', 'Created At');

/** The affiliate whom a conversion or a payout belongs to. */
const OWNER: readonly OutputField[] = [
  text('affiliate_id', 'Affiliate ID'),
  text('affiliate_name', 'Affiliate Name'),
  namePart(
    'affiliate_first_name',
    'Affiliate First Name',
    'affiliate_first_name',
    'affiliate_name',
    firstNameOf,
  ),
  namePart(
    'affiliate_last_name',
    'Affiliate Last Name',
    'affiliate_last_name',
    'affiliate_name',
    lastNameOf,
  ),
];

const AMOUNT: readonly OutputField[] = [
  number('amount', 'Amount'),
  formatted('amount_formatted', 'Amount (Formatted)', 'amount'),
];

const CONVERSION: readonly OutputField[] = [
  recordId('conversion_id', 'Conversion ID'),
  ...OWNER,
  text('offer_id', 'Offer ID'),
  text('offer_name', 'Offer Name'),
  ...AMOUNT,
  number('commission', 'Commission', 'commission_amount'),
  formatted('commission_formatted', 'Commission (Formatted)', 'commission_amount'),
  text('currency', 'Currency'),
  text('status', 'Status'),
  text('customer_email', 'Customer Email'),
  {
    key: 'metadata_summary',
    label: 'Metadata Summary',
    type: 'string',
    sources: [],
    read: (record) => metadataSummary(record['metadata']),
  },
  CREATED_AT,
];

const FAMILIES: Readonly<Record<Family, readonly OutputField[]>> = {
  affiliate: [
    recordId('affiliate_id', 'Affiliate ID'),
    text('affiliate_name', 'Affiliate Name', 'display_name'),
    namePart(
      'affiliate_first_name',
      'Affiliate First Name',
      'first_name',
      'display_name',
      firstNameOf,
    ),
    namePart('affiliate_last_name', 'Affiliate Last Name', 'last_name', 'display_name', lastNameOf),
    text('affiliate_email', 'Affiliate Email', 'email'),
    text('affiliate_company', 'Affiliate Company', 'company_name'),
    text('affiliate_type', 'Affiliate Type', 'type'),
    text('affiliate_status', 'Affiliate Status', 'status'),
    text('affiliate_website', 'Affiliate Website', 'website'),
    CREATED_AT,
  ],
  conversion: CONVERSION,
  payout: [
    recordId('payout_id', 'Payout ID'),
    ...OWNER,
    ...AMOUNT,
    text('currency', 'Currency'),
    text('method', 'Method'),
    text('status', 'Status'),
    text('transaction_id', 'Transaction ID'),
    CREATED_AT,
    dateTime('completed_at', 'Completed At'),
  ],
  fraud: [
    ...CONVERSION,
    number('fraud_score', 'Fraud Score'),
    number('fraud_threshold', 'Fraud Threshold'),
    text('fraud_reasons', 'Fraud Reasons'),
  ],
};

const CHANGE_FACTS: Readonly<Record<ChangeFact, OutputField>> = {
  previous_status: changeFact('previous_status', 'Previous Status'),
  rejection_reason: changeFact('rejection_reason', 'Rejection Reason'),
  failure_reason: changeFact('failure_reason', 'Failure Reason'),
};

function changeFact(key: ChangeFact, label: string): OutputField {
  const paths = CHANGE_FACT_PATHS[key];
  return {
    key,
    label,
    type: 'string',
    sources: paths.filter((path) => path.length === 1).flat(),
    read: (record) => {
      for (const path of paths) {
        const value = toText(
          path.reduce<unknown>((at, name) => (isRecord(at) ? at[name] : null), record),
        );
        if (value !== null) return value;
      }
      return null;
    },
  };
}

/** The declared output fields of an event, in the order in which the editor shows them. */
export function outputFieldsOf(event: EventName): OutputField[] {
  const { family, tells = [] } = EVENTS[event];
  return [...COMMON, ...FAMILIES[family], ...tells.map((fact) => CHANGE_FACTS[fact])];
}

function latestTime(record: AttroRecord): string | null {
  return RECORD_TIMES.map((name) => toDateTime(record[name])).reduce<string | null>(
    (latest, time) =>
      time !== null && (latest === null || Date.parse(time) > Date.parse(latest)) ? time : latest,
    null,
  );
}

/** A link that a person may click: HTTP or HTTPS, nothing that runs. */
function webAddress(value: unknown): string | null {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value)
    ? value
    : null;
}
