import type { Bundle, ZObject } from 'zapier-platform-core';
import { attroUrl } from '../attro/client.ts';
import { listPage } from '../attro/lists.ts';
import { getRecord } from '../attro/records.ts';
import { toDateTime, type AttroRecord } from '../attro/values.ts';
import { readInputs, refuse } from '../inputs/input.ts';
import { searchList, withRecordIds } from '../inputs/lookup.ts';
import type { FlatRecord, Mapper } from '../output/mapper.ts';
import type { Lookup, SearchRow } from './search-row.ts';

/** How many records a search gives at the most. */
const MAX_FOUND = 10;

/**
 * Makes the function that looks for records: those of the most exact way first, each way's newest
 * first, none twice. Nothing found is an empty list, on which a Zap stops or creates.
 */
export function createPerform({ inputs, list, lookups, needs }: SearchRow, map: Mapper) {
  // By what a person calls the records of its own list, a search looks for them itself.
  const own = inputs.filter(({ record }) => record?.list === list);
  const others = inputs.filter(({ record }) => record?.list !== list);

  return async (z: ZObject, bundle: Bundle): Promise<FlatRecord[]> => {
    // A record that is named decides alone: the other fields are not even read.
    const named = readInputs(z, own, bundle.inputData);
    const given = named.size > 0 ? named : readInputs(z, others, bundle.inputData);
    if (needs !== undefined && lookups(given).length === 0) refuse(z, [needs]);
    const wanted = lookups(await withRecordIds(z, bundle, others, given));

    const lookUp = async (lookup: Lookup): Promise<AttroRecord[]> => {
      if ('id' in lookup) {
        const found = await getRecord(z, bundle, list, lookup.id);
        return found ? [found] : [];
      }
      const { query, fits, isExact } = lookup;
      const found = query['search']
        ? (
            await searchList(z, bundle, list, query, fits, {
              // An exact name may be on any page.
              enough: isExact ? Infinity : MAX_FOUND,
            })
          ).found
        : (await listPage(z, bundle, { list, query, limit: MAX_FOUND })).records.filter(fits);
      const rank = (record: AttroRecord): number => Number(isExact?.(record) ?? false);
      return found.sort((a, b) => rank(b) - rank(a) || newestFirst(a, b));
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
