import type { Bundle, ZObject } from 'zapier-platform-core';
import { attroRequest, attroUrl } from '../attro/client.ts';
import { unreadableAnswer, type Purpose } from '../attro/errors.ts';
import { toRecord } from '../attro/values.ts';
import { givenText, readInputs } from '../inputs/input.ts';
import { withRecordIds } from '../inputs/lookup.ts';
import type { FlatRecord, Mapper } from '../output/mapper.ts';
import type { CreateRow } from './create-row.ts';
import { idempotencyKey } from './idempotency-key.ts';

/** Makes the function that asks Attro once to write, and gives the record as it is afterwards. */
export function createPerform(row: CreateRow, map: Mapper) {
  const { inputs, method, path, target, onceBy } = row;
  const purpose = purposeOf(row);

  return async (z: ZObject, bundle: Bundle): Promise<FlatRecord> => {
    const given = await withRecordIds(z, bundle, inputs, readInputs(z, inputs, bundle.inputData));
    const body = Object.fromEntries(
      inputs
        .filter(({ field }) => field.key !== target && given.has(field.key))
        .map(({ field, attroName }) => [attroName, given.get(field.key)]),
    );
    const response = await attroRequest(z, bundle, {
      method,
      path: target ? `${path}/${encodeURIComponent(givenText(given, target))}` : path,
      body,
      ...(onceBy && {
        headers: { 'Idempotency-Key': idempotencyKey(bundle, givenText(given, onceBy)) },
      }),
      ...purpose,
    });
    const record = toRecord(response.data);
    if (!record) throw unreadableAnswer(z, purpose);
    return map(record, { baseUrl: attroUrl(z) }).fields;
  };
}

/** What messages about an action say. */
function purposeOf({ doing, scope, inputs, conflict, look }: CreateRow): Purpose {
  const named = inputs.filter(({ record }) => record).map(({ field }) => field.label);
  return {
    doing,
    scope,
    write: {
      labels: new Map(inputs.map(({ field, attroName }) => [attroName, field.label])),
      look,
      ...(conflict && { conflict }),
      ...(named.length > 0 && {
        gone:
          `It has nothing by the ID in ${named.join(' or ')}: that may have been deleted since, or ` +
          'belong to another account. Pick it from the list, or find it in a step before this one.',
      }),
    },
  };
}
