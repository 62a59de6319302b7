import {
  CHANGE_FACT_PATHS,
  EVENT_NAMES,
  EVENTS,
  LINK_OFFER_PATHS,
  RECORD_TIMES,
  recordKind,
  recordUrl,
  type ChangeFact,
  type EventName,
  type Family,
  type RecordKind,
} from '../attro/contract.ts';
import { toDateTime, toText, type AttroRecord } from '../attro/values.ts';
import { dateTime, formatted, namePart, number, text, textAt, type OutputField } from './field.ts';
import { metadataSummary } from './metadata.ts';
import { firstNameOf, lastNameOf } from './person-name.ts';

/** The records that searches find and actions write. */
export const RECORD_SHAPES = [
  'affiliate',
  'conversion',
  'payout',
  'offer',
  'tracking_link',
] as const;

export type RecordShape = (typeof RECORD_SHAPES)[number];

/** What one mapper maps: the deliveries of an event, or a record that was found or written. */
export type Shape = EventName | RecordShape;

function isRecordShape(shape: Shape): shape is RecordShape {
  return RECORD_SHAPES.some((name) => name === shape);
}

/** The id of the event's own record, under the family's own name. */
function recordId(key: string, label: string): OutputField {
  return text(key, label, 'id');
}

const ID = text('id', 'ID');

function eventName(event: EventName): OutputField {
  return { key: 'event', label: 'Event', type: 'string', sources: [], read: () => event };
}

const OCCURRED_AT: OutputField = {
  key: 'occurred_at',
  label: 'Occurred At',
  type: 'datetime',
  sources: [],
  read: (record, { timestamp }) => toDateTime(timestamp) ?? latestTime(record),
};

function attroUrl(kind: RecordKind | 'offer'): OutputField {
  return {
    key: 'attro_url',
    label: 'Attro URL',
    type: 'string',
    sources: ['url'],
    read: (record, { baseUrl }) =>
      webAddress(record['url']) ?? recordUrl(baseUrl, kind, toText(record['id']) ?? ''),
  };
}

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

const TRACKING_LINK: readonly OutputField[] = [
  ID,
  recordId('tracking_link_id', 'Tracking Link ID'),
  text('tracking_code', 'Tracking Code', 'code'),
  text('tracking_url', 'Tracking URL', 'url'),
  text('affiliate_id', 'Affiliate ID'),
  textAt('offer_id', 'Offer ID', LINK_OFFER_PATHS.id),
  textAt('offer_name', 'Offer Name', LINK_OFFER_PATHS.name),
  CREATED_AT,
];

const OFFER: readonly OutputField[] = [
  ID,
  attroUrl('offer'),
  recordId('offer_id', 'Offer ID'),
  text('offer_name', 'Offer Name', 'name'),
  text('offer_status', 'Offer Status', 'status'),
  CREATED_AT,
];

const CHANGE_FACTS: Readonly<Record<ChangeFact, OutputField>> = {
  previous_status: changeFact('previous_status', 'Previous Status'),
  rejection_reason: changeFact('rejection_reason', 'Rejection Reason'),
  failure_reason: changeFact('failure_reason', 'Failure Reason'),
};

function changeFact(key: ChangeFact, label: string): OutputField {
  return textAt(key, label, CHANGE_FACT_PATHS[key]);
}

/** The declared output fields of a shape, in the order in which the editor shows them. */
export function outputFieldsOf(shape: Shape): OutputField[] {
  if (shape === 'tracking_link') return [...TRACKING_LINK];
  if (shape === 'offer') return [...OFFER];
  return isRecordShape(shape) ? fieldsOfRecord(shape) : fieldsOfEvent(shape);
}

function fieldsOfEvent(event: EventName): OutputField[] {
  return [
    ID,
    eventName(event),
    OCCURRED_AT,
    attroUrl(recordKind(EVENTS[event].family)),
    ...told(event),
  ];
}

/**
 * A record that was found or written has every field that its events' deliveries have, but for what
 * only an event has: its name and its time.
 */
function fieldsOfRecord(kind: RecordKind): OutputField[] {
  const events = EVENT_NAMES.filter((event) => recordKind(EVENTS[event].family) === kind);
  const own = new Map(events.flatMap(told).map((field) => [field.key, field]));
  return [ID, attroUrl(kind), ...own.values()];
}

/** What the deliveries of an event tell of their record. */
function told(event: EventName): OutputField[] {
  const { family, tells = [] } = EVENTS[event];
  return [...FAMILIES[family], ...tells.map((fact) => CHANGE_FACTS[fact])];
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
