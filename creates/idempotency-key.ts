import { hash } from 'node:crypto';
import type { Bundle, ZObject } from 'zapier-platform-core';
import { fetchAccount } from '../attro/account.ts';

/**
 * The key by which Attro tells a repeated write from a new one: a digest of the connection's account
 * and the user's own ID for what is written. How it is made is for ever, since the same write must get
 * the same key after an update of this integration too.
 */
export async function idempotencyKey(
  z: ZObject,
  bundle: Pick<Bundle, 'authData'>,
  externalId: string,
): Promise<string> {
  const account = bundle.authData['account_id'] || (await fetchAccount(z, bundle)).account_id;
  return hash('sha256', JSON.stringify([account, externalId]));
}
