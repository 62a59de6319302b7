import type { PlainInputField } from 'zapier-platform-core';
import { sparedFromRebuilding } from '../frozen-definition.ts';

/** Input fields as Zapier gets them. One with a function in it cannot be spared from rebuilding. */
export function inputFieldsFor(fields: readonly PlainInputField[]): PlainInputField[] {
  return fields.map((field) => (hasFunction(field) ? field : sparedFromRebuilding(field)));
}

function hasFunction({ choices }: PlainInputField): boolean {
  return choices !== undefined && 'perform' in choices;
}
