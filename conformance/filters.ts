import { EVENT_NAMES, EVENTS } from '../attro/contract.ts';
import { toNumber, toText, type AttroRecord } from '../attro/values.ts';
import { trigger, type AppCall } from './app-calls.ts';
import { recordsGiven, type AppOnAnswers } from './app-on-answers.ts';
import type { Exchange } from './attro-client.ts';
import { hasStatus, NOT_REACHED, success } from './judging.ts';
import type { Kind } from './kinds.ts';
import { recordsIn } from './pages.ts';
import { differs, HOLDS, notTried, type Verdict } from './row.ts';
import { count, list, word } from './words.ts';

/** A value that a list is asked to narrow itself to, and what may come. */
export interface Trial {
  value: string;
  /** Tells whether a record is one that was asked for. */
  isWanted: (record: AttroRecord) => boolean;
  /** Whether such a record is known to be there. */
  isThere: boolean;
  /** What another record has, where that is a word of Attro's. */
  wordOf?: (record: AttroRecord) => string;
}

/** A value that no record has. */
export const NOBODY = 'conformance-nobody';

/** How a parameter narrows a list where it is not by a field of its name that has to be equal. */
const WAYS: Readonly<Record<string, (records: readonly AttroRecord[]) => Trial | null>> = {
  email: (records) => sameInAnyCase(records, 'email'),
  customer_email: (records) => sameInAnyCase(records, 'customer_email'),
  search: partOfName,
  min_fraud_score: leastScore,
};

/** What to ask of a parameter, by the records that are there; null where nothing can be asked. */
export function trialOf(
  parameter: string,
  records: readonly AttroRecord[],
  preferred: readonly string[] = [],
): Trial | null {
  const way = WAYS[parameter];
  return way ? way(records) : sameText(records, parameter, preferred);
}

/** A value that some of the records have and others have not, so that both ways of failing show. */
function sameText(
  records: readonly AttroRecord[],
  field: string,
  preferred: readonly string[],
): Trial | null {
  const values = records.map((record) => toText(record[field]));
  const telling = [...new Set(values)].filter(
    (value): value is string => !!value && values.some((other) => other !== value),
  );
  const value = preferred.find((each) => telling.includes(each)) ?? telling[0] ?? NOBODY;
  return {
    value,
    isWanted: (record) => toText(record[field]) === value,
    isThere: telling.includes(value),
    ...(['status', 'type'].includes(field) && { wordOf: (record) => word(record[field]) }),
  };
}

/** A trial of a status that the app asks for. */
export function statusTrial(value: string, records: readonly AttroRecord[]): Trial {
  const isWanted = (record: AttroRecord): boolean => toText(record['status']) === value;
  const wordOf = (record: AttroRecord): string => word(record['status']);
  return { value, isWanted, isThere: records.some(isWanted), wordOf };
}

/** A whole address, asked for in upper case. */
function sameInAnyCase(records: readonly AttroRecord[], field: string): Trial {
  const lower = (record: AttroRecord): string => toText(record[field])?.toLowerCase() ?? '';
  const known = records.map(lower).find((value) => value.includes('@'));
  const value = known ?? `${NOBODY}@example.com`;
  return {
    value: value.toUpperCase(),
    isWanted: (record) => lower(record) === value,
    isThere: known !== undefined,
  };
}

/** A word of one of the names, in upper case. */
function partOfName(records: readonly AttroRecord[]): Trial {
  const names = ({ display_name, company_name }: AttroRecord): string =>
    [display_name, company_name].map((name) => toText(name)?.toLowerCase() ?? '').join('\n');
  // Letters without accents: how others are compared is not said.
  const words = records.flatMap((record) => names(record).match(/\b[a-z]{4,}\b/g) ?? []);
  const contains = (record: AttroRecord, word: string): boolean => names(record).includes(word);
  const known = words.find((word) => records.some((record) => !contains(record, word)));
  const value = known ?? NOBODY;
  return {
    value: value.toUpperCase(),
    isWanted: (record) => contains(record, value),
    isThere: known !== undefined,
  };
}

/** The middle one of the scores, so that some are below it; null where no record has one. */
function leastScore(records: readonly AttroRecord[]): Trial | null {
  const scoreOf = ({ fraud_score }: AttroRecord): number | null => toNumber(fraud_score);
  const scores = records
    .map(scoreOf)
    .filter((score) => score !== null)
    .sort((a, b) => a - b);
  const least = scores[Math.floor(scores.length / 2)];
  if (least === undefined) return null;
  return {
    value: String(least),
    isWanted: (record) => (scoreOf(record) ?? -1) >= least,
    isThere: true,
  };
}

/** A trial, and what the server said to it. */
export interface Tried {
  trial: Trial;
  exchange: Exchange;
}

/** Holds where all records are wanted ones, and those that are there are among them. */
export function judgeFilter(tried: Tried | null | undefined): Verdict {
  if (tried === undefined) return NOT_REACHED;
  if (tried === null) return notTried('no record that came has such a value');
  const { trial, exchange } = tried;
  const status = hasStatus(exchange, 200);
  if (status.is !== 'holds') return status;
  const records = recordsIn(success(exchange)?.json);
  const others = records.filter((record) => !trial.isWanted(record));
  const expected = `only records that fit${trial.isThere ? ', and at least one' : ''}`;
  if (others.length > 0) {
    const words = [...new Set(others.map((record) => trial.wordOf?.(record) ?? ''))].filter(
      Boolean,
    );
    const such = words.length > 0 ? `: ${list(words)}` : '';
    return differs(
      expected,
      `${others.length} of ${count(records.length, 'record')} do not fit${such}`,
    );
  }
  return trial.isThere && records.length === 0 ? differs(expected, 'none') : HOLDS;
}

/** The app's function that narrows a list by a parameter; null where none does. */
function callOf(kind: Kind, parameter: string, value: string): AppCall | null {
  if (parameter === 'status') {
    const event = EVENT_NAMES.find(
      (name) => EVENTS[name].list.path === kind.list.path && EVENTS[name].list.status === value,
    );
    return event ? trigger(event, 'performList') : null;
  }
  const search = (key: string, input = parameter): AppCall => ({
    method: `searches.${key}.operation.perform`,
    bundle: { inputData: { [input]: value } },
  });
  const inputs: Readonly<Record<string, AppCall>> = {
    'affiliates type': trigger('affiliate.created', 'performList', {
      inputData: { affiliate_type: value },
    }),
    'affiliates email': search('find_affiliate'),
    'affiliates search': search('find_affiliate', 'name'),
    'conversions affiliate_id': trigger('conversion.created', 'performList', {
      inputData: { affiliate_id: value },
    }),
    'conversions offer_id': trigger('conversion.created', 'performList', {
      inputData: { offer_id: value },
    }),
    'conversions min_fraud_score': trigger('fraud.detected', 'performList', {
      inputData: { min_fraud_score: value },
    }),
    'conversions customer_email': search('find_conversion'),
    'conversions external_id': search('find_conversion'),
  };
  return inputs[`${kind.name} ${parameter}`] ?? null;
}

/** Whether the app shows only what was asked for, and all of that, whatever else the list has. */
export async function appNarrows(
  app: AppOnAnswers,
  kind: Kind,
  parameter: string,
  { trial, exchange }: Tried,
): Promise<boolean> {
  const call = callOf(kind, parameter, trial.value);
  if (!call) return true;
  const { method, path, outcome } = exchange;
  const run = await app.run(call.method, call.bundle ?? {}, [{ method, path, outcome }]);
  if (!('gave' in run)) return false;
  const wanted = recordsIn(success(exchange)?.json).filter(trial.isWanted);
  const wantedIds = new Set(wanted.map(({ id }) => toText(id)));
  const ids = recordsGiven(run).map((record) => record['id']);
  const isComplete = ids.length > 0 || !trial.isThere || parameter === 'min_fraud_score';
  return isComplete && ids.every((id) => wantedIds.has(toText(id)));
}
