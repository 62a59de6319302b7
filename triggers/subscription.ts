import { randomBytes } from 'node:crypto';
import type { Bundle, ZObject } from 'zapier-platform-core';
import { attroRequest } from '../attro/client.ts';
import { PATHS, SECRET_PREFIX, type EventName } from '../attro/contract.ts';
import { unreadableAnswer } from '../attro/errors.ts';
import { GONE, hasId } from '../attro/records.ts';
import { isRecord } from '../attro/values.ts';
import { idsOfMade, subscriptionId } from './subscription-answer.ts';

/** What Zapier keeps of a subscription and hands back with each delivery and on unsubscribing. */
export interface Subscription {
  id: string;
  /** What deliveries are signed with; known to Attro and to Zapier's store alone. */
  secret: string;
}

/** What an older version of this integration, or none, may have stored. */
export type StoredSubscription = Partial<Subscription>;

const SECRET_BYTES = 32;

const purpose = { doing: 'turn on this Zap', scope: 'webhooks:write' } as const;

/** What becomes of a subscription that Attro made and this integration cannot use. */
const NOTHING_LEFT = 'Nothing was left behind in Attro.';
const MAYBE_LEFT =
  'A subscription may be left behind in Attro: look under Settings → Webhooks for an endpoint that was ' +
  'made just now, and remove it.';

/**
 * Asks Attro to post one event to a target URL, signed with a fresh secret.
 *
 * @throws when Attro refuses, or answers with something that is not the subscription asked for; what
 *   it may have made by then is removed again.
 */
export async function subscribe(
  z: ZObject,
  bundle: Pick<Bundle, 'authData' | 'targetUrl'>,
  event: EventName,
): Promise<Subscription> {
  const url = bundle.targetUrl;
  const secret = `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('hex')}`;
  const response = await attroRequest(z, bundle, {
    method: 'POST',
    path: PATHS.webhooks,
    body: { url, events: [event], secret },
    ...purpose,
  });
  const wanted = { url, event };
  const id = subscriptionId(response.data, wanted);
  if (id !== null) return { id, secret };

  const ids = idsOfMade(response.data, response.getHeader('location'), wanted);
  const isUndone = await removeMade(z, bundle, ids);
  throw unreadableAnswer(z, purpose, isUndone ? NOTHING_LEFT : MAYBE_LEFT);
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
  const { id } = storedSubscription(bundle);
  if (id === undefined) {
    z.console.log('Nothing to unsubscribe: no subscription is stored for this Zap.');
    return {};
  }
  await remove(z, bundle, id, 'turn off this Zap', GONE);
  return {};
}

/** What is stored for a subscription, of whatever version it is. */
export function storedSubscription(bundle: Pick<Bundle, 'subscribeData'>): StoredSubscription {
  const stored: unknown = bundle.subscribeData;
  if (!isRecord(stored)) return {};
  const { secret } = stored;
  return {
    ...(hasId(stored) && { id: String(stored.id) }),
    ...(typeof secret === 'string' && secret !== '' && { secret }),
  };
}

/** Statuses of an answer to a removal that leave open whether the id is the subscription's. */
const NONE_BY_THIS_ID = [400, 404, 422];

/** @returns the status of Attro's answer: a success, or one of those that are fine as well. */
async function remove(
  z: ZObject,
  bundle: Pick<Bundle, 'authData'>,
  id: string,
  doing: string,
  alsoFine: readonly number[],
): Promise<number> {
  const { status } = await attroRequest(z, bundle, {
    method: 'DELETE',
    path: `${PATHS.webhooks}/${encodeURIComponent(id)}`,
    alsoFine,
    doing,
    scope: 'webhooks:write',
  });
  return status;
}

/**
 * Undoes a subscription that cannot be used, by the first of its ids that Attro knows. A failure of
 * this must not hide why it was needed.
 *
 * @returns whether it is certain that the subscription is gone.
 */
async function removeMade(
  z: ZObject,
  bundle: Pick<Bundle, 'authData'>,
  ids: readonly string[],
): Promise<boolean> {
  try {
    for (const id of ids) {
      const status = await remove(z, bundle, id, purpose.doing, [...NONE_BY_THIS_ID, ...GONE]);
      if (!NONE_BY_THIS_ID.includes(status)) return true;
    }
  } catch {
    z.console.log('A subscription that Attro made could not be removed again.');
  }
  return false;
}
