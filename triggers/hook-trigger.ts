import type { Bundle, PlainOutputField, Trigger, ZObject } from 'zapier-platform-core';
import { withReadableErrors } from '../attro/errors.ts';
import { outputFieldsOf } from '../output/fields.ts';
import { createMapper } from '../output/mapper.ts';
import { checkInputs } from './filters.ts';
import { sparedFromRebuilding } from './frozen-definition.ts';
import { createMetadataFields } from './metadata-fields.ts';
import { createPerformList } from './perform-list.ts';
import { createPerform } from './perform.ts';
import { SAMPLES } from './samples.ts';
import { subscribe, unsubscribe, type Subscription } from './subscription.ts';
import type { TriggerRow } from './trigger-row.ts';

/** Makes the trigger of a row: a REST hook that subscribes, unsubscribes, verifies, lists and maps. */
export function createHookTrigger<const Key extends string>(row: TriggerRow<Key>) {
  const { key, event, noun, label, description, filters } = row;
  const map = createMapper(event);
  const outputFields: PlainOutputField[] = outputFieldsOf(event).map((field) =>
    sparedFromRebuilding({ key: field.key, label: field.label, type: field.type }),
  );
  const declaredKeys = new Set(outputFields.map((field) => field.key));
  const hasMetadata = declaredKeys.has('metadata_summary');

  return {
    key,
    noun,
    display: { label, description },
    operation: {
      type: 'hook' as const,
      inputFields: filters.flatMap(({ inputs }) => inputs),
      outputFields: hasMetadata
        ? [...outputFields, withReadableErrors(createMetadataFields(event, declaredKeys))]
        : outputFields,
      sample: sparedFromRebuilding(SAMPLES[event]),
      perform: withReadableErrors(createPerform(row, map)),
      performList: withReadableErrors(createPerformList(row, map)),
      performSubscribe: withReadableErrors((z: ZObject, bundle: Bundle): Promise<Subscription> => {
        checkInputs(z, filters, bundle.inputData);
        return subscribe(z, bundle, event);
      }),
      performUnsubscribe: withReadableErrors(unsubscribe),
    },
  } satisfies Trigger<Key>;
}
