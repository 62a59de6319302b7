import type { PlainInputField } from 'zapier-platform-core';
import app from '../index.ts';
import { OTHER_APPS, type Action, type ActionField } from './other-apps.ts';
import { APP } from './recipe.ts';
import { placeholdersOf } from './render.ts';

/** This integration's own searches and actions by their labels, made from the definition. */
const OWN_ACTIONS: Readonly<Record<string, Action>> = Object.fromEntries(
  [...Object.values(app.searches), ...Object.values(app.creates)].map(
    ({ key, display, operation }) => [
      display.label,
      {
        key,
        view: 'record',
        fields: Object.fromEntries(
          operation.inputFields.map((field) => [field.key, toField(field)]),
        ),
        gives: {
          outputs: operation.outputFields.filter((field) => typeof field !== 'function'),
          sample: operation.sample,
        },
      },
    ],
  ),
);

function toField({ key, label, required, choices, dict }: PlainInputField): ActionField {
  const field = {
    label: label ?? key,
    required: required ?? false,
    ...(dict && { dynamic: true }),
  };
  if (!choices) return field;
  return 'perform' in choices
    ? { ...field, own: true }
    : { ...field, choices: choices as Record<string, string> };
}

/** An action by app and event, or undefined where no recipe may use it yet. */
export function findAction(app: string, event: string): Action | undefined {
  return (app === APP ? OWN_ACTIONS : OTHER_APPS[app]?.actions)?.[event];
}

/** Every action that a recipe may use, by app and event: `Slack Send Channel Message`. */
export function actionNames(): string[] {
  const others = Object.entries(OTHER_APPS).map(([name, { actions }]) => [name, actions] as const);
  return [[APP, OWN_ACTIONS] as const, ...others].flatMap(([name, actions = {}]) =>
    Object.keys(actions).map((event) => `${name} ${event}`),
  );
}

/** One of an action's fields, or undefined for a field that it does not have. */
export function findField({ fields, open }: Action, key: string): ActionField | undefined {
  if (fields[key]) return fields[key];
  if (!open || !key.startsWith(open.prefix) || key === open.prefix) return undefined;
  const ownName = key.slice(open.prefix.length);
  return { label: open.label(ownName), required: false, dynamic: true, ownName };
}

/** Tells whether a published template leaves a field empty, for the user to fill in. */
export function isLeftEmpty({ own = false }: Pick<ActionField, 'own'>, value: string): boolean {
  return own && placeholdersOf(value).length === 0;
}
