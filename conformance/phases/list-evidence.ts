import { EVENT_NAMES, EVENTS, MAX_PAGE_SIZE } from '../../attro/contract.ts';
import { toText, type AttroRecord } from '../../attro/values.ts';
import type { Exchange } from '../attro-client.ts';
import { CannotRun } from '../cannot-run.ts';
import { NOBODY, statusTrial, trialOf, type Tried } from '../filters.ts';
import { success, type Records } from '../judging.ts';
import type { Kind } from '../kinds.ts';
import { operation } from '../openapi.ts';
import { nextCursorIn, recordsIn } from '../pages.ts';
import type { Walk } from '../walk.ts';

/** What came of a list. */
export interface ListEvidence {
  /** The largest page there is, and its records. */
  whole: Exchange;
  records: Records;
  /** A page of one record, the page that its cursor leads to, and the page of a cursor nobody gave. */
  first?: Exchange;
  second?: Exchange | undefined;
  strange?: Exchange;
  /** By the parameter; null where nothing could be asked. */
  filters: ReadonlyMap<string, Tried | null>;
  /** By the status, where the app asks for it. */
  statuses: ReadonlyMap<string, Tried>;
  /** A record by its id, and by an id that nobody has. */
  one?: Exchange;
  none?: Exchange;
  /** Whether a conversion that was recorded has come back with its amount in the main unit. */
  isMainUnit: boolean;
}

/** The parameters by which a list narrows itself. */
export function parametersOf({ listOperation }: Kind): string[] {
  return operation(listOperation)
    .parameters.filter(({ in: where }) => where === 'query')
    .map(({ name }) => name)
    .filter((name) => name !== 'limit' && name !== 'cursor');
}

/** The statuses that the app asks a list for. */
export function statusesOf({ list }: Kind): string[] {
  const asked = EVENT_NAMES.map((event) => EVENTS[event].list).filter(
    ({ path }) => path === list.path,
  );
  return [...new Set(asked.flatMap(({ status }) => status ?? []))];
}

/** Asks for a list in all the ways that it has. */
export async function askForList(kind: Kind, walk: Walk): Promise<ListEvidence> {
  const { attro, known, settings } = walk;
  const ask = (query: Record<string, string | number>): Promise<Exchange> =>
    attro.ask({ operation: kind.listOperation, query });

  const whole = await ask({ limit: MAX_PAGE_SIZE });
  const { outcome } = whole;
  if (!known.isAccepted && 'status' in outcome && outcome.status === 401) {
    throw new CannotRun(`${settings.baseUrl} refused the token (401).`);
  }
  const found = recordsIn(success(whole)?.json);
  const [newest] = found;
  const evidence = {
    whole,
    filters: new Map<string, Tried | null>(),
    statuses: new Map<string, Tried>(),
    isMainUnit: known.isMainUnit === true,
  };
  if (!newest) {
    const none = success(whole) ? 'the list is empty' : 'the list did not come';
    return { ...evidence, records: { none } };
  }

  const asked = await Promise.all([
    askForPages(ask, found),
    askForStatuses(kind, ask, found).then(async (statuses) => ({
      statuses,
      filters: await askForFilters(kind, ask, found, statuses),
    })),
    ask({ limit: 1, cursor: NOBODY }).then((strange) => ({ strange })),
    askForOne(kind, walk, newest),
  ]);
  return Object.assign({ ...evidence, records: found }, ...asked) as ListEvidence;
}

type Ask = (query: Record<string, string | number>) => Promise<Exchange>;

async function askForPages(
  ask: Ask,
  records: readonly AttroRecord[],
): Promise<Pick<ListEvidence, 'first' | 'second'>> {
  if (records.length < 2) return {};
  const first = await ask({ limit: 1 });
  const cursor = nextCursorIn(success(first)?.json);
  return { first, ...(cursor !== null && { second: await ask({ limit: 1, cursor }) }) };
}

async function askForStatuses(
  kind: Kind,
  ask: Ask,
  records: readonly AttroRecord[],
): Promise<Map<string, Tried>> {
  const tried = statusesOf(kind).map(async (value) => {
    const trial = statusTrial(value, records);
    const exchange = await ask({ status: value, limit: MAX_PAGE_SIZE });
    return [value, { trial, exchange }] as const;
  });
  return new Map(await Promise.all(tried));
}

async function askForFilters(
  kind: Kind,
  ask: Ask,
  records: readonly AttroRecord[],
  statuses: ReadonlyMap<string, Tried>,
): Promise<Map<string, Tried | null>> {
  const tried = parametersOf(kind).map(async (name) => {
    const trial = trialOf(name, records, [...statuses.keys()]);
    if (!trial) return [name, null] as const;
    const known = name === 'status' ? statuses.get(trial.value) : undefined;
    const exchange = known?.exchange ?? (await ask({ [name]: trial.value, limit: MAX_PAGE_SIZE }));
    return [name, { trial, exchange }] as const;
  });
  return new Map(await Promise.all(tried));
}

async function askForOne(
  { oneOperation }: Kind,
  { attro }: Walk,
  newest: AttroRecord,
): Promise<Pick<ListEvidence, 'one' | 'none'>> {
  const id = toText(newest['id']);
  if (!oneOperation || !id) return {};
  const one = await attro.ask({ operation: oneOperation, path: { id } });
  return { one, none: await attro.ask({ operation: oneOperation, path: { id: NOBODY } }) };
}
