import type { EventName } from '../attro/contract.ts';
import type { FlatRecord } from '../output/mapper.ts';
import type { Filter } from './filters.ts';

/** A trigger, as a row of the table: what a user reads, and the event behind it. */
export interface TriggerRow<Key extends string = string> {
  /** For ever: it is stored in every Zap that uses the trigger. */
  key: Key;
  event: EventName;
  noun: string;
  label: string;
  description: string;
  filters: readonly Filter[];
  /** What the event's list is asked for, beside a status, where no filter says otherwise. */
  listQuery?: Readonly<Record<string, string>>;
  /** Tells whether a record of the event's list is one that the event is about; default: all are. */
  lists?: (fields: FlatRecord) => boolean;
}
