import { styleText } from 'node:util';
import { findAction, findField } from '../templates/actions.ts';
import type { Recipe } from '../templates/recipe.ts';
import { passesFilter, renderStep, type Fields } from '../templates/render.ts';

const INDENT = '  ';

/** How wide the labels of the opening lines and of fields are. */
const LABEL_WIDTH = 14;

/** A labelled line: `Attro         a sandbox at …`. */
export function row(label: string, text: string): string {
  return `${INDENT}${styleText('bold', label.padEnd(LABEL_WIDTH))}${text}`;
}

/** The line above a trigger's runs. */
export function heading(label: string, event: string, note: string): string {
  return `\n${styleText(['bold', 'green'], '✓')} ${styleText('bold', label)}  ${styleText('dim', `${event} · ${note}`)}`;
}

/** What a run gave, and what each recipe makes of it; without a recipe, the fields themselves. */
export function describeRun(fields: Fields, recipes: readonly Recipe[]): string {
  if (recipes.length === 0) return describeFields(fields);
  return recipes.map((recipe) => describeRecipe(recipe, fields)).join('\n');
}

function describeRecipe(recipe: Recipe, fields: Fields): string {
  const { filter, action } = recipe;
  const title = `${INDENT}${styleText('cyan', recipe.name)}`;
  if (filter && !passesFilter(recipe, fields)) {
    const actual = fields[filter.field];
    const reason = `${filter.field} is ${String(actual)}, not ${filter.condition} ${filter.value}: stopped here`;
    return [title, ...table([['Filter', reason]])].join('\n');
  }
  const known = findAction(action.app, action.event);
  const lines = renderStep(action, fields).map(
    ({ key, value }) => [(known && findField(known, key)?.label) ?? key, value] as const,
  );
  return [title, ...table(lines)].join('\n');
}

function describeFields(fields: Fields): string {
  const lines = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => [key, String(value)] as const);
  return table(lines).join('\n');
}

/** Labels and texts in two columns; further lines of a text stand below its first. */
export function table(lines: readonly (readonly [label: string, text: string])[]): string[] {
  const width = Math.max(...lines.map(([label]) => label.length)) + 2;
  return lines.flatMap(([label, text]) =>
    text
      .split('\n')
      .map(
        (part, index) =>
          INDENT.repeat(2) + styleText('dim', (index ? '' : label).padEnd(width)) + part,
      ),
  );
}
