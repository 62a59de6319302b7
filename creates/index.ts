import { sparedFromCopying } from '../definition/frozen-definition.ts';
import { createCreate } from './create.ts';
import { CREATE_TABLE } from './table.ts';

export type CreateKey = (typeof CREATE_TABLE)[number]['key'];

type CreateDefinition = ReturnType<typeof createCreate<CreateKey>>;

/** Every action by its key. */
export const creates = sparedFromCopying(
  Object.fromEntries(CREATE_TABLE.map((row) => [row.key, createCreate<CreateKey>(row)])) as Record<
    CreateKey,
    CreateDefinition
  >,
);
