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

/** An app's search or action, with what is filled in at it. */
const step = z.strictObject({
  app: text,
  event: text,
  fields: z.record(text, text).refine((fields) => Object.keys(fields).length > 0),
});

/** This integration's name on Zapier. */
export const APP = 'Attro';

/** What placeholders call the trigger, where steps have names. */
export const TRIGGER_NAME = 'trigger';

/**
 * One Zap template: a trigger, perhaps a filter, perhaps steps in between, and what is done at last. At
 * least one of them is this integration's.
 *
 * A placeholder is `{{key}}` of the trigger's. Where there are steps in between it says whose field it
 * is: `{{trigger.key}}`, or `{{name.key}}` of a step before.
 */
const recipeSchema = z.strictObject({
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
  /** The number of the published template, once there is one. */
  template: z.number().int().positive().optional(),
  trigger: z.strictObject({
    /** This integration's where it is absent. */
    app: text.optional(),
    /** The trigger's key, or the event of another app. */
    key: text,
    inputs: z.record(z.string(), z.union([z.string(), z.number()])),
    /** What a link fills in at the trigger for the recipe's Filter step, which no link can hold. */
    prefill: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  }),
  filter: z
    .strictObject({
      field: text,
      condition: z.enum(Object.keys(CONDITIONS) as [Condition, ...Condition[]]),
      value: z.union([z.string(), z.number()]),
    })
    .optional(),
  steps: z
    .array(step.extend({ name: z.string().regex(/^[a-z_]+$/) }))
    .min(1)
    .optional(),
  action: step,
});

export type Step = z.infer<typeof step> & { name?: string };

export type Recipe = z.infer<typeof recipeSchema> & {
  /** The file's name without its ending. */
  id: string;
};

const FOLDER = new URL('./recipes/', import.meta.url);

/** Every search and action of a recipe, in the order in which they run. */
export function stepsOf({ steps = [], action }: Pick<Recipe, 'steps' | 'action'>): Step[] {
  return [...steps, action];
}

/** The order in which recipes are shown: the guide's own first, those that write back last. */
function byPlace(a: Recipe, b: Recipe): number {
  const rank = (recipe: Recipe): number => {
    if (recipe.source === 'guide') return 0;
    return stepsOf(recipe).some(({ app }) => app === APP) ? 2 : 1;
  };
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
