import type { ZObject } from 'zapier-platform-core';
import { attroUrl } from '../attro/client.ts';
import { EVENTS, MAX_PAGE_SIZE } from '../attro/contract.ts';
import { listPage } from '../attro/lists.ts';
import { outputFieldsOf } from '../output/fields.ts';
import type { FlatRecord, Mapper } from '../output/mapper.ts';
import { METADATA_PREFIX } from '../output/metadata.ts';
import type { CallBundle } from '../inputs/bundle.ts';
import { checkFilters, judgeAll, listQuery } from './filters.ts';
import type { TriggerRow } from './trigger-row.ts';

/** How many records the editor's test shows. */
const SAMPLE_SIZE = 3;

/** How many pages a narrowed sample may take to fill, so that it ends well within Zapier's 30 s. */
const MAX_PAGES = 2;

/**
 * Makes the function that lists real records for the editor's test, narrowed and mapped as the
 * event's deliveries are: three while a sample is loading, else the newest page.
 */
export function createPerformList(row: TriggerRow, map: Mapper) {
  const { event, filters, lists = () => true, listQuery: always } = row;
  const { list } = EVENTS[event];
  const declaredKeys = new Set(outputFieldsOf(event).map(({ key }) => key));

  // A list may say more of a record than its deliveries do. What a user maps in the editor must be
  // there when the Zap runs, so a list shows nothing else than what deliveries promise.
  const promised = (fields: FlatRecord): FlatRecord =>
    Object.fromEntries(
      Object.entries(fields).filter(
        ([key]) => declaredKeys.has(key) || key.startsWith(METADATA_PREFIX),
      ),
    );

  return async (z: ZObject, bundle: CallBundle): Promise<FlatRecord[]> => {
    const narrowing = await checkFilters(z, bundle, filters);
    const isSample = bundle.meta?.isLoadingSample ?? false;
    const choosy = row.lists !== undefined || narrowing.given.size > 0;
    const wanted = isSample ? SAMPLE_SIZE : MAX_PAGE_SIZE;
    const baseUrl = attroUrl(z);

    const query = {
      ...(list.status && { status: list.status }),
      ...always,
      ...listQuery(filters, narrowing),
    };
    const found: FlatRecord[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < (isSample ? MAX_PAGES : 1) && found.length < wanted; page += 1) {
      const { records, nextCursor } = await listPage(z, bundle, {
        list,
        query,
        limit: choosy ? MAX_PAGE_SIZE : wanted,
        ...(cursor !== null && { cursor }),
      });
      const mapped = records.map((record) => promised(map(record, { baseUrl }).fields));
      found.push(
        ...mapped.filter(
          (fields) => lists(fields) && !judgeAll(filters, fields, narrowing).differs,
        ),
      );
      if (nextCursor === null) break;
      cursor = nextCursor;
    }
    return found.slice(0, wanted);
  };
}
