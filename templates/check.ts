import { closest } from 'fastest-levenshtein';
import type { PlainInputField } from 'zapier-platform-core';
import { judgeAll, readFilters } from '../triggers/filters.ts';
import { actionNames, findAction, findField } from './actions.ts';
import { copyProblems } from './copy-rules.ts';
import type { Action } from './other-apps.ts';
import { APP, CONDITIONS, stepsOf, TRIGGER_NAME, type Recipe, type Step } from './recipe.ts';
import { passesFilter, placeholdersOf, render, withoutPlaceholders } from './render.ts';
import {
  findTrigger,
  placeholderName,
  sampleFields,
  sourcesOf,
  triggerNames,
  type RecipeTrigger,
  type Source,
} from './trigger.ts';

/** Zapier recommends five to ten templates at the start; more may follow. */
const MIN_RECIPES = 5;

/** The field that every trigger with metadata has. */
const METADATA_FIELD = 'metadata_summary';

/** Sentences that say what is wrong, in the order in which they are found. */
type Problems = Generator<string, void>;

/**
 * Everything that is wrong with a set of recipes, each as a sentence that starts with the recipe's
 * file and names the field and, for a key that does not exist, the nearest one that does.
 */
export function checkRecipes(recipes: readonly Recipe[]): string[] {
  return [...recipes.flatMap(checkRecipe), ...problemsTogether(recipes)];
}

/** Everything that is wrong with one recipe by itself; see {@link checkRecipes}. */
export function checkRecipe(recipe: Recipe): string[] {
  return [...problemsOf(recipe)].map((problem) => `${recipe.id}: ${problem}`);
}

function* problemsTogether(recipes: readonly Recipe[]): Problems {
  if (recipes.length < MIN_RECIPES)
    yield `There are ${recipes.length} recipes; Zapier recommends ${MIN_RECIPES} or more.`;
  const stepNames = (recipe: Recipe) => stepsOf(recipe).flatMap(({ app, event }) => [app, event]);
  const parts = {
    title: ({ title }: Recipe) => title,
    description: ({ description }: Recipe) => description,
    'trigger and action': (recipe: Recipe) =>
      [recipe.trigger.key, ...stepNames(recipe)].join(' | '),
  };
  for (const [part, of] of Object.entries(parts)) {
    const seen = new Map<string, string>();
    for (const recipe of recipes) {
      const first = seen.get(of(recipe));
      if (first) yield `${recipe.id}: it has the same ${part} as ${first}.`;
      else seen.set(of(recipe), recipe.id);
    }
  }
}

function* problemsOf(recipe: Recipe): Problems {
  yield* nameProblems(recipe);
  yield* copyProblems(recipe);
  const trigger = findTrigger(recipe.trigger);
  if (trigger) {
    yield* inputProblems(recipe, trigger);
    yield* filterProblems(recipe, trigger);
    yield* placeholderProblems(recipe);
    yield* metadataProblems(recipe, trigger);
    yield* exampleProblems(recipe, trigger);
  } else {
    const { app = APP, key } = recipe.trigger;
    yield app === APP
      ? `the trigger ${key} does not exist.${hint(key, triggerNames())}`
      : unknown(`trigger ${app} ${key}`, `${app} ${key}`, triggerNames());
  }
  for (const step of stepsOf(recipe)) {
    const action = findAction(step.app, step.event);
    const name = `${step.app} ${step.event}`;
    if (action) yield* fieldProblems(recipe, step, action, trigger !== undefined);
    else yield unknown(`action ${name}`, name, actionNames());
  }
}

function* nameProblems({ id, name, trigger, steps = [], action }: Recipe): Problems {
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const expected = slug.replace(/^-|-$/g, '');
  if (id !== expected) yield `the file of "${name}" is to be named ${expected}.json.`;
  if (!name.startsWith(`${action.app}: `)) yield `the name is to start with "${action.app}: ".`;
  const seen = new Set([TRIGGER_NAME]);
  for (const step of steps) {
    if (seen.has(step.name)) yield `two steps are named ${step.name}.`;
    seen.add(step.name);
  }
  const apps = [trigger.app ?? APP, ...stepsOf({ steps, action }).map(({ app }) => app)];
  if (!apps.includes(APP)) yield `none of its steps is one of ${APP}.`;
}

function* inputProblems(
  { trigger, filter, example = {} }: Recipe,
  { filters, inputs, fieldsFor }: RecipeTrigger,
): Problems {
  const values = { ...trigger.inputs, ...trigger.prefill };
  if (filter && !trigger.prefill)
    yield 'no link can hold its filter: say in "prefill" which inputs of the trigger do the same.';
  const keys = inputs.map(({ key }) => key);
  for (const [key, value] of Object.entries(values)) {
    const input = inputs.find((candidate) => candidate.key === key);
    const problem = input
      ? valueProblem(input, value)
      : `the trigger has no input ${key}.${hint(key, keys)}`;
    if (problem) yield problem;
  }
  for (const { key, label = key, required } of inputs) {
    if (required && !Object.hasOwn(values, key))
      yield `the trigger's input ${label} is required and empty.`;
  }
  const { given, wrong } = readFilters(filters, values);
  for (const problem of wrong.values()) yield `the trigger would refuse its inputs: ${problem}`;
  if (judgeAll(filters, fieldsFor(example), { given }).differs)
    yield "the trigger's inputs keep out the very payload that the gallery shows.";
}

/** What is wrong with what a recipe fills in at one of its trigger's inputs; undefined for nothing. */
function valueProblem(input: PlainInputField, value: string | number): string | undefined {
  const { key, label = key, type, choices } = input;
  const wanted = type === 'number' ? 'number' : 'string';
  if (typeof value !== wanted)
    return `the trigger's input ${label} takes a ${wanted}, but ${JSON.stringify(value)} is one of another kind.`;
  if (!choices || Array.isArray(choices)) return undefined;
  if ('perform' in choices)
    return `the trigger's input ${label} is chosen from the user's own records; a template leaves it empty.`;
  return Object.hasOwn(choices, value)
    ? undefined
    : `the trigger's input ${label} has no choice ${value}.${hint(String(value), Object.keys(choices))}`;
}

function* filterProblems(
  { filter, example = {} }: Recipe,
  { label, outputs, fieldsFor }: RecipeTrigger,
): Problems {
  if (!filter) return;
  const keys = outputs.map(({ key }) => key);
  const output = outputs.find(({ key }) => key === filter.field);
  if (!output) {
    yield `the filter compares ${filter.field}, which ${label} does not give.${hint(filter.field, keys)}`;
    return;
  }
  const wanted = CONDITIONS[filter.condition];
  const actual = output.type === 'number' ? 'number' : 'text';
  const name = output.label ?? output.key;
  if (actual !== wanted)
    yield `the filter compares ${name}, a ${actual}, as a ${wanted} (${filter.condition}).`;
  if (wanted === 'number' && typeof filter.value !== 'number')
    yield `the filter compares ${name} with ${JSON.stringify(filter.value)}, not a number.`;
  if (!passesFilter({ filter }, fieldsFor(example)))
    yield 'the filter stops the very payload that the gallery shows; give it an example.';
}

/** A step may use what the trigger and the steps before it give, and nothing else. */
function* placeholderProblems(recipe: Recipe): Problems {
  const sources = sourcesOf(recipe);
  const earlier = new Set([TRIGGER_NAME]);
  for (const step of stepsOf(recipe)) {
    const known = sources.filter(({ name }) => earlier.has(name));
    const keys = known.flatMap((source) => keysOf(recipe, source));
    const action = findAction(step.app, step.event);
    for (const [fieldKey, value] of Object.entries(step.fields)) {
      const name = (action && findField(action, fieldKey)?.label) ?? fieldKey;
      for (const key of placeholdersOf(value).filter((candidate) => !keys.includes(candidate)))
        yield `${name} uses {{${key}}}, ${whyUnknown(recipe, key, known)}${hint(key, likelyMeant(key, keys))}`;
      if (/\{\{|\}\}/.test(withoutPlaceholders(value)))
        yield `${name} has double braces that are no placeholder.`;
    }
    if (step.name) earlier.add(step.name);
  }
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
function whyUnknown({ steps }: Recipe, placeholder: string, known: readonly Source[]): string {
  const [name = '', ...rest] = steps ? placeholder.split('.') : [TRIGGER_NAME, placeholder];
  if (rest.length === 0) return 'which does not say what step it comes from.';
  const source = known.find((candidate) => candidate.name === name);
  if (source) {
    const undeclared = rest.join('.').startsWith('metadata_') && hasMetadata(source.outputs);
    return (
      `which ${source.label} does not give.` +
      (undeclared ? ' A metadata key has to be listed under "metadata".' : '')
    );
  }
  return steps?.some((step) => step.name === name)
    ? `but ${name} gives nothing to this step.`
    : `but no step is named ${name}.`;
}

function* metadataProblems(recipe: Recipe, { label, outputs, fieldsFor }: RecipeTrigger): Problems {
  const { metadata = [], note = '' } = recipe;
  if (metadata.length === 0) return;
  if (!hasMetadata(outputs)) yield `it lists metadata, but ${label} has none.`;
  const values = stepsOf(recipe).flatMap(({ fields }) => Object.values(fields));
  const used = values.flatMap(placeholdersOf);
  const sample = fieldsFor({});
  for (const key of metadata) {
    if (!used.includes(placeholderName(recipe, TRIGGER_NAME, key)))
      yield `it lists ${key} under "metadata" without using it.`;
    if (!Object.hasOwn(sample, key))
      yield `the sample payload has no ${key}.${hint(key, Object.keys(sample))}`;
  }
  if (!/\bmetadata\b/.test(note)) yield 'it uses metadata, but its note does not tell the user so.';
}

function hasMetadata(outputs: Source['outputs']): boolean {
  return outputs.some(({ key }) => key === METADATA_FIELD);
}

function* exampleProblems(
  { example = {} }: Recipe,
  { payload, fieldsFor }: RecipeTrigger,
): Problems {
  const sample = fieldsFor({});
  // What the sample leaves empty, such as the reason for a change, an example may fill in.
  const unset = Object.keys(sample).filter((key) => sample[key] === null);
  const known = [...Object.keys(payload), ...unset];
  for (const [key, value] of Object.entries(example)) {
    if (!known.includes(key))
      yield `its example changes ${key}, which no payload has.${hint(key, known)}`;
    else if (JSON.stringify(fieldsFor({ [key]: value })) === JSON.stringify(sample))
      yield `its example sets ${key} to what it is in the sample.`;
  }
}

function* fieldProblems(
  recipe: Recipe,
  { event, fields }: Step,
  action: Action,
  triggerIsKnown: boolean,
): Problems {
  const sample = triggerIsKnown && sampleFields(recipe);
  for (const [key, value] of Object.entries(fields)) {
    const field = findField(action, key);
    if (!field) {
      yield `${event} has no field ${key}.${hint(key, Object.keys(action.fields))}`;
      continue;
    }
    const { label, required, own, ownName, choices } = field;
    if (required && sample && render(value, sample).trim() === '')
      yield `${label} is required, and empty for the sample payload.`;
    if (!own && /[\w.+-]+@[\w-]+\.\w/.test(withoutPlaceholders(value)))
      yield `${label} has an email address in it, which is nobody else's.`;
    if (choices && placeholdersOf(value).length === 0 && !Object.hasOwn(choices, value))
      yield `${label} has no choice ${value}.${hint(value, Object.keys(choices))}`;
    if (ownName !== undefined && !recipe.note?.includes(ownName))
      yield `${label} is a field of the user's own, but the note does not name ${ownName}.`;
  }
  for (const [key, { label, required }] of Object.entries(action.fields)) {
    if (required && !Object.hasOwn(fields, key)) yield `${label} is required and not filled.`;
  }
}

function unknown(what: string, name: string, names: readonly string[]): string {
  return `the ${what} is not described in templates/other-apps.ts.${hint(name, names)}`;
}

function hint(key: string, keys: readonly string[]): string {
  return keys.length > 0 ? ` The nearest is ${closest(key, keys)}.` : '';
}
