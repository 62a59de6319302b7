import type { Bundle, ZObject } from 'zapier-platform-core';
import { attroRequest } from './client.ts';
import type { List } from './contract.ts';
import { unreadableAnswer } from './errors.ts';
import { isRecord, type AttroRecord } from './values.ts';

/** A record that can be told from every other of its kind. */
export type IdentifiedRecord = AttroRecord & { readonly id: string | number };

/** A record that Attro answers with, also inside `{ "data": … }`; null where there is none. */
export function toRecord(answer: unknown): IdentifiedRecord | null {
  if (hasId(answer)) return answer;
  const data = isRecord(answer) ? answer['data'] : null;
  return hasId(data) ? data : null;
}

/** Tells whether a value is a record with an id: a text, or a number. */
export function hasId(value: unknown): value is IdentifiedRecord {
  if (!isRecord(value)) return false;
  const { id } = value;
  return Number.isFinite(id) || (typeof id === 'string' && id !== '');
}

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
): Promise<AttroRecord | null> {
  const purpose = { doing: `look up one of your ${plural}`, scope };
  const response = await attroRequest(z, bundle, {
    method: 'GET',
    path: `${path}/${encodeURIComponent(id)}`,
    alsoFine: GONE,
    ...purpose,
  });
  if (GONE.includes(response.status)) return null;
  const record = toRecord(response.data);
  if (!record) throw unreadableAnswer(z, purpose);
  return record;
}
