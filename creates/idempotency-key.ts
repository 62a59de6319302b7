import { hash } from 'node:crypto';
import type { Bundle } from 'zapier-platform-core';

/**
 * The key by which Attro tells a repeated write from a new one: a digest of the connection's account
 * and the user's own ID for what is written. How it is made is for ever, since the same write must get
 * the same key after an update of this integration too.
 */
export function idempotencyKey({ authData }: Pick<Bundle, 'authData'>, externalId: string): string {
  return hash('sha256', JSON.stringify([authData['account_id'], externalId]));
}
