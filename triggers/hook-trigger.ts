import type { Bundle, Trigger, ZObject } from 'zapier-platform-core';
import { withReadableErrors } from '../attro/errors.ts';
import { createMapper } from '../output/mapper.ts';
import { checkFilters } from './filters.ts';
import { sparedFromRebuilding } from '../frozen-definition.ts';
import { inputFieldsFor } from '../inputs/input-fields.ts';
import { outputFieldsFor } from '../output/output-fields.ts';
import { createPerformList } from './perform-list.ts';
import { createPerform } from './perform.ts';
import { SAMPLES } from '../output/samples.ts';
import { subscribe, unsubscribe, type Subscription } from './subscription.ts';
import type { TriggerRow } from './trigger-row.ts';

/** In the editor, the filters of a trigger stand together. */
const FILTER_GROUP = sparedFromRebuilding({ key: 'filters', label: 'Only Run For' });

/** Makes the trigger of a row: a REST hook that subscribes, unsubscribes, verifies, lists and maps. */
export function createHookTrigger<const Key extends string>(row: TriggerRow<Key>) {
  const { key, event, noun, label, description, filters } = row;
  const map = createMapper(event);

  return {
    key,
    noun,
    display: { label, description },
    operation: {
      type: 'hook' as const,
      inputFields: inputFieldsFor(
        filters.map(({ input }) => ({ ...input.field, group: FILTER_GROUP.key })),
      ),
      inputFieldGroups: [FILTER_GROUP],
      outputFields: outputFieldsFor(event),
      sample: sparedFromRebuilding(SAMPLES[event]),
      perform: withReadableErrors(createPerform(row, map)),
      performList: withReadableErrors(createPerformList(row, map)),
      performSubscribe: withReadableErrors(
        async (z: ZObject, bundle: Bundle): Promise<Subscription> => {
          const { records } = await checkFilters(z, bundle, filters);
          return { ...(await subscribe(z, bundle, event)), filter_records: records };
        },
      ),
      performUnsubscribe: withReadableErrors(unsubscribe),
    },
  } satisfies Trigger<Key>;
}
