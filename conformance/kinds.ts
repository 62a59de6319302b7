import { EVENT_NAMES, EVENTS, LISTS, type EventName, type List } from '../attro/contract.ts';
import { recordInput } from '../inputs/kinds.ts';
import type { Input } from '../inputs/input.ts';
import { AFFILIATE_PICKER, CONVERSION_PICKER, OFFER_PICKER } from '../inputs/pickers.ts';
import { outputFieldsOf } from '../output/fields.ts';

/** A kind of record that Attro lists, and how the app deals with it. */
export interface Kind {
  /** As the ids of its rows begin. */
  name: keyof typeof LISTS;
  list: List;
  /** The operation that lists records, and the one that gives a single record where there is one. */
  listOperation: string;
  oneOperation?: string;
  schema: string;
  pageSchema: string;
  /** Of the events about such records, the one that tells the most; absent where there is none. */
  event?: EventName;
  /** The app's input that takes the id of such a record. */
  input?: Input;
}

export const KINDS: readonly Kind[] = [
  {
    name: 'affiliates',
    list: LISTS.affiliates,
    listOperation: 'listAffiliates',
    oneOperation: 'getAffiliate',
    schema: 'Affiliate',
    pageSchema: 'AffiliatePage',
    event: 'affiliate.created',
    input: recordInput(AFFILIATE_PICKER),
  },
  {
    name: 'conversions',
    list: LISTS.conversions,
    listOperation: 'listConversions',
    oneOperation: 'getConversion',
    schema: 'Conversion',
    pageSchema: 'ConversionPage',
    event: 'fraud.detected',
    input: recordInput(CONVERSION_PICKER),
  },
  {
    name: 'payouts',
    list: LISTS.payouts,
    listOperation: 'listPayouts',
    schema: 'Payout',
    pageSchema: 'PayoutPage',
    event: 'payout.completed',
  },
  {
    name: 'offers',
    list: LISTS.offers,
    listOperation: 'listOffers',
    schema: 'Offer',
    pageSchema: 'OfferPage',
    input: recordInput(OFFER_PICKER),
  },
];

/** The kind of record that an event is about. */
export function kindOf(event: EventName): Kind {
  const found = KINDS.find(({ list }) => list.path === EVENTS[event].list.path);
  if (!found) throw new Error(`No kind of record is known for ${event}.`);
  return found;
}

/**
 * Whether only some of the kind's records have a field: those that one of its events is about, such as
 * conversions with a fraud score.
 */
export function isOccasional({ list }: Kind, field: string): boolean {
  const told = EVENT_NAMES.filter((event) => EVENTS[event].list.path === list.path).map((event) =>
    tells(event, field),
  );
  return told.includes(true) && told.includes(false);
}

/** Whether the app has a field of its own for a field of an event's record. */
export function tells(event: EventName, field: string): boolean {
  return outputFieldsOf(event).some(({ sources }) => sources.includes(field));
}
