import type { Bundle, ZObject } from 'zapier-platform-core';
import { toText } from '../attro/values.ts';
import { refuse, tryInputs, type Given, type Input, type InputData } from '../inputs/input.ts';
import { countProblem, lookUp } from '../inputs/lookup.ts';
import { hasIdForm } from '../inputs/records.ts';
import type { FlatRecord } from '../output/mapper.ts';

/**
 * What a filter makes of a record: it fits, it does not, or that cannot be told: the record lacks the
 * value in question, or nobody knows whether what was filled in is right.
 *
 * The rule for `unknown` is that the record goes through: a missed event costs more than a task.
 */
export type Verdict = 'fits' | 'differs' | 'unknown';

/**
 * The records that filters name, as they were looked up when the Zap was turned on, by the filter's key:
 * what was filled in, and whose id that is. What could not be looked up is not in it.
 */
export type LookedUpRecords = Readonly<Record<string, LookedUpRecord>>;

interface LookedUpRecord {
  said: string;
  id: string;
}

/** What is known of what a user has filled in. */
export interface Narrowing {
  given: Given;
  /** Absent where it is not known what was looked up. */
  records?: LookedUpRecords | undefined;
}

/** One way to narrow a trigger. The same filter narrows deliveries and lists. */
export interface Filter {
  input: Input;
  /** The name by which Attro's list narrows itself beforehand; absent where it cannot. */
  query?: string;
  /** The input of another filter that this one cannot do without, and what to tell who left it empty. */
  needs?: { input: Input; problem: string };
  /** Why a value that its input can read is of no use to a filter, as a sentence; null where it is. */
  problem?: (value: string) => string | null;
  /** Judges a mapped record by what is filled in. */
  judge: (fields: FlatRecord, value: string | number, records?: LookedUpRecords) => Verdict;
}

/** Reads the filters that a user has filled in; what is wrong with them is told by their labels. */
export function readFilters(filters: readonly Filter[], inputData: InputData) {
  const inputs = filters.map(({ input }) => input);
  const { given, problems } = tryInputs(inputs, inputData);
  const wrong = new Map(problems);
  for (const { input, problem, needs } of filters) {
    const { key, label } = input.field;
    const value = given.get(key);
    if (value === undefined) continue;
    const found = typeof value === 'string' ? problem?.(value) : null;
    if (found) wrong.set(label, found);
    const other = needs?.input.field;
    if (other && !given.has(other.key) && !problems.has(other.label))
      wrong.set(label, needs.problem);
  }
  // Of no use is as good as not filled in.
  for (const { input } of filters) if (wrong.has(input.field.label)) given.delete(input.field.key);
  return { given, wrong };
}

/**
 * Reads what a user has filled in when a Zap is turned on or tested, and looks up the records that it
 * names. What cannot be told, since Attro does not answer or has too many records, is not refused.
 *
 * @throws an error with everything that is known to be wrong, a sentence for each filter.
 */
export async function checkFilters(
  z: ZObject,
  bundle: Pick<Bundle, 'authData' | 'inputData'>,
  filters: readonly Filter[],
): Promise<Narrowing & { records: LookedUpRecords }> {
  const { given, wrong } = readFilters(filters, bundle.inputData);
  refuse(z, wrong.values());
  const records: Record<string, LookedUpRecord> = {};
  const problems: string[] = [];
  const lookUps = filters.map(async ({ input: { field, record: type } }) => {
    const said = given.get(field.key);
    if (!type || typeof said !== 'string') return;
    const { ids, isPartial } = await lookUp(z, bundle, type, said).catch((error: unknown) => {
      if (error instanceof z.errors.RefreshAuthError) throw error;
      z.console.log(`The ${type.noun} in the filter ${field.label} could not be looked up.`);
      return { ids: [], isPartial: true };
    });
    const [id] = ids;
    if (id !== undefined && ids.length === 1) records[field.key] = { said, id };
    else if (ids.length > 0 || !isPartial)
      problems.push(countProblem(field.label, type, said, ids.length));
  });
  await Promise.all(lookUps);
  refuse(z, problems);
  return { given, records };
}

/** What all filters together make of a record, and the labels of those that could not be applied. */
export function judgeAll(
  filters: readonly Filter[],
  fields: FlatRecord,
  narrowing: Narrowing,
): { differs: boolean; unknown: string[] } {
  const verdicts = filters.flatMap(({ input, judge }) => {
    const value = narrowing.given.get(input.field.key);
    const isGiven = typeof value === 'string' || typeof value === 'number';
    return isGiven ? [[input.field.label, judge(fields, value, narrowing.records)] as const] : [];
  });
  return {
    differs: verdicts.some(([, verdict]) => verdict === 'differs'),
    unknown: verdicts.filter(([, verdict]) => verdict === 'unknown').map(([label]) => label),
  };
}

/**
 * Judges a delivery by the filters as they are filled in now: a Zap may have been edited since it was turned
 * on. A filter that is not understood leaves nothing out.
 */
export function judgeDelivery(
  filters: readonly Filter[],
  fields: FlatRecord,
  inputData: InputData,
  records: LookedUpRecords | undefined,
): { differs: boolean; unapplied: string[] } {
  const { given, wrong } = readFilters(filters, inputData);
  const { differs, unknown } = judgeAll(filters, fields, { given, records });
  return { differs, unapplied: [...wrong.keys(), ...unknown] };
}

/** The query by which a list narrows itself to what a user has filled in. */
export function listQuery(
  filters: readonly Filter[],
  { given, records }: Narrowing & { records: LookedUpRecords },
): Record<string, string> {
  return Object.fromEntries(
    filters.flatMap(({ input: { field, record }, query }) => {
      const said = toText(given.get(field.key));
      // A name that could not be looked up is no id to ask for.
      const own = record && said !== null && !hasIdForm(said) ? null : said;
      const value = records[field.key]?.id ?? own;
      return query !== undefined && value !== null ? [[query, value]] : [];
    }),
  );
}
