import type { PlainInputField } from 'zapier-platform-core';
import { judgeAll } from '../triggers/filters.ts';
import { TRIGGER_TABLE } from '../triggers/table.ts';
import { DELIVERIES } from '../definition/samples.ts';
import { ACTIONS, findAction, findField, openName, type Action } from './actions.ts';
import { copyProblems } from './copy-rules.ts';
import { nearest } from './nearest.ts';
import { CONDITIONS, type Recipe } from './recipe.ts';
import { passesFilter, placeholdersOf, render, withoutPlaceholders } from './render.ts';
import { exampleFields, findTrigger, sampleFields, type RecipeTrigger } from './trigger.ts';

/** Zapier recommends five to ten templates at the start. */
const MIN_RECIPES = 5;
const MAX_RECIPES = 10;

/** The field that every trigger with metadata has. */
const METADATA_FIELD = 'metadata_summary';

/**
 * Everything that is wrong with a set of recipes, each as a sentence that starts with the recipe's
 * file and names the field and, for a key that does not exist, the nearest one that does.
 */
export function checkRecipes(recipes: readonly Recipe[]): string[] {
  return [...recipes.flatMap(checkRecipe), ...checkTogether(recipes)];
}

/** Everything that is wrong with one recipe by itself; see {@link checkRecipes}. */
export function checkRecipe(recipe: Recipe): string[] {
  const trigger = findTrigger(recipe.trigger.key);
  const action = findAction(recipe.action.app, recipe.action.event);
  const problems = [
    ...nameProblems(recipe),
    ...copyProblems(recipe),
    ...(trigger
      ? [
          ...inputProblems(recipe, trigger),
          ...filterProblems(recipe, trigger),
          ...placeholderProblems(recipe, trigger, action),
          ...metadataProblems(recipe, trigger),
          ...exampleProblems(recipe, trigger),
        ]
      : [
          `the trigger ${recipe.trigger.key} does not exist.` +
            hint(
              recipe.trigger.key,
              TRIGGER_TABLE.map(({ key }) => key),
            ),
        ]),
    ...(action ? fieldProblems(recipe, action) : [unknownAction(recipe)]),
  ];
  return problems.map((problem) => `${recipe.id}: ${problem}`);
}

function checkTogether(recipes: readonly Recipe[]): string[] {
  const problems: string[] = [];
  if (recipes.length < MIN_RECIPES || recipes.length > MAX_RECIPES)
    problems.push(
      `There are ${recipes.length} recipes; Zapier recommends ${MIN_RECIPES} to ${MAX_RECIPES}.`,
    );
  const parts = {
    title: ({ title }: Recipe) => title,
    description: ({ description }: Recipe) => description,
    'trigger and action': ({ trigger, action }: Recipe) =>
      [trigger.key, action.app, action.event].join(' | '),
  };
  for (const [part, of] of Object.entries(parts)) {
    const seen = new Map<string, string>();
    for (const recipe of recipes) {
      const first = seen.get(of(recipe));
      if (first) problems.push(`${recipe.id}: it has the same ${part} as ${first}.`);
      else seen.set(of(recipe), recipe.id);
    }
  }
  return problems;
}

function nameProblems({ id, name, action }: Recipe): string[] {
  const problems: string[] = [];
  const expected = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (id !== expected) problems.push(`the file of "${name}" is to be named ${expected}.json.`);
  if (!name.startsWith(`${action.app}: `))
    problems.push(`the name is to start with "${action.app}: ".`);
  return problems;
}

function inputProblems(recipe: Recipe, { row, inputs }: RecipeTrigger): string[] {
  const values = recipe.trigger.inputs;
  const problems: string[] = [];
  for (const [key, value] of Object.entries(values)) {
    const input = inputs.find((candidate) => candidate.key === key);
    const problem = input ? wrongValue(input, value) : `the trigger has no input ${key}.`;
    if (problem && input) problems.push(problem);
    else if (problem)
      problems.push(
        problem +
          hint(
            key,
            inputs.map((candidate) => candidate.key),
          ),
      );
  }
  for (const input of inputs) {
    if (input.required && !Object.hasOwn(values, input.key))
      problems.push(`the trigger's input ${input.label ?? input.key} is required and empty.`);
  }
  for (const { problem } of row.filters) {
    const found = problem?.(values);
    if (found) problems.push(`the trigger would refuse its inputs: ${found}`);
  }
  if (judgeAll(row.filters, exampleFields(recipe), values) === 'differs')
    problems.push("the trigger's inputs keep out the very payload that the gallery shows.");
  return problems;
}

function wrongValue(input: PlainInputField, value: string | number): string | null {
  const name = input.label ?? input.key;
  const wanted = input.type === 'number' ? 'number' : 'string';
  if (typeof value !== wanted)
    return `the trigger's input ${name} takes a ${wanted}, but ${JSON.stringify(value)} is one of another kind.`;
  const { choices } = input;
  if (!choices) return null;
  if ('perform' in choices)
    return `the trigger's input ${name} is chosen from the user's own records; a template leaves it empty.`;
  return !Array.isArray(choices) && !Object.hasOwn(choices, value)
    ? `the trigger's input ${name} has no choice ${value}.${hint(String(value), Object.keys(choices))}`
    : null;
}

function filterProblems({ filter, ...recipe }: Recipe, { row, outputs }: RecipeTrigger): string[] {
  if (!filter) return [];
  const output = outputs.find(({ key }) => key === filter.field);
  if (!output) {
    const keys = outputs.map(({ key }) => key);
    return [
      `the filter compares ${filter.field}, which ${row.label} does not give.${hint(filter.field, keys)}`,
    ];
  }
  const problems: string[] = [];
  const wanted = CONDITIONS[filter.condition];
  const actual = output.type === 'number' ? 'number' : 'text';
  const name = output.label ?? output.key;
  if (actual !== wanted)
    problems.push(
      `the filter compares ${name}, a ${actual}, as a ${wanted} (${filter.condition}).`,
    );
  if (wanted === 'number' && typeof filter.value !== 'number')
    problems.push(
      `the filter compares ${name} with ${JSON.stringify(filter.value)}, not a number.`,
    );
  if (!passesFilter({ filter }, exampleFields(recipe)))
    problems.push('the filter stops the very payload that the gallery shows; give it an example.');
  return problems;
}

function placeholderProblems(
  recipe: Recipe,
  { row, outputs }: RecipeTrigger,
  action: Action | undefined,
): string[] {
  const keys = [...outputs.map(({ key }) => key), ...(recipe.metadata ?? [])];
  return recipe.action.fields.flatMap(({ key: fieldKey, value }) => {
    const name = (action && findField(action, fieldKey)?.label) ?? fieldKey;
    const unknown = placeholdersOf(value)
      .filter((key) => !keys.includes(key))
      .map(
        (key) =>
          `${name} uses {{${key}}}, which ${row.label} does not give.${undeclared(key, outputs)}${hint(key, keys)}`,
      );
    return /\{\{|\}\}/.test(withoutPlaceholders(value))
      ? [...unknown, `${name} has double braces that are no placeholder.`]
      : unknown;
  });
}

function undeclared(key: string, outputs: RecipeTrigger['outputs']): string {
  return key.startsWith('metadata_') && hasMetadata(outputs)
    ? ' A metadata key has to be listed under "metadata".'
    : '';
}

function metadataProblems(recipe: Recipe, { row, outputs }: RecipeTrigger): string[] {
  const declared = recipe.metadata ?? [];
  if (declared.length === 0) return [];
  const problems: string[] = [];
  if (!hasMetadata(outputs)) problems.push(`it lists metadata, but ${row.label} has none.`);
  const used = recipe.action.fields.flatMap(({ value }) => placeholdersOf(value));
  const sample = sampleFields(recipe);
  for (const key of declared) {
    if (!used.includes(key)) problems.push(`it lists ${key} under "metadata" without using it.`);
    if (!Object.hasOwn(sample, key))
      problems.push(`the sample payload has no ${key}.${hint(key, Object.keys(sample))}`);
  }
  if (!/\bmetadata\b/.test(recipe.note ?? ''))
    problems.push('it uses metadata, but its note does not tell the user so.');
  return problems;
}

function hasMetadata(outputs: RecipeTrigger['outputs']): boolean {
  return outputs.some(({ key }) => key === METADATA_FIELD);
}

function exampleProblems(recipe: Recipe, { row }: RecipeTrigger): string[] {
  const plain = JSON.stringify(sampleFields(recipe));
  const known = new Set([...Object.keys(DELIVERIES[row.event].data), ...unsetFields(recipe)]);
  return Object.entries(recipe.example ?? {}).flatMap(([key, value]) => {
    if (!known.has(key))
      return [`its example changes ${key}, which no payload has.${hint(key, known)}`];
    const changed = JSON.stringify(exampleFields({ ...recipe, example: { [key]: value } }));
    return changed === plain ? [`its example sets ${key} to what it is in the sample.`] : [];
  });
}

/** Fields that the sample leaves empty, such as the reason for a change. */
function unsetFields(recipe: Recipe): string[] {
  return Object.entries(sampleFields(recipe)).flatMap(([key, value]) =>
    value === null ? [key] : [],
  );
}

function fieldProblems(recipe: Recipe, action: Action): string[] {
  const { fields } = recipe.action;
  const problems: string[] = [];
  const sample = sampleFieldsOrNone(recipe);
  const seen = new Set<string>();
  for (const { key, value } of fields) {
    const field = findField(action, key);
    if (!field) {
      problems.push(
        `${recipe.action.event} has no field ${key}.${hint(key, Object.keys(action.fields))}`,
      );
      continue;
    }
    if (seen.has(key)) problems.push(`${field.label} is filled twice.`);
    seen.add(key);
    if (field.required && sample && render(value, sample).trim() === '')
      problems.push(`${field.label} is required, and empty for the sample payload.`);
    if (!field.own && /[\w.+-]+@[\w-]+\.\w/.test(withoutPlaceholders(value)))
      problems.push(`${field.label} has an email address in it, which is nobody else's.`);
    const own = openName(action, key);
    if (field.dynamic && own !== undefined && !recipe.note?.includes(own))
      problems.push(
        `${field.label} is a field of the user's own, but the note does not name ${own}.`,
      );
  }
  for (const [key, { label, required }] of Object.entries(action.fields)) {
    if (required && !seen.has(key)) problems.push(`${label} is required and not filled.`);
  }
  return problems;
}

function sampleFieldsOrNone(recipe: Recipe): ReturnType<typeof sampleFields> | undefined {
  return findTrigger(recipe.trigger.key) && sampleFields(recipe);
}

function unknownAction({ action: { app, event } }: Recipe): string {
  const events = Object.entries(ACTIONS).flatMap(([name, actions]) =>
    Object.keys(actions).map((key) => `${name} ${key}`),
  );
  const asked = `${app} ${event}`;
  return `the action ${asked} is not described in templates/actions.ts.${hint(asked, events)}`;
}

function hint(key: string, keys: Iterable<string>): string {
  const best = nearest(key, keys);
  return best === undefined ? '' : ` The nearest is ${best}.`;
}
