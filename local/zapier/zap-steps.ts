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
  inputs: (given: Given) => Record<string, unknown>;
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

/** Runs one of the app's functions. */
type Call = (method: string, bundle: Record<string, unknown>) => Promise<unknown>;

/** The part of the definition that says which action goes with a search. */
export type SearchOrCreates = Readonly<Record<string, { search: string; create: string }>>;

/**
 * Runs a Zap's steps one after the other, as Zapier does: of what a search finds the first record counts,
 * and nothing found ends the run, or creates in a step that finds or creates. An error ends the run.
 *
 * @param pairs what the definition says of steps that find or create.
 */
export async function runSteps(
  call: Call,
  pairs: SearchOrCreates,
  steps: readonly ZapStep[],
  trigger: StepRecord,
): Promise<StepsRun> {
  const given: Record<string, StepRecord> = { trigger };
  for (const step of steps) {
    try {
      const record = await runStep(call, pairs, step, step.inputs(given));
      if (!record) return { given, nothingFound: step.name };
      given[step.name] = record;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { given, error: { step: step.name, message } };
    }
  }
  return { given };
}

async function runStep(
  call: Call,
  pairs: SearchOrCreates,
  { kind, key }: ZapStep,
  inputData: Record<string, unknown>,
): Promise<StepRecord | undefined> {
  const create = (createKey: string, meta: Record<string, unknown>): Promise<StepRecord> =>
    call(`creates.${createKey}.operation.perform`, { inputData, meta }) as Promise<StepRecord>;
  if (kind === 'create') return create(key, {});

  const pair = kind === 'search or create' ? pairs[key] : undefined;
  if (kind === 'search or create' && !pair)
    throw new Error(`The definition has no search-or-create ${key}.`);
  const found = (await call(`searches.${pair?.search ?? key}.operation.perform`, {
    inputData,
  })) as StepRecord[];
  const [first] = found;
  return first ?? (pair && create(pair.create, { withSearch: pair.search }));
}
