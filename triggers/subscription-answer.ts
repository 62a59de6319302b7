import * as zod from 'zod/mini';
import type { EventName } from '../attro/contract.ts';
import { hasId, toRecord } from '../attro/records.ts';
import { isRecord } from '../attro/values.ts';

/** What Attro is asked for: one event, posted to one URL. */
export interface Wanted {
  url: string | undefined;
  event: EventName;
}

/** What a subscription may say of itself beside its id. */
const detailsSchema = zod.object({
  url: zod.nullish(zod.string()),
  events: zod.nullish(zod.array(zod.string())),
  status: zod.nullish(zod.string()),
});

/** An id that is kept and later put into a path; dots alone would lead to another address. */
const USABLE_ID = /^(?!\.+$)[\w.~-]{1,200}$/;

/**
 * The id of the subscription that Attro answers with, also inside `{ "data": … }`; null where it is
 * not the one that was asked for. What an answer does not say is taken to be as it was asked for.
 */
export function subscriptionId(answer: unknown, { url, event }: Wanted): string | null {
  const record = toRecord(answer);
  const details = detailsSchema.safeParse(record);
  if (!record || !details.success) return null;
  const id = String(record.id);
  const asAsked =
    USABLE_ID.test(id) &&
    (details.data.url == null || isSameUrl(details.data.url, url)) &&
    (details.data.events ?? [event]).includes(event) &&
    (details.data.status ?? 'active') === 'active';
  return asAsked ? id : null;
}

/**
 * Tells whether two URLs differ only as URLs may: in the case of the host, a default port or a slash
 * at the end (RFC 3986, 6.2.2 and 6.2.3).
 */
function isSameUrl(one: unknown, other: unknown): boolean {
  const normal = normalUrl(one);
  return normal !== null && normal === normalUrl(other);
}

function normalUrl(text: unknown): string | null {
  if (typeof text !== 'string' || !URL.canParse(text)) return null;
  const url = new URL(text);
  url.pathname = url.pathname.replace(/\/+$/, '');
  url.hash = '';
  return url.href;
}

/** The most ids that are worth a request each. */
const MAX_IDS = 4;

/** How deep in an answer an id is looked for. */
const MAX_DEPTH = 4;

/** Tells whether a name is a subscription's, or its id's: `webhook`, `subscription`, `endpoint_id`. */
function isSubscriptionName(name: string): boolean {
  return /(?:hook|subscription|endpoint)s?(?:_?id)?$/i.test(name);
}

/** Tells whether a name says nothing of what is inside. */
function isEnvelope(name: string): boolean {
  return /^(?:data|result|response|payload)$/i.test(name);
}

const ADDRESS_OF_SUBSCRIPTION = /(?:hook|subscription|endpoint)s?\/([^/?#]+)\/?(?:[?#]|$)/i;

/** The item of a list that has no other. */
const ONLY_ITEM = 'data';

/** Any other item of a list: which of them is meant, only the item itself can tell. */
const ONE_OF_MANY = '';

/** Dots alone, or a slash, would lead to another address than a subscription's. */
const REMOVABLE_ID = /^(?!\.+$)[^\s/]{1,200}$/;

/**
 * The ids by which an answer that cannot be used may name the subscription that Attro has made, the
 * likeliest first: of what has its URL, of what is named so, of the answer itself. An id of anything
 * else, such as an organization or one of several subscriptions, is not among them: whatever has
 * such an id would be removed instead.
 *
 * @param location the answer's Location header (RFC 9110, 10.2.2).
 */
export function idsOfMade(
  answer: unknown,
  location: string | null | undefined,
  { url }: Wanted,
): string[] {
  const found = identified(answer);
  const ids = [
    ...found.filter(({ address }) => isSameUrl(address, url)),
    ...found.filter(({ path }) => path.slice(-1).some(isSubscriptionName)),
    ...inLocation(location),
    ...found.filter(({ path }) =>
      path.every((name) => isSubscriptionName(name) || isEnvelope(name)),
    ),
  ].map(({ id }) => String(id));
  return [...new Set(ids)].filter((id) => REMOVABLE_ID.test(id)).slice(0, MAX_IDS);
}

/** Something in an answer that has an id, and where it is. */
interface Identified {
  id: string | number;
  address?: unknown;
  /** The names that lead to it. */
  path: readonly string[];
}

function identified(value: unknown, path: readonly string[] = []): Identified[] {
  const own = hasId(value) ? [{ id: value.id, address: value['url'], path }] : [];
  if (path.length >= MAX_DEPTH) return own;
  return [
    ...own,
    ...partsOf(value).flatMap(([name, part]) => {
      const at = [...path, name];
      const named = { id: part };
      return isSubscriptionName(name) && hasId(named)
        ? [{ id: named.id, path: at }]
        : identified(part, at);
    }),
  ];
}

function partsOf(value: unknown): [name: string, part: unknown][] {
  if (!Array.isArray(value)) return isRecord(value) ? Object.entries(value) : [];
  const name = value.length === 1 ? ONLY_ITEM : ONE_OF_MANY;
  return value.map((item: unknown) => [name, item]);
}

/** The end of an address like `https://get-attro.com/api/v1/webhooks/wh_1`. */
function inLocation(location: string | null | undefined): Pick<Identified, 'id'>[] {
  const id = ADDRESS_OF_SUBSCRIPTION.exec(location ?? '')?.[1];
  return id === undefined ? [] : [{ id }];
}
