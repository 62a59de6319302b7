import { randomBytes } from 'node:crypto';
import { EVENT_NAMES, type EventName } from '../../attro/contract.ts';
import { isRecord, toText, type AttroRecord } from '../../attro/values.ts';
import { readArrival } from '../arrivals.ts';
import type { Exchange } from '../attro-client.ts';
import type { Tried } from '../filters.ts';
import type { Arrival } from '../hook.ts';
import { success } from '../judging.ts';
import { recordsIn } from '../pages.ts';
import type { Walk } from '../walk.ts';
import { newSecret } from './subscription.ts';

/** Said before anything is written. */
const NOTICE =
  'With --writes this makes an affiliate, two conversions and a tracking link, which stay. Their names ' +
  'begin with "conformance".';

/** What was sent, and what came of it. */
export interface WritesEvidence {
  newAffiliate: AttroRecord;
  affiliate: Exchange;
  taken?: Exchange;
  strangeAffiliate?: Exchange;
  foundByEmail?: Tried;
  foundByName?: Tried;
  approvedAffiliate?: Exchange;
  suspendedAffiliate?: Exchange;
  newConversion?: AttroRecord;
  conversion?: Exchange;
  repeated?: Exchange;
  conflicting?: Exchange;
  strangeConversion?: Exchange;
  foundByExternalId?: Tried;
  foundByCustomer?: Tried;
  approvedConversion?: Exchange;
  rejectedConversion?: Exchange;
  link?: Exchange;
  linkAgain?: Exchange;
  /** What arrived of it at an endpoint that chose every event. */
  changes?: Changes;
}

interface Changes {
  secret: string;
  arrived: ReadonlyMap<EventName, Arrival | null>;
}

/** The name of the hook for what is written. */
const HOOK = 'changes';

/** The events that follow from what is written, and what each is about. */
export const CHANGES = [
  { event: 'affiliate.created', of: 'affiliate' },
  { event: 'affiliate.approved', of: 'approvedAffiliate' },
  { event: 'affiliate.suspended', of: 'suspendedAffiliate' },
  { event: 'conversion.created', of: 'conversion' },
  { event: 'conversion.approved', of: 'approvedConversion' },
  { event: 'conversion.rejected', of: 'rejectedConversion' },
] as const satisfies readonly { event: EventName; of: keyof WritesEvidence }[];

/** Not whole, so that it tells dollars from cents. */
export const AMOUNT = 12.34;

/** A key that no body has. */
const STRANGE = { conformance: 1 };

/** The record in a successful answer. */
export function recordOf(exchange: Exchange | undefined): AttroRecord | undefined {
  const json = success(exchange)?.json;
  return isRecord(json) ? json : undefined;
}

export function idOf(exchange: Exchange | undefined): string | null {
  return toText(recordOf(exchange)?.['id']);
}

/** Writes, and looks for what was written; with a hook, what is delivered of it. */
export async function write(walk: Walk): Promise<WritesEvidence> {
  walk.say(NOTICE);
  const { hook } = walk;
  if (!hook) return writeAll(walk);
  const secret = newSecret();
  walk.secrets.add(secret);
  await walk.endpoints.create({ url: hook.urlOf(HOOK), events: EVENT_NAMES, secret });
  const evidence = await writeAll(walk);
  const arrived = new Map<EventName, Arrival | null>();
  for (const { event, of } of CHANGES) {
    const id = idOf(evidence[of]);
    if (id === null) continue;
    const isIt = (arrival: Arrival): boolean => {
      const { json, data } = readArrival(arrival);
      const isOwn = arrival.name === HOOK && toText(data['id']) === id;
      return isOwn && isRecord(json) && json['event'] === event;
    };
    const isLate = [...arrived.values()].includes(null);
    // What one has waited for in vain, the next need not wait for.
    arrived.set(event, await hook.wait(isIt, isLate ? 0 : walk.settings.timeoutMs));
  }
  return { ...evidence, changes: { secret, arrived } };
}

async function writeAll(walk: Walk): Promise<WritesEvidence> {
  const stamp = `conformance${randomBytes(5).toString('hex')}`;
  const affiliates = await writeAffiliate(walk, stamp);
  const id = idOf(affiliates.affiliate);
  if (id === null) return affiliates;
  const offers = await walk.attro.ask({ operation: 'listOffers', query: { limit: 1 } });
  const offerId = toText(recordsIn(success(offers)?.json)[0]?.['id']);
  const whose = { affiliate_id: id, ...(offerId !== null && { offer_id: offerId }) };
  return {
    ...affiliates,
    ...(await writeConversions(walk, stamp, whose)),
    link: await walk.attro.ask({ operation: 'createTrackingLink', body: whose }),
    linkAgain: await walk.attro.ask({ operation: 'createTrackingLink', body: whose }),
    // Last, since a suspended affiliate may bring no conversions.
    suspendedAffiliate: await patch(walk, 'updateAffiliate', id, { status: 'suspended' }),
  };
}

async function writeAffiliate(walk: Walk, stamp: string): Promise<WritesEvidence> {
  const { attro } = walk;
  const newAffiliate = {
    email: `${stamp}@example.com`,
    display_name: `Conformance ${stamp}`,
    company_name: 'Conformance',
    website: 'https://example.com',
    type: 'external',
  };
  const post = (changes = {}): Promise<Exchange> =>
    attro.ask({ operation: 'createAffiliate', body: { ...newAffiliate, ...changes } });
  const affiliate = await post();
  const id = idOf(affiliate);
  if (id === null) return { newAffiliate, affiliate };
  return {
    newAffiliate,
    affiliate,
    taken: await post(),
    strangeAffiliate: await post({ email: `${stamp}-2@example.com`, ...STRANGE }),
    foundByEmail: await find(walk, 'listAffiliates', 'email', newAffiliate.email, id),
    foundByName: await find(walk, 'listAffiliates', 'search', stamp, id),
    approvedAffiliate: await patch(walk, 'updateAffiliate', id, { status: 'active' }),
  };
}

async function writeConversions(
  walk: Walk,
  stamp: string,
  whose: AttroRecord,
): Promise<Partial<WritesEvidence>> {
  const { attro, known } = walk;
  const newConversion = {
    ...whose,
    amount: AMOUNT,
    currency: 'USD',
    customer_email: `${stamp}-customer@example.com`,
    external_id: stamp,
    metadata: { conformance: 'yes' },
  };
  const other = {
    ...newConversion,
    customer_email: `${stamp}-other@example.com`,
    external_id: `${stamp}-2`,
  };
  const post = (body: object, key: string): Promise<Exchange> =>
    attro.ask({ operation: 'createConversion', body, headers: { 'Idempotency-Key': key } });
  const conversion = await post(newConversion, stamp);
  const id = idOf(conversion);
  if (id === null) return { newConversion, conversion };
  known.isMainUnit = recordOf(conversion)?.['amount'] === AMOUNT;
  const evidence = {
    newConversion,
    conversion,
    repeated: await post(newConversion, stamp),
    conflicting: await post({ ...newConversion, amount: 56.78 }, stamp),
    strangeConversion: await post({ ...other, ...STRANGE }, `${stamp}-strange`),
    foundByExternalId: await find(walk, 'listConversions', 'external_id', stamp, id),
    foundByCustomer: await find(
      walk,
      'listConversions',
      'customer_email',
      newConversion.customer_email,
      id,
    ),
    approvedConversion: await patch(walk, 'updateConversion', id, { status: 'approved' }),
  };
  const otherId = idOf(await post(other, `${stamp}-2`));
  if (otherId === null) return evidence;
  const rejection = { status: 'rejected', reason: 'Conformance' };
  return {
    ...evidence,
    rejectedConversion: await patch(walk, 'updateConversion', otherId, rejection),
  };
}

function patch({ attro }: Walk, operation: string, id: string, body: object): Promise<Exchange> {
  return attro.ask({ operation, path: { id }, body });
}

/** Looks for what was written, whose id is known. */
async function find(
  { attro }: Walk,
  operation: string,
  parameter: string,
  value: string,
  id: string,
): Promise<Tried> {
  const isWanted = (record: AttroRecord): boolean => toText(record['id']) === id;
  const exchange = await attro.ask({ operation, query: { [parameter]: value } });
  return { trial: { value, isWanted, isThere: true }, exchange };
}
