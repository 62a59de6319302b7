import type { List } from '../attro/contract.ts';
import type { AttroRecord } from '../attro/values.ts';
import type { RecordSample } from '../definition/samples.ts';
import type { Given, Input } from '../inputs/input.ts';
import type { RecordShape } from '../output/fields.ts';

/** One way to look for records: by an id, or by a query of which Attro's list knows the answer. */
export type Lookup =
  | { id: string }
  | {
      query: Record<string, string>;
      /** Tells whether a listed record is one that was asked for, should Attro ignore the query. */
      fits: (record: AttroRecord) => boolean;
    };

/** A search, as a row of the table: what a user reads and fills in, and how Attro is asked. */
export interface SearchRow<Key extends string = string> {
  /** For ever: it is stored in every Zap that uses the search. */
  key: Key;
  noun: string;
  label: string;
  description: string;
  inputs: readonly Input[];
  record: RecordShape;
  sample: RecordSample;
  list: List;
  /** What to look for, the most exact first; none where too little was filled in. */
  lookups: (given: Given) => readonly Lookup[];
  /** What a user has to fill in at least, as a sentence. */
  needs: string;
}
