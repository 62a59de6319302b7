import { createRequire } from 'node:module';
import { inputOf, type InputField, type Step } from './definition.ts';

/** What is filled in at a step, by the keys of its inputs. */
export type Filled = Readonly<Record<string, unknown>>;

/**
 * What the Zapier CLI's `invoke` makes of texts by the `type` of their inputs, "like how Zapier production
 * does": `1,234.50` becomes the number 1, and what has no digit in it 0.
 */
const castByType = createRequire(import.meta.url)(
  'zapier-platform-cli/src/oclif/commands/invoke/input-types.js',
) as (
  inputData: Record<string, unknown>,
  fields: readonly InputField[],
  timezone: string,
) => Record<string, unknown>;

/**
 * What the app gets of what was filled in at a step: empty values go, a required input must not be empty,
 * and the rest is cast by its type. Zapier checks nothing else; a dropdown takes any value too ("does not
 * validate the data", its guide to field types). That `cleanInputData` can keep empty values is not imitated.
 *
 * Assumption: a form holds texts, so a number that an earlier step gave arrives as a text.
 *
 * @throws when the form has no such input, or a required one is empty.
 */
export function inputDataFor(step: Step, filled: Filled): Record<string, unknown> {
  const { inputFields = [] } = step.operation;
  const form = Object.entries(filled).map(
    ([key, value]) => [key, asTyped(inputOf(step, key), value)] as const,
  );
  const given = Object.fromEntries(form.filter(([, value]) => Object.keys(value).length > 0));
  const missing = inputFields.filter(
    ({ key, required, default: usual }) => required && !usual && !(key in given),
  );
  if (missing.length > 0) {
    const names = missing.map(({ key, label }) => label ?? key).join(', ');
    throw new Error(`Zapier asks for what is required: ${names}.`);
  }
  return castByType(given, inputFields, 'UTC');
}

/** A value as a form holds it: a text, or pairs of a name and a text without those that are empty. */
function asTyped({ key, dict }: InputField, value: unknown): string | Record<string, string> {
  if (typeof value !== 'object' || value === null) return asText(value);
  if (!dict || Array.isArray(value)) throw new Error(`The input ${key} takes one value.`);
  const pairs = Object.entries(value).map(([name, text]) => [name, asText(text)] as const);
  return Object.fromEntries(pairs.filter(([, text]) => text !== ''));
}

function asText(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}
