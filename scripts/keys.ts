import type { PlainInputField, PlainOutputField } from 'zapier-platform-core';
import app from '../index.ts';

/** The kinds of step that users' Zaps are made of, as the definition calls them. */
const KINDS = { triggers: 'trigger', searches: 'search', creates: 'action' } as const;

type Kind = keyof typeof KINDS;

interface StepKeys {
  inputs: Record<string, string>;
  outputs: Record<string, string>;
}

/** Every key that users' Zaps may hold, with its type: kind and key of the step, then input and output. */
export type KeyRecord = Record<Kind, Record<string, StepKeys>>;

interface Step {
  operation: {
    inputFields: readonly PlainInputField[];
    outputFields: readonly (PlainOutputField | ((...parameters: never[]) => unknown))[];
  };
}

/** The keys of the definition as it is now. */
export function definitionKeys(): KeyRecord {
  return {
    triggers: keysOf(app.triggers),
    searches: keysOf(app.searches),
    creates: keysOf(app.creates),
  };
}

function keysOf(steps: Readonly<Record<string, Step>>): Record<string, StepKeys> {
  return Object.fromEntries(
    Object.entries(steps).map(([key, { operation }]) => [
      key,
      {
        inputs: types(operation.inputFields),
        outputs: types(operation.outputFields.filter((field) => typeof field !== 'function')),
      },
    ]),
  );
}

function types(fields: readonly { key: string; type?: string }[]): Record<string, string> {
  return Object.fromEntries(fields.map(({ key, type }) => [key, type ?? 'string']));
}

/**
 * What has changed that users' Zaps depend on, or that is not on record yet, a sentence each.
 *
 * @param recorded the keys on record.
 * @param current the keys of the definition.
 */
export function keyProblems(recorded: KeyRecord, current: KeyRecord): string[] {
  const before = flatten(recorded);
  const now = flatten(current);
  const broken = [...before].flatMap(([key, type]) => {
    const type_ = now.get(key);
    if (type_ === undefined)
      return [`${key} was removed or renamed: it is in users' Zaps for ever.`];
    return type_ === type
      ? []
      : [`${key} was ${type} and is ${type_} now: types are for ever too.`];
  });
  const unrecorded = [...now.keys()].filter((key) => !before.has(key));
  return [...broken, ...unrecorded.map((key) => `${key} is new: record it with "npm run keys".`)];
}

function flatten(keys: KeyRecord): Map<string, string> {
  const kinds = Object.entries(KINDS) as [Kind, string][];
  return new Map(
    kinds.flatMap(([kind, name]) =>
      Object.entries(keys[kind]).flatMap(([step, { inputs, outputs }]) => [
        [`the ${name} ${step}`, name] as const,
        ...Object.entries(inputs).map(([key, type]) => [`the input ${step}.${key}`, type] as const),
        ...Object.entries(outputs).map(
          ([key, type]) => [`the output ${step}.${key}`, type] as const,
        ),
      ]),
    ),
  );
}
