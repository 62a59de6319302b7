import type { Bundle, ZObject } from 'zapier-platform-core';
import { attroUrl } from '../attro/client.ts';
import { listPage } from '../attro/lists.ts';
import { getRecord } from '../attro/records.ts';
import { toDateTime, type AttroRecord } from '../attro/values.ts';
import { readInputs } from '../inputs/input.ts';
import type { FlatRecord, Mapper } from '../output/mapper.ts';
import type { Lookup, SearchRow } from './search-row.ts';

/** How many records a search gives at the most. */
export const MAX_FOUND = 10;

/**
 * Makes the function that looks for records: those of the most exact way first, each way's newest
 * first, none twice. Nothing found is an empty list, on which a Zap stops or creates.
 */
export function createPerform({ inputs, list, lookups, needs }: SearchRow, map: Mapper) {
  return async (z: ZObject, bundle: Bundle): Promise<FlatRecord[]> => {
    const wanted = lookups(readInputs(z, inputs, bundle.inputData));
    if (wanted.length === 0) throw new z.errors.Error(needs, 'input');

    const lookUp = async (lookup: Lookup): Promise<AttroRecord[]> => {
      if ('id' in lookup) {
        const found = await getRecord(z, bundle, list, lookup.id);
        return found ? [found] : [];
      }
      const { query, fits } = lookup;
      const { records } = await listPage(z, bundle, { list, query, limit: MAX_FOUND });
      return records.filter(fits).sort(newestFirst);
    };
    const found = (await Promise.all(wanted.map(lookUp))).flat();
    // A record that several ways lead to keeps its first place.
    const unique = new Map<string, AttroRecord>();
    for (const each of found) {
      const id = String(each['id']);
      if (!unique.has(id)) unique.set(id, each);
    }
    const baseUrl = attroUrl(z);
    return [...unique.values()].slice(0, MAX_FOUND).map((each) => map(each, { baseUrl }).fields);
  };
}

/** Attro lists the newest first already. A record that does not say when it was made comes last. */
function newestFirst(a: AttroRecord, b: AttroRecord): number {
  return timeOf(b) - timeOf(a) || 0;
}

function timeOf({ created_at }: AttroRecord): number {
  const time = toDateTime(created_at);
  return time === null ? -Infinity : Date.parse(time);
}
