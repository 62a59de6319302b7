import type { Bundle, PlainOutputField, ZObject } from 'zapier-platform-core';
import { attroUrl } from '../attro/client.ts';
import { LISTS } from '../attro/contract.ts';
import { listPage } from '../attro/lists.ts';
import type { Shape } from './fields.ts';
import { createMapper, type FlatRecord } from './mapper.ts';
import { METADATA_PREFIX } from './metadata.ts';

/**
 * Makes the function that adds the metadata of the account's recent conversions to a step's output
 * fields, so that they can be mapped by a readable name before a live event has shown them.
 *
 * It fails soft: without the list there are no such fields, and the step works all the same. Only
 * an expired token is passed on, since Zapier then renews it and asks again.
 */
export function createMetadataFields(shape: Shape, declaredKeys: ReadonlySet<string>) {
  const map = createMapper(shape);

  return async (z: ZObject, bundle: Bundle): Promise<PlainOutputField[]> => {
    try {
      const baseUrl = attroUrl(z);
      const { records } = await listPage(z, bundle, { list: LISTS.conversions });
      const recent = records.map((record) => map(record, { baseUrl }).fields);
      const keys = new Set(recent.flatMap((fields) => Object.keys(fields)));
      return [...keys]
        .filter((key) => key.startsWith(METADATA_PREFIX) && !declaredKeys.has(key))
        .map((key) => ({ key, label: labelOf(key), type: typeOf(key, recent) }));
    } catch (error) {
      if (error instanceof z.errors.RefreshAuthError) throw error;
      z.console.log(
        'The metadata of recent conversions could not be loaded, so it is not offered.',
      );
      return [];
    }
  };
}

/** `metadata_utm_source` reads `Metadata Utm Source`. */
function labelOf(key: string): string {
  return key
    .split(/[_-]+/)
    .filter(Boolean)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

/** A number where every conversion that has the entry has a number there; else a text. */
function typeOf(key: string, records: readonly FlatRecord[]): 'number' | 'string' {
  const values = records.map((fields) => fields[key]).filter((value) => value != null);
  return values.length > 0 && values.every((value) => typeof value === 'number')
    ? 'number'
    : 'string';
}
