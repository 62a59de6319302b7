/**
 * What the stand-in reads of an app's definition, as the platform's command `definition` gives it: a
 * function in it has become a text. Nothing is done that it does not ask for.
 */
export interface Definition {
  authentication?: { type: string; oauth2Config?: OAuth2Config };
  triggers?: Steps;
  searches?: Steps;
  creates?: Steps;
  searchOrCreates?: Readonly<Record<string, SearchOrCreate>>;
}

export interface OAuth2Config {
  scope?: string;
  autoRefresh?: boolean;
  enablePkce?: boolean;
  refreshAccessToken?: unknown;
}

type Steps = Readonly<Record<string, Step>>;

export type StepKind = 'triggers' | 'searches' | 'creates';

/** A trigger, a search or an action. */
export interface Step {
  display: { label?: string; hidden?: boolean };
  operation: {
    type?: string;
    performList?: unknown;
    performSubscribe?: unknown;
    performUnsubscribe?: unknown;
    inputFields?: readonly InputField[];
    outputFields?: readonly ({ key: string } | string)[];
  };
}

/** Says which action goes with a search in a step that finds or creates. */
interface SearchOrCreate {
  search: string;
  create: string;
  display: { hidden?: boolean };
}

export interface InputField {
  key: string;
  label?: string;
  type?: string;
  required?: boolean;
  default?: string;
  /** Filled in as pairs of a name and a value. */
  dict?: boolean;
  /** What a dropdown shows, as labels by their values, or the function that loads it. */
  choices?: Readonly<Record<string, string>>;
  /** `search.output`: the search that can fill the input, and which of its outputs does. */
  search?: string;
}

/** Whether a text stands for a function of the app. */
export function isFunction(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('$func$');
}

/**
 * The step of a key, as a user finds it in the editor.
 *
 * @throws when there is none, or none that shows.
 */
export function stepOf(definition: Definition, kind: StepKind, key: string): Step {
  return visible(definition[kind]?.[key], `${kind}.${key}`);
}

/** The pair behind a step that finds or creates; throws like `stepOf`. */
export function pairOf(definition: Definition, key: string): SearchOrCreate {
  return visible(definition.searchOrCreates?.[key], `searchOrCreates.${key}`);
}

function visible<T extends { display: { hidden?: boolean } }>(found: T | undefined, at: string): T {
  if (!found) throw new Error(`The definition has no ${at}.`);
  if (found.display.hidden) throw new Error(`${at} is hidden: nobody can choose it.`);
  return found;
}

/** The input of a step; throws when the step has none by that key. */
export function inputOf({ operation }: Step, key: string): InputField {
  const field = operation.inputFields?.find((input) => input.key === key);
  if (!field) throw new Error(`The step has no input ${key}.`);
  return field;
}
