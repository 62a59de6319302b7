import type { PlainInputField, PlainOutputField } from 'zapier-platform-core';
import { DEFAULT_BASE_URL } from '../attro/contract.ts';
import type { AttroRecord } from '../attro/values.ts';
import { DELIVERIES } from '../output/samples.ts';
import { createMapper, type FlatRecord } from '../output/mapper.ts';
import type { Filter } from '../triggers/filters.ts';
import { triggers } from '../triggers/index.ts';
import { TRIGGER_TABLE } from '../triggers/table.ts';
import { findAction } from './actions.ts';
import { OTHER_APPS } from './other-apps.ts';
import { APP, TRIGGER_NAME, type Recipe } from './recipe.ts';
import type { Fields } from './render.ts';

/** A trigger as a recipe sees it. */
export interface RecipeTrigger {
  app: string;
  label: string;
  /** The fields that a user can fill in. */
  inputs: readonly PlainInputField[];
  /** The fields that it always gives, as its app declares them to Zapier. */
  outputs: readonly PlainOutputField[];
  filters: readonly Filter[];
  /** The payload of its sample, which a recipe's example may change. */
  payload: AttroRecord;
  /** What it gives for that payload with changes, mapped as the app maps a real one. */
  fieldsFor: (changes: FlatRecord) => FlatRecord;
}

/** A trigger of the app or of another one, or undefined where there is none of that key. */
export function findTrigger({ app = APP, key }: Recipe['trigger']): RecipeTrigger | undefined {
  return app === APP ? findOwn(key) : findOther(app, key);
}

function findOwn(key: string): RecipeTrigger | undefined {
  const row = TRIGGER_TABLE.find((candidate) => candidate.key === key);
  if (!row) return undefined;
  const { inputFields, outputFields } = triggers[row.key].operation;
  const { data, timestamp } = DELIVERIES[row.event];
  const map = createMapper(row.event);
  return {
    app: APP,
    label: row.label,
    inputs: inputFields,
    outputs: outputFields.filter((field) => typeof field !== 'function'),
    filters: row.filters,
    payload: data,
    fieldsFor: (changes) =>
      map({ ...data, ...changes }, { timestamp, baseUrl: DEFAULT_BASE_URL }).fields,
  };
}

function findOther(app: string, event: string): RecipeTrigger | undefined {
  const trigger = OTHER_APPS[app]?.triggers?.[event];
  if (!trigger) return undefined;
  const { outputs, sample } = trigger;
  return {
    app,
    label: event,
    inputs: [],
    outputs,
    filters: [],
    payload: sample,
    fieldsFor: (changes) => ({ ...sample, ...changes }),
  };
}

/** Every trigger that a recipe may start with: a key of the app's, or `Stripe New Payment`. */
export function triggerNames(): string[] {
  const others = Object.entries(OTHER_APPS).flatMap(([name, { triggers = {} }]) =>
    Object.keys(triggers).map((event) => `${name} ${event}`),
  );
  return [...TRIGGER_TABLE.map(({ key }) => key), ...others];
}

/** @throws when a recipe names a trigger that there is not. */
export function triggerOf({ id, trigger }: Pick<Recipe, 'id' | 'trigger'>): RecipeTrigger {
  const found = findTrigger(trigger);
  if (!found) throw new Error(`${id}: ${trigger.app ?? 'the app'} has no trigger ${trigger.key}.`);
  return found;
}

/** What gives fields to later steps: the trigger, or a step with a name. */
export interface Source {
  name: string;
  /** As the editor calls it. */
  label: string;
  outputs: readonly PlainOutputField[];
  fields: Fields;
}

/** What gives fields in a recipe, in the order of its steps, for the sample payload or a changed one. */
export function sourcesOf(recipe: Recipe, changes: FlatRecord = {}): Source[] {
  const { label, outputs, fieldsFor } = triggerOf(recipe);
  const steps = (recipe.steps ?? []).flatMap(({ name, app, event }) => {
    const gives = findAction(app, event)?.gives;
    return gives ? [{ name, label: event, outputs: gives.outputs, fields: gives.sample }] : [];
  });
  return [{ name: TRIGGER_NAME, label, outputs, fields: fieldsFor(changes) }, ...steps];
}

/** What placeholders call a source's field: with its step's name only where there are several steps. */
export function placeholderName(
  { steps }: Pick<Recipe, 'steps'>,
  name: string,
  key: string,
): string {
  return steps ? `${name}.${key}` : key;
}

/** All that a recipe's steps give, by what placeholders call it, for the sample payload or a changed one. */
export function sampleFields(recipe: Recipe, changes: FlatRecord = {}): Fields {
  const given = sourcesOf(recipe, changes).flatMap(({ name, fields }) =>
    Object.entries(fields).map(([key, value]) => [placeholderName(recipe, name, key), value]),
  );
  return Object.fromEntries(given) as Fields;
}
