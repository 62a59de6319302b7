import type { Recipe, Step } from './recipe.ts';

/** What a Zap's trigger gives to the steps after it. */
export type Fields = Readonly<Record<string, unknown>>;

/** A placeholder: a key between double braces, spaces around it allowed. */
const PLACEHOLDER = /\{\{\s*([^{}]+?)\s*\}\}/g;

/** The keys that a text asks for, each once. */
export function placeholdersOf(template: string): string[] {
  return [...new Set([...template.matchAll(PLACEHOLDER)].map(([, key]) => key ?? ''))];
}

/** A text with its placeholders taken out: what it says to everybody alike. */
export function withoutPlaceholders(template: string): string {
  return template.replace(PLACEHOLDER, '');
}

/**
 * Fills in a template's placeholders as Zapier does: each is the plain value of a field. A field that
 * is missing or null is empty, a number is written without padding (`99`, `523.4`), and what is
 * filled in is not looked through again.
 */
export function render(template: string, fields: Fields): string {
  return template.replace(PLACEHOLDER, (_placeholder, key: string) =>
    Object.hasOwn(fields, key) ? print(fields[key]) : '',
  );
}

function print(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** Tells whether a recipe's Filter step lets a run go on. Without a value to compare it stops. */
export function passesFilter({ filter }: Pick<Recipe, 'filter'>, fields: Fields): boolean {
  if (!filter) return true;
  const value = print(Object.hasOwn(fields, filter.field) ? fields[filter.field] : null);
  if (value === '') return false;
  const wanted = String(filter.value);
  switch (filter.condition) {
    case '(Number) Greater than':
      return Number(value) > Number(wanted);
    case '(Number) Less than':
      return Number(value) < Number(wanted);
    case '(Text) Exactly matches':
      return value === wanted;
    case '(Text) Contains':
      return value.includes(wanted);
  }
}

/** An action's field with its template filled in. */
export interface RenderedField {
  key: string;
  value: string;
}

/** What one of a recipe's steps receives for one run, field by field. */
export function renderStep(step: Pick<Step, 'fields'>, fields: Fields): RenderedField[] {
  return Object.entries(step.fields).map(([key, template]) => ({
    key,
    value: render(template, fields),
  }));
}
