import { createRecordStep, stepsByKey } from '../record-step.ts';
import { createPerform } from './search.ts';
import type { SearchRow } from './search-row.ts';
import { SEARCH_TABLE } from './table.ts';

export type SearchKey = (typeof SEARCH_TABLE)[number]['key'];

/** Every search by its key. */
export const searches = stepsByKey(SEARCH_TABLE, (row: SearchRow<SearchKey>) =>
  createRecordStep(row, createPerform),
);
