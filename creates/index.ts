import { createRecordStep, stepsByKey } from '../record-step.ts';
import { createPerform } from './create.ts';
import type { CreateRow } from './create-row.ts';
import { CREATE_TABLE } from './table.ts';

export type CreateKey = (typeof CREATE_TABLE)[number]['key'];

/** Every action by its key. */
export const creates = stepsByKey(CREATE_TABLE, (row: CreateRow<CreateKey>) =>
  createRecordStep(row, createPerform),
);
