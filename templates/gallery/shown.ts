import {
  findAction,
  findField,
  openName,
  type Action,
  type ActionField,
  type Part,
} from '../actions.ts';
import type { Recipe, Step } from '../recipe.ts';
import { renderStep, type Fields } from '../render.ts';
import { exampleFields, sourcesOf } from '../trigger.ts';

/** A field of an action with what a run has put into it. */
export interface ShownField extends ActionField {
  key: string;
  value: string;
  /** What the other app calls it, without the words that Zapier's editor adds. */
  caption: string;
}

/** A step with what a run has put into its fields. */
export interface ShownStep {
  app: string;
  event: string;
  fields: readonly ShownField[];
}

/** What one run of a recipe makes, ready to be drawn. */
export interface Shown {
  recipe: Recipe;
  /** The steps before the last one. */
  between: readonly ShownStep[];
  view: Action['view'];
  fields: readonly ShownField[];
  /** The time of day of the event, in UTC: `10:30 AM`. */
  time: string;
}

/** @throws when a recipe's action or one of its fields is not known; the checks say it better. */
export function show(recipe: Recipe): Shown {
  const values = exampleFields(recipe);
  const [trigger] = sourcesOf(recipe, recipe.example);
  const occurred = trigger?.fields['occurred_at'];
  return {
    recipe,
    between: (recipe.steps ?? []).map(({ app, event, ...step }) => ({
      app,
      event,
      fields: shownFields(recipe, { app, event, ...step }, values),
    })),
    view: actionOf(recipe, recipe.action).view,
    time: timeOfDay(typeof occurred === 'string' ? occurred : SAMPLE_TIME),
    fields: shownFields(recipe, recipe.action, values),
  };
}

/** The time of day that is shown where a trigger does not tell when it was: that of the sample. */
const SAMPLE_TIME = '2026-01-26T12:00:00Z';

function shownFields(recipe: Recipe, step: Step, values: Fields): ShownField[] {
  const action = actionOf(recipe, step);
  return renderStep(step, values).map(({ key, value }) => {
    const field = fieldOf(recipe, action, key);
    return {
      ...field,
      key,
      value: field.choices?.[value] ?? value,
      caption: openName(action, key) ?? field.label,
    };
  });
}

/** @throws when `templates/actions.ts` does not describe the action of one of a recipe's steps. */
export function actionOf({ id }: Pick<Recipe, 'id'>, { app, event }: Step): Action {
  const action = findAction(app, event);
  if (!action) throw new Error(`${id}: the action ${app} ${event} is not known.`);
  return action;
}

/** @throws when an action has no such field. */
export function fieldOf({ id }: Pick<Recipe, 'id'>, action: Action, key: string): ActionField {
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
