import { readFileSync, readdirSync } from 'node:fs';
import { z } from 'zod';

const text = z.string().trim().min(1);

/** What Zapier's Filter step offers for each kind of field, as its editor words it. */
export const CONDITIONS = {
  '(Number) Greater than': 'number',
  '(Number) Less than': 'number',
  '(Text) Exactly matches': 'text',
  '(Text) Contains': 'text',
} as const;

export type Condition = keyof typeof CONDITIONS;

/** One Zap template: a trigger of this integration, perhaps a filter, and another app's action. */
export const recipeSchema = z.strictObject({
  /** As Attro's guide or this project calls it. */
  name: text,
  /** As Zapier shows it. */
  title: text,
  description: text,
  /** Whose recipe it is: word for word of Attro's guide, or this project's own. */
  source: z.enum(['guide', 'attro']),
  /** What a user has to know or prepare; Zapier shows it in italics after the description. */
  note: text.optional(),
  /** Metadata keys that it uses; they exist only where an account sends such metadata. */
  metadata: z.array(z.string().regex(/^metadata_\w+$/)).optional(),
  /** How the gallery's payload differs from the sample, where the sample alone would show little. */
  example: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  trigger: z.strictObject({
    key: text,
    inputs: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
  filter: z
    .strictObject({
      field: text,
      condition: z.enum(Object.keys(CONDITIONS) as [Condition, ...Condition[]]),
      value: z.union([z.string(), z.number()]),
    })
    .optional(),
  action: z.strictObject({
    app: text,
    event: text,
    fields: z.array(z.strictObject({ key: text, value: text })).min(1),
  }),
});

export type Recipe = z.infer<typeof recipeSchema> & {
  /** The file's name without its ending. */
  id: string;
};

const FOLDER = new URL('./recipes/', import.meta.url);

/** The order in which recipes are shown: the guide's own first, then by name. */
function byPlace(a: Recipe, b: Recipe): number {
  const rank = ({ source }: Recipe): number => (source === 'guide' ? 0 : 1);
  return rank(a) - rank(b) || a.id.localeCompare(b.id);
}

/**
 * Reads every recipe of a folder, the project's own by default.
 *
 * @throws when a file is not a recipe; the message names the file and the field.
 */
export function readRecipes(folder: URL = FOLDER): Recipe[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const result = recipeSchema.safeParse(
        JSON.parse(readFileSync(new URL(file, folder), 'utf8')),
      );
      if (!result.success)
        throw new Error(`templates/recipes/${file}: ${z.prettifyError(result.error)}`);
      return { ...result.data, id: file.replace(/\.json$/, '') };
    })
    .sort(byPlace);
}
