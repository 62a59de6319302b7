import type { Bundle, ZObject } from 'zapier-platform-core';
import { attroRequest } from './client.ts';
import type { List } from './contract.ts';
import { unreadableAnswer } from './errors.ts';
import { isRecord, type AttroRecord } from './values.ts';

/** A record that Attro answers with, also inside `{ "data": … }`; null where there is none. */
export function toRecord(answer: unknown): AttroRecord | null {
  if (!isRecord(answer)) return null;
  if (hasId(answer)) return answer;
  const { data } = answer;
  return isRecord(data) && hasId(data) ? data : null;
}

function hasId({ id }: AttroRecord): boolean {
  return typeof id === 'number' || (typeof id === 'string' && id !== '');
}

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

const GONE: readonly number[] = [404, 410];
