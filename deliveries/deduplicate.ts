import { hash, randomUUID } from 'node:crypto';
import type { ZObject } from 'zapier-platform-core';
import { RETRY_WINDOW_SECONDS } from '../attro/contract.ts';
import { isRecord } from '../attro/values.ts';

/** How long a delivery is remembered, in seconds: Attro's retry window and a margin for slow clocks. */
const REMEMBER_SECONDS = RETRY_WINDOW_SECONDS + 20 * 60;

/** How long an event may wait for the cache altogether, in milliseconds. After that it goes through. */
export const MAX_CACHE_WAIT_MS = 1_500;

/**
 * Headers that name one received request: they differ between two posts by Attro and are the same
 * when Zapier runs one post again. Which of them Zapier hands over is unverified, so any will do.
 */
const REQUEST_ID_HEADERS = new Set([
  'cf-ray',
  'traceparent',
  'x-amz-cf-id',
  'x-amzn-trace-id',
  'x-b3-traceid',
  'x-cloud-trace-context',
  'x-correlation-id',
  'x-datadog-trace-id',
  'x-request-id',
  'x-zapier-request-id',
]);

/** What makes two deliveries the same one. */
export interface DeliveryIdentity {
  subscriptionId: string;
  event: string;
  recordId: string;
  /** The envelope's timestamp; without one the whole body stands in for it. */
  timestamp: string | null;
  body: string;
}

interface Claim {
  /** Names one run of this code. */
  run: string;
  /** Names the request that Zapier received; null where no header tells. */
  request: string | null;
}

/**
 * Tells whether a delivery has made a Zap run already, and claims it for this run if not.
 *
 * Zapier does not deduplicate hooks and Attro delivers at least once. The first run to claim a
 * delivery in Zapier's cache wins; that is one call of it. Only a claim that is refused costs a second
 * one, which looks at who made it: this very run, whose first answer was lost on the way (the platform
 * repeats a call that failed); the same received request, which Zapier runs again; or another request,
 * which makes this delivery a duplicate.
 *
 * Losing an event is worse than doubling it: whenever the cache is slow, throttles, fails or answers
 * anything else, the delivery counts as new.
 *
 * The answers of `set` are told by the developer who typed it (zapier/zapier-platform, pull request
 * 921): true or false for whether the key was set, null when throttled. `nx` is not documented.
 */
export function isDuplicate(
  cache: ZObject['cache'],
  identity: DeliveryIdentity,
  headers: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const mine: Claim = { run: randomUUID(), request: requestId(headers) };
  // One promise and no race: inside the platform's domain each takes several times as long as elsewhere.
  return new Promise((resolve) => {
    const answer = (verdict: boolean): void => {
      clearTimeout(timer);
      resolve(verdict);
    };
    const timer = setTimeout(answer, MAX_CACHE_WAIT_MS, false);
    claimedByAnother(cache, cacheKey(identity), mine).then(answer, () => {
      answer(false);
    });
  });
}

async function claimedByAnother(
  cache: ZObject['cache'],
  key: string,
  mine: Claim,
): Promise<boolean> {
  const isSet: unknown = await cache.set(key, mine, REMEMBER_SECONDS, undefined, true);
  if (isSet !== false) return false;
  return isOther(await cache.get(key), mine);
}

/** Tells whether the winner is known for certain to be another. */
function isOther(winner: unknown, mine: Claim): boolean {
  if (!isRecord(winner) || typeof winner['run'] !== 'string') return false;
  const sameRequest = mine.request !== null && winner['request'] === mine.request;
  return winner['run'] !== mine.run && !sameRequest;
}

/**
 * The key that a delivery is claimed under. The cache is shared by all users of the app, so it is a digest
 * that tells nothing.
 */
export function cacheKey({
  subscriptionId,
  event,
  recordId,
  timestamp,
  body,
}: DeliveryIdentity): string {
  return `delivery-${digest(JSON.stringify([subscriptionId, event, recordId, timestamp ?? digest(body)]))}`;
}

function requestId(headers: Readonly<Record<string, unknown>>): string | null {
  const ids = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase().replace(/^http-/, ''), value] as const)
    .filter(([name]) => REQUEST_ID_HEADERS.has(name))
    .map(([name, value]) => `${name}=${String(value)}`)
    .sort();
  return ids.length > 0 ? digest(ids.join('\n')) : null;
}

function digest(text: string): string {
  return hash('sha256', text);
}
