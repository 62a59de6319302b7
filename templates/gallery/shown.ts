import {
  findAction,
  findField,
  openName,
  type Action,
  type ActionField,
  type Part,
} from '../actions.ts';
import type { Recipe } from '../recipe.ts';
import { renderRecipe } from '../render.ts';
import { exampleFields } from '../trigger.ts';

/** A field of an action with what a run has put into it. */
export interface ShownField extends ActionField {
  key: string;
  value: string;
  /** What the other app calls it, without the words that Zapier's editor adds. */
  caption: string;
}

/** What one run of a recipe makes, ready to be drawn. */
export interface Shown {
  recipe: Recipe;
  view: Action['view'];
  fields: readonly ShownField[];
  /** The time of day of the event, in UTC: `10:30 AM`. */
  time: string;
}

/** @throws when a recipe's action or one of its fields is not known; the checks say it better. */
export function show(recipe: Recipe): Shown {
  const values = exampleFields(recipe);
  const action = actionOf(recipe);
  return {
    recipe,
    view: action.view,
    time: timeOfDay(String(values['occurred_at'])),
    fields: renderRecipe(recipe, values).map(({ key, value }) => {
      const field = fieldOf(recipe, action, key);
      return { ...field, key, value, caption: openName(action, key) ?? field.label };
    }),
  };
}

/** @throws when `templates/actions.ts` does not describe a recipe's action. */
export function actionOf({ id, action: { app, event } }: Recipe): Action {
  const action = findAction(app, event);
  if (!action) throw new Error(`${id}: the action ${app} ${event} is not known.`);
  return action;
}

/** @throws when an action has no such field. */
export function fieldOf({ id }: Recipe, action: Action, key: string): ActionField {
  const field = findField(action, key);
  if (!field) throw new Error(`${id}: the action has no field ${key}.`);
  return field;
}

/** What stands in one place of a view, empty where no field is put there. */
export function partOf({ fields }: Shown, part: Part): string {
  return fields
    .filter((field) => field.part === part)
    .map(({ value }) => value)
    .join(' ');
}

/** The fields that have no place of their own. */
export function otherFields({ fields }: Shown): ShownField[] {
  return fields.filter(({ part }) => !part);
}

/** Written out by hand, since the runtime's own formats change with its version. */
function timeOfDay(iso: string): string {
  const time = new Date(iso);
  const hours = time.getUTCHours();
  const minutes = String(time.getUTCMinutes()).padStart(2, '0');
  return `${hours % 12 || 12}:${minutes} ${hours < 12 ? 'AM' : 'PM'}`;
}
