import type { Bundle, ZObject } from 'zapier-platform-core';
import { withReadableErrors } from './attro/errors.ts';
import { sparedFromCopying, sparedFromRebuilding } from './frozen-definition.ts';
import type { Input } from './inputs/input.ts';
import { inputFieldsFor } from './inputs/input-fields.ts';
import type { RecordShape } from './output/fields.ts';
import { createMapper, type Mapper } from './output/mapper.ts';
import { outputFieldsFor } from './output/output-fields.ts';
import { RECORD_SAMPLES, type RecordSample } from './output/samples.ts';

/** What the rows of searches and of actions have in common: a step that gives records of one shape. */
export interface RecordStepRow<Key extends string = string> {
  /** For ever: it is stored in every Zap that uses the step. */
  key: Key;
  noun: string;
  label: string;
  description: string;
  inputs: readonly Input[];
  record: RecordShape;
  sample: RecordSample;
}

/** Makes the definition of a search or an action from its row and the function that does its work. */
export function createRecordStep<Row extends RecordStepRow, Result>(
  row: Row,
  createPerform: (row: Row, map: Mapper) => (z: ZObject, bundle: Bundle) => Promise<Result>,
) {
  const { key, noun, label, description, inputs, record, sample } = row;
  return {
    key: key as Row['key'],
    noun,
    display: { label, description },
    operation: {
      inputFields: inputFieldsFor(inputs.map(({ field }) => field)),
      outputFields: outputFieldsFor(record),
      sample: sparedFromRebuilding(RECORD_SAMPLES[sample]),
      perform: withReadableErrors(createPerform(row, createMapper(record))),
    },
  };
}

/** Every step of a table by its key, as the platform wants them. */
export function stepsByKey<Row extends { key: string }, Step>(
  table: readonly Row[],
  create: (row: Row) => Step,
): Readonly<Record<Row['key'], Step>> {
  return sparedFromCopying(
    Object.fromEntries(table.map((row) => [row.key, create(row)])) as Record<Row['key'], Step>,
  );
}
