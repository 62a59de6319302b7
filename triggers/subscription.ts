import { randomBytes } from 'node:crypto';
import type { Bundle, ZObject } from 'zapier-platform-core';
import * as zod from 'zod/mini';
import { attroRequest } from '../attro/client.ts';
import { PATHS, SECRET_PREFIX, type EventName } from '../attro/contract.ts';
import { unreadableAnswer } from '../attro/errors.ts';
import { isRecord } from '../attro/values.ts';

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

const answerSchema = zod.object({
  id: zod.string().check(zod.regex(/^[\w.~-]{1,200}$/)),
  url: zod.optional(zod.string()),
  events: zod.optional(zod.array(zod.string())),
  status: zod.optional(zod.string()),
});

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
  const answer = answerSchema.safeParse(response.data);
  const asAsked =
    answer.success &&
    (answer.data.url ?? url) === url &&
    (answer.data.events ?? [event]).includes(event) &&
    (answer.data.status ?? 'active') === 'active';
  if (asAsked) return { id: answer.data.id, secret };

  const id = idOf(response.data) ?? idOf({ id: response.getHeader('location')?.split('/').at(-1) });
  if (id !== null) await removeAgain(z, bundle, id);
  throw unreadableAnswer(z, purpose);
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
  await remove(z, bundle, id, { doing: 'turn off this Zap', scope: 'webhooks:write' });
  return {};
}

/** What is stored for a subscription, of whatever version it is. */
export function storedSubscription(bundle: Pick<Bundle, 'subscribeData'>): StoredSubscription {
  const stored: unknown = bundle.subscribeData;
  if (!isRecord(stored)) return {};
  const { id, secret } = stored;
  return {
    ...(isText(id) && { id }),
    ...(typeof id === 'number' && { id: String(id) }),
    ...(isText(secret) && { secret }),
  };
}

async function remove(
  z: ZObject,
  bundle: Pick<Bundle, 'authData'>,
  id: string,
  { doing, scope }: { doing: string; scope: 'webhooks:write' },
): Promise<void> {
  await attroRequest(z, bundle, {
    method: 'DELETE',
    path: `${PATHS.webhooks}/${encodeURIComponent(id)}`,
    alsoFine: [404, 410],
    doing,
    scope,
  });
}

/** Undoes a subscription that cannot be used. Its own failure must not hide why. */
async function removeAgain(
  z: ZObject,
  bundle: Pick<Bundle, 'authData'>,
  id: string,
): Promise<void> {
  try {
    await remove(z, bundle, id, { doing: 'undo turning on this Zap', scope: 'webhooks:write' });
  } catch {
    z.console.log('A subscription that Attro made could not be removed again.');
  }
}

function idOf(data: unknown): string | null {
  const id = isRecord(data) ? data['id'] : undefined;
  return isText(id) ? id : null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
