import type { PlainInputField } from 'zapier-platform-core';
import { judgeAll, readFilters } from '../triggers/filters.ts';
import { TRIGGER_TABLE } from '../triggers/table.ts';
import { ACTIONS, findAction, findField, openName, type Action } from './actions.ts';
import { copyProblems } from './copy-rules.ts';
import { nearest } from './nearest.ts';
import { OTHER_TRIGGERS } from './other-triggers.ts';
import { APP, CONDITIONS, stepsOf, TRIGGER_NAME, type Recipe, type Step } from './recipe.ts';
import {
  passesFilter,
  placeholdersOf,
  render,
  withoutPlaceholders,
  type Fields,
} from './render.ts';
import {
  findTrigger,
  placeholderName,
  sampleFields,
  sourcesOf,
  type RecipeTrigger,
  type Source,
} from './trigger.ts';

/** Zapier recommends five to ten templates at the start; more may follow. */
const MIN_RECIPES = 5;

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
  const trigger = findTrigger(recipe.trigger);
  const problems = [
    ...nameProblems(recipe),
    ...copyProblems(recipe),
    ...stepNameProblems(recipe),
    ...(trigger
      ? [
          ...inputProblems(recipe, trigger),
          ...filterProblems(recipe, trigger),
          ...placeholderProblems(recipe),
          ...metadataProblems(recipe, trigger),
          ...exampleProblems(recipe, trigger),
        ]
      : [unknownTrigger(recipe)]),
    ...stepsOf(recipe).flatMap((step) => {
      const action = findAction(step.app, step.event);
      return action ? fieldProblems(recipe, step, action) : [unknownAction(step)];
    }),
  ];
  return problems.map((problem) => `${recipe.id}: ${problem}`);
}

function checkTogether(recipes: readonly Recipe[]): string[] {
  const problems: string[] = [];
  if (recipes.length < MIN_RECIPES)
    problems.push(`There are ${recipes.length} recipes; Zapier recommends ${MIN_RECIPES} or more.`);
  const parts = {
    title: ({ title }: Recipe) => title,
    description: ({ description }: Recipe) => description,
    'trigger and action': (recipe: Recipe) =>
      [recipe.trigger.key, ...stepsOf(recipe).flatMap(({ app, event }) => [app, event])].join(
        ' | ',
      ),
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

/** What is wrong with the names by which placeholders call steps. */
function stepNameProblems({ trigger, steps = [], action }: Recipe): string[] {
  const problems: string[] = [];
  const seen = new Set([TRIGGER_NAME]);
  for (const { name } of steps) {
    if (seen.has(name)) problems.push(`two steps are named ${name}.`);
    seen.add(name);
  }
  const apps = [trigger.app ?? APP, ...stepsOf({ steps, action }).map(({ app }) => app)];
  if (!apps.includes(APP)) problems.push(`none of its steps is one of ${APP}.`);
  return problems;
}

function inputProblems(recipe: Recipe, { filters, inputs, fieldsFor }: RecipeTrigger): string[] {
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
  const { given, wrong } = readFilters(filters, values);
  for (const problem of wrong.values())
    problems.push(`the trigger would refuse its inputs: ${problem}`);
  if (judgeAll(filters, fieldsFor(recipe.example ?? {}), { given }).differs)
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

function filterProblems(
  { filter, example = {} }: Recipe,
  { label, outputs, fieldsFor }: RecipeTrigger,
): string[] {
  if (!filter) return [];
  const output = outputs.find(({ key }) => key === filter.field);
  if (!output) {
    const keys = outputs.map(({ key }) => key);
    return [
      `the filter compares ${filter.field}, which ${label} does not give.${hint(filter.field, keys)}`,
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
  if (!passesFilter({ filter }, fieldsFor(example)))
    problems.push('the filter stops the very payload that the gallery shows; give it an example.');
  return problems;
}

/** A step may use what the trigger and the steps before it give, and nothing else. */
function placeholderProblems(recipe: Recipe): string[] {
  const sources = sourcesOf(recipe);
  return stepsOf(recipe).flatMap((step, index) => {
    const earlier = new Set([TRIGGER_NAME, ...(recipe.steps ?? []).slice(0, index).map(nameOf)]);
    const known = sources.filter(({ name }) => earlier.has(name));
    const keys = known.flatMap((source) => keysOf(recipe, source));
    const action = findAction(step.app, step.event);
    return step.fields.flatMap(({ key: fieldKey, value }) => {
      const name = (action && findField(action, fieldKey)?.label) ?? fieldKey;
      const unknown = placeholdersOf(value)
        .filter((key) => !keys.includes(key))
        .map(
          (key) =>
            `${name} uses {{${key}}}, ${whyUnknown(recipe, key, known)}${hint(key, likelyMeant(key, keys))}`,
        );
      return /\{\{|\}\}/.test(withoutPlaceholders(value))
        ? [...unknown, `${name} has double braces that are no placeholder.`]
        : unknown;
    });
  });
}

function nameOf({ name }: { name: string }): string {
  return name;
}

/** The same field of whatever step gives it; else any field. */
function likelyMeant(placeholder: string, keys: readonly string[]): readonly string[] {
  const fieldOf = (key: string): string | undefined => key.split('.').at(-1);
  const same = keys.filter((key) => fieldOf(key) === fieldOf(placeholder));
  return same.length > 0 ? same : keys;
}

/** What a recipe's placeholders may call the fields of a source, its metadata included. */
function keysOf(recipe: Recipe, { name, outputs }: Source): string[] {
  const metadata = name === TRIGGER_NAME ? (recipe.metadata ?? []) : [];
  return [...outputs.map(({ key }) => key), ...metadata].map((key) =>
    placeholderName(recipe, name, key),
  );
}

/** Why a placeholder is none of those that a step may use. */
function whyUnknown(recipe: Recipe, placeholder: string, known: readonly Source[]): string {
  const [trigger] = known;
  if (!recipe.steps) {
    const outputs = trigger?.outputs ?? [];
    return `which ${trigger?.label ?? ''} does not give.${undeclared(placeholder, outputs)}`;
  }
  const [name = '', ...rest] = placeholder.split('.');
  if (rest.length === 0) return 'which does not say what step it comes from.';
  const source = known.find((candidate) => candidate.name === name);
  if (source)
    return `which ${source.label} does not give.${undeclared(rest.join('.'), source.outputs)}`;
  return recipe.steps.some((step) => step.name === name)
    ? `but ${name} gives nothing to this step.`
    : `but no step is named ${name}.`;
}

function undeclared(key: string, outputs: Source['outputs']): string {
  return key.startsWith('metadata_') && hasMetadata(outputs)
    ? ' A metadata key has to be listed under "metadata".'
    : '';
}

function metadataProblems(recipe: Recipe, { label, outputs, fieldsFor }: RecipeTrigger): string[] {
  const declared = recipe.metadata ?? [];
  if (declared.length === 0) return [];
  const problems: string[] = [];
  if (!hasMetadata(outputs)) problems.push(`it lists metadata, but ${label} has none.`);
  const used = stepsOf(recipe)
    .flatMap(({ fields }) => fields)
    .flatMap(({ value }) => placeholdersOf(value));
  const sample = fieldsFor({});
  for (const key of declared) {
    if (!used.includes(placeholderName(recipe, TRIGGER_NAME, key)))
      problems.push(`it lists ${key} under "metadata" without using it.`);
    if (!Object.hasOwn(sample, key))
      problems.push(`the sample payload has no ${key}.${hint(key, Object.keys(sample))}`);
  }
  if (!/\bmetadata\b/.test(recipe.note ?? ''))
    problems.push('it uses metadata, but its note does not tell the user so.');
  return problems;
}

function hasMetadata(outputs: Source['outputs']): boolean {
  return outputs.some(({ key }) => key === METADATA_FIELD);
}

function exampleProblems(
  { example = {} }: Recipe,
  { payload, fieldsFor }: RecipeTrigger,
): string[] {
  const sample = fieldsFor({});
  const plain = JSON.stringify(sample);
  const known = new Set([...Object.keys(payload), ...unsetFields(sample)]);
  return Object.entries(example).flatMap(([key, value]) => {
    if (!known.has(key))
      return [`its example changes ${key}, which no payload has.${hint(key, known)}`];
    return JSON.stringify(fieldsFor({ [key]: value })) === plain
      ? [`its example sets ${key} to what it is in the sample.`]
      : [];
  });
}

/** Fields that the sample leaves empty, such as the reason for a change. */
function unsetFields(sample: Fields): string[] {
  return Object.entries(sample).flatMap(([key, value]) => (value === null ? [key] : []));
}

function fieldProblems(recipe: Recipe, { event, fields }: Step, action: Action): string[] {
  const problems: string[] = [];
  const sample = findTrigger(recipe.trigger) && sampleFields(recipe);
  const seen = new Set<string>();
  for (const { key, value } of fields) {
    const field = findField(action, key);
    if (!field) {
      problems.push(`${event} has no field ${key}.${hint(key, Object.keys(action.fields))}`);
      continue;
    }
    if (seen.has(key)) problems.push(`${field.label} is filled twice.`);
    seen.add(key);
    if (field.required && sample && render(value, sample).trim() === '')
      problems.push(`${field.label} is required, and empty for the sample payload.`);
    if (!field.own && /[\w.+-]+@[\w-]+\.\w/.test(withoutPlaceholders(value)))
      problems.push(`${field.label} has an email address in it, which is nobody else's.`);
    if (field.choices && placeholdersOf(value).length === 0 && !Object.hasOwn(field.choices, value))
      problems.push(
        `${field.label} has no choice ${value}.${hint(value, Object.keys(field.choices))}`,
      );
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

function unknownTrigger({ trigger: { app = APP, key } }: Recipe): string {
  if (app === APP) {
    const keys = TRIGGER_TABLE.map((row) => row.key);
    return `the trigger ${key} does not exist.${hint(key, keys)}`;
  }
  const events = Object.entries(OTHER_TRIGGERS).flatMap(([name, triggers]) =>
    Object.keys(triggers).map((event) => `${name} ${event}`),
  );
  const asked = `${app} ${key}`;
  return `the trigger ${asked} is not described in templates/other-triggers.ts.${hint(asked, events)}`;
}

function unknownAction({ app, event }: Step): string {
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
