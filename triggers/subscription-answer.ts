import * as zod from 'zod/mini';
import type { EventName } from '../attro/contract.ts';
import { toDateTime, toRecord } from '../attro/values.ts';

/** What Attro is asked for: one event, posted to one URL. */
export interface Wanted {
  url: string | undefined;
  event: EventName;
}

/** What Attro says of the subscription that it made. */
export interface Made {
  id: string;
  /** When it ends, as ISO 8601; absent where it does not. */
  expiration_date?: string;
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
 * The subscription that Attro answers with, also inside `{ "data": … }`; null where it is not the one that
 * was asked for. What an answer does not say is taken to be as it was asked for.
 */
export function readSubscription(answer: unknown, { url, event }: Wanted): Made | null {
  const record = toRecord(answer);
  const details = detailsSchema.safeParse(record);
  if (!record || !details.success) return null;
  const id = String(record.id);
  const asAsked =
    USABLE_ID.test(id) &&
    (details.data.url == null || isSameUrl(details.data.url, url)) &&
    (details.data.events ?? [event]).includes(event) &&
    (details.data.status ?? 'active') === 'active';
  if (!asAsked) return null;
  const end = toDateTime(record['expires_at']) ?? toDateTime(record['expiration_date']);
  return { id, ...(end !== null && { expiration_date: end }) };
}

/**
 * Tells whether two URLs differ only as URLs may: in the case of the host or a default port (RFC 3986,
 * 6.2.2 and 6.2.3), or in a slash at the end, which makes no other hook of Zapier's.
 */
export function isSameUrl(one: unknown, other: unknown): boolean {
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
