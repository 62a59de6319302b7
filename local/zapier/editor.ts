import type { Call } from './connection.ts';
import { inputOf, stepOf, type Definition, type StepKind } from './definition.ts';

/** What the editor shows of an input beside a box to type in. */

/** A line of a dropdown. */
interface Choice {
  value: string;
  label: string;
}

/** The search that can fill an input, and which of its outputs does. */
interface OfferedSearch {
  search: string;
  output: string;
}

interface ChoicesPage {
  results: { id: string; label: string }[];
  paging_token: string | null;
}

/**
 * Everything that an input's dropdown shows, page after page.
 *
 * @throws when the definition gives the input none.
 */
export async function loadChoices(
  definition: Definition,
  call: Call,
  kind: StepKind,
  key: string,
  input: string,
): Promise<Choice[]> {
  const step = stepOf(definition, kind, key);
  const field = inputOf(step, input);
  if (!field.choices) throw new Error(`The input ${input} has no dropdown.`);
  if (!('perform' in field.choices)) {
    return Object.entries(field.choices).map(([value, label]) => ({ value, label }));
  }
  const index = step.operation.inputFields?.indexOf(field);
  const method = `${kind}.${key}.operation.inputFields.${index}.choices.perform`;
  const choices: Choice[] = [];
  let token: string | null = null;
  do {
    const page = (await call(method, {
      meta: { isFillingDynamicDropdown: true, ...(token !== null && { paging_token: token }) },
    })) as ChoicesPage;
    choices.push(...page.results.map(({ id, label }) => ({ value: id, label })));
    token = page.paging_token;
  } while (token !== null);
  return choices;
}

/**
 * The search that the editor offers to add before an action, to fill one of its inputs. It does so only
 * beside a dropdown (the CLI's guide, "Search-Powered Fields"); that one loaded by a function of its own
 * is enough is an assumption.
 *
 * @throws when nothing is offered, or a search that cannot fill the input.
 */
export function offeredSearch(
  definition: Definition,
  kind: StepKind,
  key: string,
  input: string,
): OfferedSearch {
  const { search: reference, choices } = inputOf(stepOf(definition, kind, key), input);
  const [search = '', output = ''] = reference?.split('.') ?? [];
  if (!reference || !choices) throw new Error(`No search is offered for the input ${input}.`);
  const { outputFields = [] } = stepOf(definition, 'searches', search).operation;
  if (!outputFields.some((field) => typeof field === 'object' && field.key === output)) {
    throw new Error(`The search ${search} has no output ${output}.`);
  }
  return { search, output };
}
