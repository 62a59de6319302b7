import { MAX_CACHE_WAIT_MS } from '../../deliveries/deduplicate.ts';
import type { Entry } from './ledger.ts';

/** What became of all events, in numbers. */
export interface Counts {
  /** Events that Attro took. */
  made: number;
  /** Deliveries as they came to the hook URLs, those that were refused there included. */
  posts: number;
  zapRuns: number;
  /** Genuine deliveries that the app left out since their event had run. */
  copiesCaught: number;
  /** Forged deliveries that the app left out. */
  forgeriesRefused: number;
  forgedRuns: number;
  /** Genuine events that made no run, and forged ones that never came to the app. */
  lost: number;
  /** Runs of genuine events beyond the first of each, and what explains them. */
  doubled: Record<'all' | 'cacheFailing' | 'cacheSlow' | 'unexplained', number>;
  /** Deliveries that the app ended with an error. */
  errors: number;
}

/** How many of those concerned a problem names. */
const NAMED = 3;

/** Counts what became of the events. */
export function count(entries: readonly Entry[]): Counts {
  const made = entries.filter(isMade);
  const genuine = made.filter((entry) => !isForged(entry));
  const forged = made.filter(isForged);
  const doubled = genuine.filter(isDoubled);
  const cause = (wanted: ReturnType<typeof causeOf>): readonly Entry[] =>
    doubled.filter((entry) => causeOf(entry) === wanted);
  return {
    made: made.length,
    posts: sum(made, ({ posts }) => posts),
    zapRuns: sum(made, ({ runs }) => runs),
    copiesCaught: sum(genuine, (entry) => Math.max(0, leftOut(entry) - (entry.runs === 0 ? 1 : 0))),
    forgeriesRefused: sum(forged, leftOut),
    forgedRuns: sum(forged, ({ runs }) => runs),
    lost: made.filter(isLost).length,
    doubled: {
      all: sum(doubled, beyondFirst),
      cacheFailing: sum(cause('cache failing'), beyondFirst),
      cacheSlow: sum(cause('cache slow'), beyondFirst),
      unexplained: sum(cause(undefined), beyondFirst),
    },
    errors: sum(made, ({ errors }) => errors.length),
  };
}

/**
 * Says what must not have become of the events, a sentence for each kind. None is a success.
 *
 * @param strangers the records that were delivered or run without having been sent.
 */
export function problemsOf(entries: readonly Entry[], strangers: readonly string[]): string[] {
  const made = entries.filter(isMade);
  const genuine = made.filter((entry) => !isForged(entry));
  const unexplained = genuine.filter((entry) => isDoubled(entry) && causeOf(entry) === undefined);
  const failed = made.filter(({ errors }) => errors.length > 0);
  const ranForged = made.filter((entry) => isForged(entry) && entry.runs > 0);
  const idsOf = (concerned: readonly Entry[]): string[] => concerned.map(({ id }) => id);
  return [
    problem(idsOf(made.filter(isLost)), 'lost'),
    problem(idsOf(ranForged), 'forged and ran all the same'),
    problem(idsOf(unexplained), 'run more than once while the cache worked'),
    problem(idsOf(failed), `ended with an error by the app (${failed[0]?.errors[0] ?? ''})`),
    problem(strangers, 'delivered or run without having been sent'),
  ].filter((text) => text !== undefined);
}

function problem(ids: readonly string[], what: string): string | undefined {
  if (ids.length === 0) return undefined;
  const names = ids.slice(0, NAMED).join(', ');
  const others = ids.length > NAMED ? ', …' : '';
  return `${ids.length === 1 ? '1 event was' : `${ids.length} events were`} ${what}: ${names}${others}.`;
}

/** Of an event whose acceptance was cut short, its deliveries tell that it happened. */
function isMade({ accepted, posts }: Entry): boolean {
  return accepted || posts > 0;
}

function isForged({ planned }: Entry): boolean {
  return planned.forge !== undefined;
}

function isLost(entry: Entry): boolean {
  return isForged(entry) ? entry.answered === 0 : entry.runs === 0;
}

function isDoubled({ runs }: Entry): boolean {
  return runs > 1;
}

function beyondFirst({ runs }: Entry): number {
  return runs - 1;
}

/** How many deliveries made neither a run nor an error. */
function leftOut({ answered, runs, errors }: Entry): number {
  return answered - runs - errors.length;
}

/** What lets an event run more than once without a fault of the app: it could not ask the cache. */
function causeOf({ cacheFaults, slowestMs }: Entry): 'cache failing' | 'cache slow' | undefined {
  if (cacheFaults > 0) return 'cache failing';
  return slowestMs >= MAX_CACHE_WAIT_MS ? 'cache slow' : undefined;
}

function sum(entries: readonly Entry[], value: (entry: Entry) => number): number {
  return entries.reduce((total, entry) => total + value(entry), 0);
}
