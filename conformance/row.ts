import type { AppOnAnswers } from './app-on-answers.ts';
import type { Place } from './facts.ts';
import { fact } from './facts.ts';

/** What has to be given for a row to be tried, beside a server and a token. */
export type Need = 'client' | 'hook' | 'retry' | 'writes' | 'changes';

/** The options that give it. */
export const OPTIONS: Readonly<Record<Need, string>> = {
  client: '--client-id and --client-secret',
  hook: '--hook-url or --listen',
  retry: '--wait-for-retry with --hook-url or --listen',
  writes: '--writes',
  changes: '--writes with --hook-url or --listen',
};

/** What a server's answers say of one row. */
export type Verdict =
  | { is: 'holds' }
  | { is: 'differs'; expected: string; came: string }
  | { is: 'not tried'; why: string; option?: string };

/** One thing that is taken for granted, and how answers are held against it. */
export interface Row<Evidence> {
  /** `affiliates.filter.status`. */
  id: string;
  /** What a server does that agrees, as a sentence. */
  assumed: string;
  /** What it is in the description; see `Fact.key`. */
  facts: readonly string[];
  /** What else to change. */
  places?: readonly Place[];
  /** Beside what its phase needs. */
  needs?: Need;
  judge: (evidence: Evidence) => Verdict | Promise<Verdict>;
  /** Whether the app does what it should with an answer that differs, found out by having it do so. */
  copes?: (evidence: Evidence, app: AppOnAnswers) => Promise<boolean>;
}

/** What became of a row. */
export interface Finding {
  id: string;
  /** The phase that it belongs to. */
  part: string;
  assumed: string;
  isPublished: boolean;
  source: string;
  result: 'holds' | 'differs' | 'differs, and the app copes' | 'not tried';
  expected?: string;
  came?: string;
  why?: string;
  option?: string;
  change: readonly Place[];
}

export const HOLDS: Verdict = { is: 'holds' };

export function differs(expected: string, came: string): Verdict {
  return { is: 'differs', expected, came };
}

export function notTried(why: string, need?: Need): Verdict {
  return { is: 'not tried', why, ...(need && { option: OPTIONS[need] }) };
}

/** The places to change, the most telling first, none twice. */
export function placesOf({ facts, places = [] }: Pick<Row<never>, 'facts' | 'places'>): Place[] {
  const all = [...facts.flatMap((key) => fact(key).change), ...places];
  return [...new Map(all.map((place) => [`${place.file} ${place.name}`, place])).values()];
}
