import type { PlainInputField, ZObject } from 'zapier-platform-core';
import { isRecord } from '../attro/values.ts';
import type { RecordType } from './records.ts';

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
  /** The kind of record that it asks for, which may be gone when the step runs. */
  record?: RecordType;
  /** Reads what is filled in. It is not asked about nothing. */
  read: (value: unknown) => InputReading;
}

export type LabelledField = PlainInputField & { key: string; label: string };

/** What is filled in, by the inputs' keys. An optional input that is empty is not there. */
export type Given = ReadonlyMap<string, InputValue>;

/** Reads what a user has filled in. What is wrong with it is told by the inputs' labels. */
export function tryInputs(
  inputs: readonly Input[],
  inputData: InputData,
): { given: Map<string, InputValue>; problems: ReadonlyMap<string, string> } {
  const given = new Map<string, InputValue>();
  const problems = new Map<string, string>();
  for (const { field, read } of inputs) {
    const { key, label, required } = field;
    const raw = inputData[key];
    const reading = isEmpty(raw) ? { value: undefined } : read(raw);
    if ('problem' in reading) problems.set(label, reading.problem);
    else if (reading.value !== undefined) given.set(key, reading.value);
    else if (required) problems.set(label, `Fill in ${label}: this step cannot do without it.`);
  }
  return { given, problems };
}

/**
 * Reads what a user has filled in, before anything is asked of Attro.
 *
 * @throws an error with everything that is wrong with it, a sentence for each input.
 */
export function readInputs(z: ZObject, inputs: readonly Input[], inputData: InputData): Given {
  const { given, problems } = tryInputs(inputs, inputData);
  refuse(z, problems.values());
  return given;
}

/** @throws an error with everything that is wrong with what a user has filled in, if anything is. */
export function refuse(z: ZObject, problems: Iterable<string>): void {
  const message = [...problems].join(' ');
  if (message) throw new z.errors.Error(message, 'input');
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
