import type { PlainOutputField } from 'zapier-platform-core';
import { withReadableErrors } from '../attro/errors.ts';
import { outputFieldsOf, type Shape } from './fields.ts';
import { sparedFromRebuilding } from '../frozen-definition.ts';
import { createMetadataFields } from './metadata-fields.ts';

/** The output fields of a shape as Zapier gets them, the account's metadata with them where it has any. */
export function outputFieldsFor(shape: Shape) {
  const declared: PlainOutputField[] = outputFieldsOf(shape).map(({ key, label, type }) =>
    sparedFromRebuilding({ key, label, type }),
  );
  const keys = new Set(declared.map(({ key }) => key));
  return keys.has('metadata_summary')
    ? [...declared, withReadableErrors(createMetadataFields(shape, keys))]
    : declared;
}
