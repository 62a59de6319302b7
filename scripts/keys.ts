import { triggers } from '../triggers/index.ts';

/** Every key that users' Zaps may hold, with its type: trigger, then input and output. */
export type KeyRecord = Record<
  string,
  { inputs: Record<string, string>; outputs: Record<string, string> }
>;

/** The keys of the definition as it is now. */
export function definitionKeys(): KeyRecord {
  return Object.fromEntries(
    Object.values(triggers).map(({ key, operation }) => [
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
  return new Map(
    Object.entries(keys).flatMap(([trigger, { inputs, outputs }]) => [
      [`the trigger ${trigger}`, 'a trigger'] as const,
      ...Object.entries(inputs).map(
        ([key, type]) => [`the input ${trigger}.${key}`, type] as const,
      ),
      ...Object.entries(outputs).map(
        ([key, type]) => [`the output ${trigger}.${key}`, type] as const,
      ),
    ]),
  );
}
