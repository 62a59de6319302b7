import type { Bundle, ZObject } from 'zapier-platform-core';
import { attroRequest, attroUrl } from '../attro/client.ts';
import { unreadableAnswer, type Purpose } from '../attro/errors.ts';
import { toRecord } from '../attro/values.ts';
import { givenText, readInputs, refuse } from '../inputs/input.ts';
import { withRecordIds } from '../inputs/lookup.ts';
import type { FlatRecord, Mapper } from '../output/mapper.ts';
import type { CreateRow } from './create-row.ts';
import { idempotencyKey } from './idempotency-key.ts';

/** Makes the function that asks Attro once to write, and gives the record as it is afterwards. */
export function createPerform(row: CreateRow, map: Mapper) {
  const { inputs, method, path, target, changes, onceBy } = row;
  const purpose = purposeOf(row);

  return async (z: ZObject, bundle: Bundle): Promise<FlatRecord> => {
    const read = readInputs(z, inputs, bundle.inputData);
    if (changes !== undefined && read.size === 1) refuse(z, [changes]);
    const given = await withRecordIds(z, bundle, inputs, read);
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
  const named = inputs.flatMap(({ record, field: { label } }) =>
    record ? [{ label, record }] : [],
  );
  const labels = named.map(({ label }) => label).join(' or ');
  const finders = named.map(({ record }) => record.finder).join(' or ');
  return {
    doing,
    scope,
    write: {
      labels: new Map(inputs.map(({ field, attroName }) => [attroName, field.label])),
      look,
      ...(conflict && { conflict }),
      ...(named.length > 0 && {
        gone:
          `It has nothing by the ID in ${labels}: that may have been deleted since, or belong to another ` +
          `account. Pick it from the list, or find it with the step ${finders}.`,
      }),
    },
  };
}
