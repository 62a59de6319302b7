import { sparedFromCopying } from '../definition/frozen-definition.ts';
import { createSearch } from './search.ts';
import { SEARCH_TABLE } from './table.ts';

export type SearchKey = (typeof SEARCH_TABLE)[number]['key'];

type SearchDefinition = ReturnType<typeof createSearch<SearchKey>>;

/** Every search by its key. */
export const searches = sparedFromCopying(
  Object.fromEntries(SEARCH_TABLE.map((row) => [row.key, createSearch<SearchKey>(row)])) as Record<
    SearchKey,
    SearchDefinition
  >,
);
