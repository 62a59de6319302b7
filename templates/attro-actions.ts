import type { PlainInputField } from 'zapier-platform-core';
import app from '../index.ts';
import type { Action, ActionField } from './actions.ts';

/** This integration's own searches and actions by their labels, made from the definition. */
export const ATTRO_ACTIONS: Readonly<Record<string, Action>> = Object.fromEntries(
  [...Object.values(app.searches), ...Object.values(app.creates)].map(
    ({ display, operation }): [string, Action] => [
      display.label,
      {
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
