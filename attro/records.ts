import type { Bundle, ZObject } from 'zapier-platform-core';
import { attroRequest } from './client.ts';
import type { List } from './contract.ts';
import { unreadableAnswer } from './errors.ts';
import { toRecord, type AttroRecord } from './values.ts';

/** Statuses that say of a record: it is not there, or not any more. */
export const GONE: readonly number[] = [404, 410];

/**
 * Gets one record of a list by its id.
 *
 * @returns null where Attro has none of that id, or has it no longer.
 * @throws the error that fits Attro's answer; see `errorFor`.
 */
export async function getRecord(
  z: ZObject,
  bundle: Pick<Bundle, 'authData'>,
  { path, scope, plural }: List,
  id: string,
  until?: number,
): Promise<AttroRecord | null> {
  const purpose = { doing: `look up one of your ${plural}`, scope };
  const response = await attroRequest(z, bundle, {
    method: 'GET',
    path: `${path}/${encodeURIComponent(id)}`,
    alsoFine: GONE,
    until,
    ...purpose,
  });
  if (GONE.includes(response.status)) return null;
  const record = toRecord(response.data);
  if (!record) throw unreadableAnswer(z, purpose);
  return record;
}
