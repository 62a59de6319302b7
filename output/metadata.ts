import { isRecord, keysOf, toText } from '../attro/values.ts';

/** What the key of every metadata field starts with. */
export const METADATA_PREFIX = 'metadata_';

/** How many entries a summary names before it says how many more there are. */
const MAX_SUMMARY_ENTRIES = 20;

/**
 * Free metadata as one readable text: `plan: pro, period: monthly`, ending with `and 3 more` where
 * it has too many entries. Null where there is none.
 */
export function metadataSummary(metadata: unknown): string | null {
  if (!isRecord(metadata)) return toText(metadata);
  const names = keysOf(metadata);
  if (names.length === 0) return null;
  const parts = names
    .slice(0, MAX_SUMMARY_ENTRIES)
    .map((name) => `${name}: ${summaryValue(metadata[name])}`);
  const more = names.length - parts.length;
  return (more > 0 ? [...parts, `and ${more} more`] : parts).join(', ');
}

function summaryValue(value: unknown): string {
  if (value === null) return 'none';
  return toText(value) ?? (Array.isArray(value) ? '[list]' : '[details]');
}
