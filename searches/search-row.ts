import type { List } from '../attro/contract.ts';
import type { AttroRecord } from '../attro/values.ts';
import type { Given } from '../inputs/input.ts';
import type { RecordStepRow } from '../record-step.ts';

/** One way to look for records: by an id, or by a query of which Attro's list knows the answer. */
export type Lookup =
  | { id: string }
  | {
      query: Record<string, string>;
      /** Tells whether a listed record is one that was asked for, should Attro ignore the query. */
      fits: (record: AttroRecord) => boolean;
      /** Tells which of those come first; absent where only their age counts. */
      isExact?: (record: AttroRecord) => boolean;
    };

/** A search, as a row of the table: what a user reads and fills in, and how Attro is asked. */
export interface SearchRow<Key extends string = string> extends RecordStepRow<Key> {
  list: List;
  /** What to look for, the most exact first; none where too little was filled in. */
  lookups: (given: Given) => readonly Lookup[];
  /** What a user has to fill in at least, as a sentence; absent where nothing is needed. */
  needs?: string;
}
