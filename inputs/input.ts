import type { PlainInputField, ZObject } from 'zapier-platform-core';
import { isRecord } from '../attro/values.ts';

/** What a user has filled in, as Zapier hands it over. */
export type InputData = Readonly<Record<string, unknown>>;

/** What is filled in, once it is read: as it goes to Attro. */
export type InputValue = string | number | Readonly<Record<string, string>>;

/** What became of reading a value. A problem is a sentence for the user that names the label. */
export type InputReading = { value: InputValue | undefined } | { problem: string };

/** An input of a search or an action: what the editor shows, and how its value is read. */
export interface Input {
  field: LabelledField;
  /** Attro's name for it. */
  attroName: string;
  /** Whether it names a record of Attro's, which may be gone when the step runs. */
  namesRecord?: boolean;
  /** Reads what is filled in. It is not asked about nothing. */
  read: (value: unknown) => InputReading;
}

export type LabelledField = PlainInputField & { key: string; label: string };

/** What is filled in, by the inputs' keys. An optional input that is empty is not there. */
export type Given = ReadonlyMap<string, InputValue>;

/**
 * Reads what a user has filled in, before anything is asked of Attro.
 *
 * @throws an error with everything that is wrong with it, a sentence for each input.
 */
export function readInputs(z: ZObject, inputs: readonly Input[], inputData: InputData): Given {
  const given = new Map<string, InputValue>();
  const problems: string[] = [];
  for (const { field, read } of inputs) {
    const { key, label, required } = field;
    const raw = inputData[key];
    const reading = isEmpty(raw) ? { value: undefined } : read(raw);
    if ('problem' in reading) problems.push(reading.problem);
    else if (reading.value !== undefined) given.set(key, reading.value);
    else if (required) problems.push(`Fill in ${label}: this step cannot do without it.`);
  }
  if (problems.length > 0) throw new z.errors.Error(problems.join(' '), 'input');
  return given;
}

/** A text that was given, or an empty one. */
export function givenText(given: Given, key: string): string {
  const value = given.get(key);
  return typeof value === 'string' ? value : '';
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === '';
  if (isRecord(value)) return Object.keys(value).length === 0;
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
