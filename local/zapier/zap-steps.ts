import type { Call } from './connection.ts';
import { pairOf, stepOf, type Definition, type Step } from './definition.ts';
import { inputDataFor, type Filled } from './input-data.ts';

/** A record that a step of a Zap gives to the steps after it. */
export type StepRecord = Readonly<Record<string, unknown>>;

/** What the steps before have given, by their names; that of the trigger is `trigger`. */
export type Given = Readonly<Record<string, StepRecord>>;

/** A search or an action in a Zap, with what its user has filled in. */
export interface ZapStep {
  name: string;
  kind: 'search' | 'create' | 'search or create';
  /** The step's key in the definition. */
  key: string;
  inputs: (given: Given) => Filled;
}

/** What became of one run through a Zap's steps. */
export interface StepsRun {
  /** What each step that ran has given. */
  given: Given;
  /** The search that found nothing, at which Zapier ends a run without an error. */
  nothingFound?: string;
  /** The error that ended the run, with the name of its step. */
  error?: { step: string; message: string };
}

/**
 * Runs a Zap's steps one after the other, as Zapier does: of what a search finds the first record counts,
 * and nothing found ends the run, or creates in a step that finds or creates. An error ends the run; that
 * Zapier goes on later after a `ThrottledError` is not imitated.
 */
export async function runSteps(
  definition: Definition,
  call: Call,
  steps: readonly ZapStep[],
  trigger: StepRecord,
): Promise<StepsRun> {
  const given: Record<string, StepRecord> = { trigger };
  for (const step of steps) {
    try {
      const record = await runStep(definition, call, step, step.inputs(given));
      if (!record) return { given, nothingFound: step.name };
      given[step.name] = record;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { given, error: { step: step.name, message } };
    }
  }
  return { given };
}

/**
 * Uses a search or an action as a tool, as Zapier Agents and clients of Zapier's MCP server do: it goes by its
 * label, each of its inputs takes a text, and all that a search finds is given, not only the first.
 *
 * @throws what the app raised, or that there is no such tool.
 */
export async function callTool(
  definition: Definition,
  call: Call,
  label: string,
  texts: Readonly<Record<string, string>>,
): Promise<StepRecord[]> {
  for (const kind of ['searches', 'creates'] as const) {
    const named = Object.entries(definition[kind] ?? {}).find(
      ([, { display }]) => display.label === label && !display.hidden,
    );
    if (!named) continue;
    const [key, step] = named;
    const inputData = inputDataFor(step, texts);
    const given = await call(`${kind}.${key}.operation.perform`, { inputData });
    return kind === 'searches' ? (given as StepRecord[]) : [given as StepRecord];
  }
  throw new Error(`No search and no action has the label ${label}.`);
}

async function runStep(
  definition: Definition,
  call: Call,
  { kind, key }: ZapStep,
  filled: Filled,
): Promise<StepRecord | undefined> {
  /** What is filled in is looked at before anything runs. */
  const prepared = (of: 'searches' | 'creates', stepKey: string, inputs: Filled) => {
    const inputData = inputDataFor(stepOf(definition, of, stepKey), inputs);
    return () => call(`${of}.${stepKey}.operation.perform`, { inputData });
  };
  const firstOf = (found: unknown): StepRecord | undefined => (found as StepRecord[])[0];

  if (kind === 'search') return firstOf(await prepared('searches', key, filled)());
  if (kind === 'create') return (await prepared('creates', key, filled)()) as StepRecord;

  // One form shows the inputs of both, so what creating requires is filled in also where it is found.
  const pair = pairOf(definition, key);
  const [searched, created] = [
    inputsOf(stepOf(definition, 'searches', pair.search)),
    inputsOf(stepOf(definition, 'creates', pair.create)),
  ];
  const pick = (isPicked: (name: string) => boolean): Filled =>
    Object.fromEntries(Object.entries(filled).filter(([name]) => isPicked(name)));
  const search = prepared(
    'searches',
    pair.search,
    pick((name) => searched.has(name)),
  );
  const create = prepared(
    'creates',
    pair.create,
    pick((name) => created.has(name) || !searched.has(name)),
  );
  return firstOf(await search()) ?? ((await create()) as StepRecord);
}

function inputsOf({ operation }: Step): ReadonlySet<string> {
  return new Set(operation.inputFields?.map(({ key }) => key));
}
