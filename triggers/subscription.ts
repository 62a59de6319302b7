import { randomBytes } from 'node:crypto';
import type { Bundle, ZObject } from 'zapier-platform-core';
import * as zod from 'zod/mini';
import { attroRequest } from '../attro/client.ts';
import { LISTS, PATHS, SECRET_PREFIX, type EventName } from '../attro/contract.ts';
import { unreadableAnswer } from '../attro/errors.ts';
import { listPage } from '../attro/lists.ts';
import { GONE } from '../attro/records.ts';
import { isSameUrl, readSubscription, type Made } from './subscription-answer.ts';

const text = zod.string().check(zod.minLength(1));

const subscriptionSchema = zod.object({
  id: text,
  /** What deliveries are signed with; known to Attro and to Zapier's store alone. */
  secret: text,
  /** The records that filters name; see `LookedUpRecords`. */
  filter_records: zod.optional(zod.record(zod.string(), zod.object({ said: text, id: text }))),
  /** When it ends, as ISO 8601. Documented by Zapier: it subscribes anew then. */
  expiration_date: zod.optional(text),
});

/** What Zapier keeps of a subscription and hands back with each delivery and on unsubscribing. */
export type Subscription = zod.infer<typeof subscriptionSchema>;

const SECRET_BYTES = 32;

const purpose = { doing: 'turn on this Zap', scope: 'webhooks:write' } as const;

/**
 * Asks Attro to post one event to a target URL, signed with a fresh secret. Whatever becomes of it, no
 * other endpoint stays at this URL: one may be left of a Zap that was turned off while Attro was down, or
 * of an answer that was lost or cannot be used.
 *
 * @throws when Attro refuses, or answers with something that is not the subscription asked for.
 */
export async function subscribe(
  z: ZObject,
  bundle: Pick<Bundle, 'authData' | 'targetUrl'>,
  event: EventName,
): Promise<Subscription> {
  const secret = `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('hex')}`;
  let made: Made;
  try {
    made = await requestSubscription(z, bundle, event, secret);
  } catch (error) {
    // The call comes again with a new token.
    if (!(error instanceof z.errors.RefreshAuthError)) await removeOthers(z, bundle, null);
    throw error;
  }
  await removeOthers(z, bundle, made.id);
  return { secret, ...made };
}

async function requestSubscription(
  z: ZObject,
  bundle: Pick<Bundle, 'authData' | 'targetUrl'>,
  event: EventName,
  secret: string,
): Promise<Made> {
  const url = bundle.targetUrl;
  const { data } = await attroRequest(z, bundle, {
    method: 'POST',
    path: PATHS.webhooks,
    body: { url, events: [event], secret },
    ...purpose,
  });
  const made = readSubscription(data, { url, event });
  if (!made) throw unreadableAnswer(z, purpose);
  return made;
}

/**
 * Asks Attro to end a subscription. One that is gone already, or was never stored, is no error.
 *
 * @throws when Attro cannot be reached or refuses.
 */
export async function unsubscribe(
  z: ZObject,
  bundle: Pick<Bundle, 'authData' | 'subscribeData'>,
): Promise<Record<string, never>> {
  const subscription = storedSubscription(bundle);
  if (subscription) await remove(z, bundle, subscription.id, 'turn off this Zap');
  else z.console.log('Nothing to unsubscribe: no subscription is stored for this Zap.');
  return {};
}

/** What is stored for a subscription; null where that is none. */
export function storedSubscription(bundle: Pick<Bundle, 'subscribeData'>): Subscription | null {
  return subscriptionSchema.safeParse(bundle.subscribeData).data ?? null;
}

async function remove(
  z: ZObject,
  bundle: Pick<Bundle, 'authData'>,
  id: string,
  doing: string,
  until?: number,
): Promise<void> {
  await attroRequest(z, bundle, {
    method: 'DELETE',
    path: `${PATHS.webhooks}/${encodeURIComponent(id)}`,
    alsoFine: GONE,
    doing,
    scope: 'webhooks:write',
    until,
  });
}

/** How many pages of endpoints are looked through. */
const MAX_PAGES = 3;

/** The most endpoints that are removed at once. */
const MAX_REMOVED = 10;

/** How long cleaning up may take altogether, in milliseconds: with a lookup and a request before it, it ends within Zapier's 30 s. */
const CLEANUP_BUDGET_MS = 8_000;

/**
 * Removes the endpoints at this Zap's target URL other than the one that was just made: such a URL belongs
 * to one Zap. A failure of this must neither keep a Zap from being turned on nor hide why it could not be.
 */
async function removeOthers(
  z: ZObject,
  bundle: Pick<Bundle, 'authData' | 'targetUrl'>,
  keptId: string | null,
): Promise<void> {
  const until = Date.now() + CLEANUP_BUDGET_MS;
  const others: string[] = [];
  let failed = false;
  try {
    let cursor: string | null = null;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { records, nextCursor } = await listPage(z, bundle, {
        list: LISTS.webhooks,
        until,
        ...(cursor !== null && { cursor }),
      });
      others.push(
        ...records
          .filter(({ id, url }) => String(id) !== keptId && isSameUrl(url, bundle.targetUrl))
          .map(({ id }) => String(id)),
      );
      cursor = nextCursor;
      if (cursor === null) break;
    }
  } catch {
    failed = true;
  }
  // Each is waited for, also where another fails: what is still under way when this ends may be cut off.
  const removals = await Promise.allSettled(
    others.slice(0, MAX_REMOVED).map((id) => remove(z, bundle, id, purpose.doing, until)),
  );
  if (failed || removals.some(({ status }) => status === 'rejected')) {
    z.console.log('Endpoints that may be left at the target URL of this Zap could not be removed.');
  }
}
