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

/**
 * Counts what became of the events, and says what must not have, a sentence for each kind. None is a success.
 *
 * @param strangers the records that were delivered or run without having been sent.
 */
export function judge(
  entries: readonly Entry[],
  strangers: readonly string[],
): { counts: Counts; problems: string[] } {
  // Of an event whose acceptance was cut short, its deliveries tell that it happened.
  const made = entries.filter(({ accepted, posts }) => accepted || posts > 0);
  const genuine = made.filter((entry) => !isForged(entry));
  const forged = made.filter(isForged);
  const forgedRuns = forged.filter(({ runs }) => runs > 0);
  const lost = made.filter((entry) => (isForged(entry) ? entry.answered : entry.runs) === 0);
  const failed = made.filter(({ errors }) => errors.length > 0);
  const doubled = genuine.filter(({ runs }) => runs > 1);
  const doubledBy = (cause: ReturnType<typeof causeOf>): readonly Entry[] =>
    doubled.filter((entry) => causeOf(entry) === cause);
  const unexplained = doubledBy(undefined);
  const beyondFirst = (those: readonly Entry[]): number => sum(those, ({ runs }) => runs - 1);
  const idsOf = (concerned: readonly Entry[]): string[] => concerned.map(({ id }) => id);
  return {
    counts: {
      made: made.length,
      posts: sum(made, ({ posts }) => posts),
      zapRuns: sum(made, ({ runs }) => runs),
      copiesCaught: sum(genuine, (entry) =>
        Math.max(0, leftOut(entry) - (entry.runs === 0 ? 1 : 0)),
      ),
      forgeriesRefused: sum(forged, leftOut),
      forgedRuns: sum(forgedRuns, ({ runs }) => runs),
      lost: lost.length,
      doubled: {
        all: beyondFirst(doubled),
        cacheFailing: beyondFirst(doubledBy('cache failing')),
        cacheSlow: beyondFirst(doubledBy('cache slow')),
        unexplained: beyondFirst(unexplained),
      },
      errors: sum(failed, ({ errors }) => errors.length),
    },
    problems: [
      ...problem(idsOf(lost), 'lost'),
      ...problem(idsOf(forgedRuns), 'forged and ran all the same'),
      ...problem(idsOf(unexplained), 'run more than once while the cache worked'),
      ...problem(idsOf(failed), `ended with an error by the app (${failed[0]?.errors[0] ?? ''})`),
      ...problem(strangers, 'delivered or run without having been sent'),
    ],
  };
}

function problem(ids: readonly string[], what: string): string[] {
  if (ids.length === 0) return [];
  const names = ids.slice(0, NAMED).join(', ');
  const others = ids.length > NAMED ? ', …' : '';
  const events = ids.length === 1 ? '1 event was' : `${ids.length} events were`;
  return [`${events} ${what}: ${names}${others}.`];
}

function isForged({ planned }: Entry): boolean {
  return planned.forge !== undefined;
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
