import { findAction, findField } from '../actions.ts';
import type { Action, ActionField, Part } from '../other-apps.ts';
import type { Recipe, Step } from '../recipe.ts';
import { renderStep, type Fields } from '../render.ts';
import { sampleFields } from '../trigger.ts';

/** A field of an action, with what is typed into it and what a run puts there. */
export interface ShownField extends ActionField {
  /** What a recipe fills in, with its placeholders. */
  template: string;
  /** What a run makes of it. */
  value: string;
}

/** A step with what a run has put into its fields. */
export interface ShownStep {
  app: string;
  event: string;
  view: Action['view'];
  fields: readonly ShownField[];
}

/** What one run of a recipe makes, ready to be drawn. */
export interface Shown {
  recipe: Recipe;
  steps: readonly ShownStep[];
  /** The last of them, which is what people see. */
  last: ShownStep;
  /** The time of day of the event, in UTC: `10:30 AM`. */
  time: string;
}

/** The time of day that is shown where a trigger does not tell when it was: that of the sample. */
const SAMPLE_TIME = '2026-01-26T12:00:00Z';

/** @throws when a recipe's action or one of its fields is not known; the checks say it better. */
export function show(recipe: Recipe): Shown {
  const values = sampleFields(recipe, recipe.example);
  const before = (recipe.steps ?? []).map((step) => showStep(recipe, step, values));
  const last = showStep(recipe, recipe.action, values);
  const occurred = values['occurred_at'] ?? values['trigger.occurred_at'];
  return {
    recipe,
    steps: [...before, last],
    last,
    time: timeOfDay(typeof occurred === 'string' ? occurred : SAMPLE_TIME),
  };
}

function showStep({ id }: Recipe, step: Step, values: Fields): ShownStep {
  const { app, event, fields } = step;
  const action = findAction(app, event);
  if (!action) throw new Error(`${id}: the action ${app} ${event} is not known.`);
  const shown = renderStep(step, values).map(({ key, value }) => {
    const field = findField(action, key);
    if (!field) throw new Error(`${id}: the action has no field ${key}.`);
    return { ...field, template: fields[key] ?? '', value: field.choices?.[value] ?? value };
  });
  return { app, event, view: action.view, fields: shown };
}

/** What stands in one place of a view, empty where no field is put there. */
export function partOf({ fields }: ShownStep, part: Part): string {
  return fields
    .filter((field) => field.part === part)
    .map(({ value }) => value)
    .join(' ')
    .trim();
}

/** The fields that have no place of their own. */
export function otherFields({ fields }: ShownStep): ShownField[] {
  return fields.filter(({ part }) => !part);
}

/** Written out by hand, since the runtime's own formats change with its version. */
function timeOfDay(iso: string): string {
  const time = new Date(iso);
  const hours = time.getUTCHours();
  const minutes = String(time.getUTCMinutes()).padStart(2, '0');
  return `${hours % 12 || 12}:${minutes} ${hours < 12 ? 'AM' : 'PM'}`;
}
