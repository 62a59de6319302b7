import { CONDITIONS, TRIGGER_NAME, type Condition, type Recipe, type Step } from '../recipe.ts';
import { placeholderName, sourcesOf, triggerOf } from '../trigger.ts';
import type { Shown } from './shown.ts';

const CONDITION_WORDS: Readonly<Record<Condition, string>> = {
  '(Number) Greater than': 'is greater than',
  '(Number) Less than': 'is less than',
  '(Text) Exactly matches': 'is exactly',
  '(Text) Contains': 'contains',
};

/** What starts a recipe: `Attro: New Affiliate`. */
export function triggerWords(recipe: Recipe): string {
  const { app, label } = triggerOf(recipe);
  return `${app}: ${label}`;
}

/** What is filled in at a recipe's trigger, by the labels that the editor shows. */
export function inputWords(recipe: Recipe): { label: string; value: string }[] {
  const { inputs } = triggerOf(recipe);
  return Object.entries(recipe.trigger.inputs).map(([key, value]) => {
    const input = inputs.find((candidate) => candidate.key === key);
    const choices = input?.choices;
    const choice =
      choices && !Array.isArray(choices) && !('perform' in choices) ? choices[value] : undefined;
    return {
      label: input?.label ?? key,
      value: typeof choice === 'string' ? choice : String(value),
    };
  });
}

/** The label of the field that a recipe's filter compares. */
export function filterLabel(recipe: Recipe, field: string): string {
  return outputLabel(recipe, placeholderName(recipe, TRIGGER_NAME, field));
}

/** When a recipe goes on: `Amount is greater than 500`; undefined where it always does. */
export function filterWords(recipe: Recipe): string | undefined {
  const { filter } = recipe;
  if (!filter) return undefined;
  const value = CONDITIONS[filter.condition] === 'number' ? filter.value : `“${filter.value}”`;
  return `${filterLabel(recipe, filter.field)} ${CONDITION_WORDS[filter.condition]} ${value}`;
}

/** What a step does: `Attro: Find Affiliate`. */
export function stepWords({ app, event }: Pick<Step, 'app' | 'event'>): string {
  return `${app}: ${event}`;
}

/**
 * The label that the editor shows for a placeholder's field, with the step that gives it where there
 * are several; metadata gets one of its key's words.
 */
export function outputLabel(recipe: Recipe, placeholder: string): string {
  const [name, ...rest] = recipe.steps ? placeholder.split('.') : [TRIGGER_NAME, placeholder];
  const key = rest.join('.');
  const source = sourcesOf(recipe).find((candidate) => candidate.name === name);
  const output = source?.outputs.find((candidate) => candidate.key === key);
  const label = output?.label ?? key.split('_').map(capital).join(' ');
  return recipe.steps ? `${label} of ${source?.label ?? ''}` : label;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Which payload the gallery shows a recipe with. */
export function payloadWords({ example }: Recipe): string {
  const changes = Object.entries(example ?? {}).map(([key, value]) => `${key} ${value}`);
  return changes.length > 0
    ? `the sample payload, but with ${changes.join(', ')}`
    : 'the sample payload';
}

/** A preview in words, for those who do not see it. */
export function previewWords({ last }: Shown): string {
  const parts = last.fields.map(({ label, value }) => `${label}: ${value.replaceAll('\n', ' / ')}`);
  return `${stepWords(last)}. ${parts.join('. ')}`;
}
