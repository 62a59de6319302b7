import { stepsByKey } from '../record-step.ts';
import { createHookTrigger } from './hook-trigger.ts';
import { TRIGGER_TABLE } from './table.ts';
import type { TriggerRow } from './trigger-row.ts';

export type TriggerKey = (typeof TRIGGER_TABLE)[number]['key'];

/** Every trigger by its key. */
export const triggers = stepsByKey(TRIGGER_TABLE, (row: TriggerRow<TriggerKey>) =>
  createHookTrigger(row),
);
