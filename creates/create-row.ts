import type { PATHS, Scope } from '../attro/contract.ts';
import type { RecordStepRow } from '../record-step.ts';

/** An action, as a row of the table: what a user reads and fills in, and what Attro is asked to do. */
export interface CreateRow<Key extends string = string> extends RecordStepRow<Key> {
  method: 'POST' | 'PATCH';
  path: (typeof PATHS)['affiliates' | 'conversions' | 'trackingLinks'];
  /** The input that names the record to change: it goes into the path. */
  target?: string;
  /** What to fill in at least beside the target, as a sentence; absent where anything is required. */
  changes?: string;
  /** The input that makes a second run the same write as the first. */
  onceBy?: string;
  scope: Scope;
  /** What is done, as in "Attro could not {doing}". */
  doing: string;
  /** What a conflict with something in Attro (409) means, and what to do. */
  conflict?: string;
  /** How a user sees whether it has happened when no answer came. */
  look: string;
}
