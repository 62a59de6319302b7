import { createHookTrigger } from './hook-trigger.ts';
import { sparedFromCopying } from '../definition/frozen-definition.ts';
import { TRIGGER_TABLE } from './table.ts';

export type TriggerKey = (typeof TRIGGER_TABLE)[number]['key'];

type HookTrigger = ReturnType<typeof createHookTrigger<TriggerKey>>;

/** Every trigger by its key. */
export const triggers = sparedFromCopying(
  Object.fromEntries(
    TRIGGER_TABLE.map((row) => [row.key, createHookTrigger<TriggerKey>(row)]),
  ) as Record<TriggerKey, HookTrigger>,
);
