import type { PlainInputField, PlainOutputField } from 'zapier-platform-core';
import { DEFAULT_BASE_URL } from '../attro/contract.ts';
import { createMapper, type FlatRecord } from '../output/mapper.ts';
import { triggers } from '../triggers/index.ts';
import { TRIGGER_TABLE } from '../triggers/table.ts';
import type { TriggerRow } from '../triggers/trigger-row.ts';
import { DELIVERIES } from '../definition/samples.ts';
import type { Recipe } from './recipe.ts';

/** A trigger of the app as a recipe sees it. */
export interface RecipeTrigger {
  row: TriggerRow;
  /** The fields that a user can fill in. */
  inputs: readonly PlainInputField[];
  /** The fields that it always gives, as the app declares them to Zapier. */
  outputs: readonly PlainOutputField[];
}

/** The app's own definition of a trigger, or undefined where it has none of that key. */
export function findTrigger(key: string): RecipeTrigger | undefined {
  const row = TRIGGER_TABLE.find((candidate) => candidate.key === key);
  if (!row) return undefined;
  const { inputFields, outputFields } = triggers[row.key].operation;
  return {
    row,
    inputs: inputFields,
    outputs: outputFields.filter((field) => typeof field !== 'function'),
  };
}

/** @throws when a recipe names a trigger that the app does not have. */
export function triggerOf({ id, trigger }: Pick<Recipe, 'id' | 'trigger'>): RecipeTrigger {
  const found = findTrigger(trigger.key);
  if (!found) throw new Error(`${id}: the app has no trigger ${trigger.key}.`);
  return found;
}

/** What a recipe's trigger gives for the sample delivery, mapped as the app maps a real one. */
export function sampleFields(recipe: Pick<Recipe, 'id' | 'trigger'>): FlatRecord {
  return mapDelivery(triggerOf(recipe).row, {});
}

/** The same for the delivery that the gallery shows: the sample with the recipe's changes. */
export function exampleFields(recipe: Pick<Recipe, 'id' | 'trigger' | 'example'>): FlatRecord {
  return mapDelivery(triggerOf(recipe).row, recipe.example ?? {});
}

function mapDelivery({ event }: TriggerRow, changes: FlatRecord): FlatRecord {
  const { data, timestamp } = DELIVERIES[event];
  const occasion = { timestamp, baseUrl: DEFAULT_BASE_URL };
  return createMapper(event)({ ...data, ...changes }, occasion).fields;
}
