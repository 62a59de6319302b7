import type { Bundle, ZObject } from 'zapier-platform-core';
import * as zod from 'zod/mini';
import { attroRequest } from './client.ts';
import { MAX_PAGE_SIZE, type List } from './contract.ts';
import { unreadableAnswer } from './errors.ts';
import { hasId, type IdentifiedRecord } from './values.ts';

/** One page of a list, newest first. */
export interface Page {
  records: IdentifiedRecord[];
  /** What to ask the next page with; null after the last one. */
  nextCursor: string | null;
}

export interface PageRequest {
  list: List;
  query?: Record<string, string>;
  limit?: number;
  cursor?: string;
  /** When Attro must have answered, as `Date.now()` counts. */
  until?: number | undefined;
}

const text = zod.string().check(zod.minLength(1));
const items = zod.array(zod.unknown());
const pageSchema = zod.union([
  zod.pipe(
    items,
    zod.transform((data) => ({ data, next_cursor: null })),
  ),
  zod.object({ data: items, next_cursor: zod.nullish(text) }),
]);

/**
 * Gets one page of a list of Attro's, which is `{ data, next_cursor }` or a bare array. An item
 * without an id is of no use to anyone and is left out.
 *
 * @throws the error that fits Attro's answer; see `errorFor`.
 */
export async function listPage(
  z: ZObject,
  bundle: Pick<Bundle, 'authData'>,
  { list: { path, scope, plural }, query, limit = MAX_PAGE_SIZE, cursor, until }: PageRequest,
): Promise<Page> {
  const purpose = { doing: `list your ${plural}`, scope };
  const response = await attroRequest(z, bundle, {
    method: 'GET',
    path,
    params: { ...query, limit, ...(cursor && { cursor }) },
    until,
    ...purpose,
  });
  const page = pageSchema.safeParse(response.data);
  if (!page.success) throw unreadableAnswer(z, purpose);
  return { records: page.data.data.filter(hasId), nextCursor: page.data.next_cursor ?? null };
}
