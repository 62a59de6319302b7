import * as zod from 'zod/mini';

/** Something that Zapier's checks found. */
export interface Finding {
  /** Whether the version cannot be pushed with it. */
  isError: boolean;
  /** Where it is, such as `triggers.new_affiliate`. */
  place: string;
  message: string;
}

const tables = zod.tuple([
  zod.array(zod.object({ property: zod.string(), message: zod.string() })),
  zod.optional(
    zod.array(
      zod.object({ category: zod.string(), method: zod.string(), description: zod.string() }),
    ),
  ),
]);

/** What the CLI calls the findings that keep a version from being pushed. */
const ERRORS = 'Errors';

/**
 * The findings in what `validate --format raw` prints: a JSON array of where the definition breaks the
 * schema, then one of what Zapier's own checks found, then a legend.
 *
 * @returns null where it printed something else.
 */
export function readFindings(stdout: string): Finding[] | null {
  let documents: unknown[];
  try {
    documents = stdout
      .split(/^(?=\[)/m)
      .filter((document) => document.trim() !== '')
      .map((document) => JSON.parse(document) as unknown);
  } catch {
    return null;
  }
  const read = tables.safeParse(documents.slice(0, 2));
  if (!read.success) return null;
  const [broken, found = []] = read.data;
  return [
    ...broken.map(({ property, message }) => ({ isError: true, place: property, message })),
    ...found.map(({ category, method, description }) => ({
      isError: category === ERRORS,
      place: method,
      message: description,
    })),
  ];
}
