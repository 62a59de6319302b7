import type { Bundle, ZObject } from 'zapier-platform-core';
import { listPage } from '../attro/lists.ts';
import { getRecord } from '../attro/records.ts';
import type { List } from '../attro/contract.ts';
import type { AttroRecord, IdentifiedRecord } from '../attro/values.ts';
import { refuse, type Given, type Input } from './input.ts';
import { isEmail } from './kinds.ts';
import { hasIdForm, withoutHint, type RecordType } from './records.ts';
import { isSameEmail, quoted, sameWords } from './words.ts';

/** How many pages a name is looked for in. */
const MAX_PAGES = 3;

/** How long a lookup may take altogether, in milliseconds: what it is made for comes after it. */
const LOOKUP_BUDGET_MS = 5_000;

/** What was found of a text that names a record. */
export interface LookedUp {
  /** The ids of the records that it fits. */
  ids: string[];
  /** Whether there may be others, which were not looked at. */
  isPartial: boolean;
}

/**
 * Looks for records by a name on the pages of a list: by Attro's own search first, and where that finds none,
 * since it may not overlook case, accents and blanks, among the newest.
 *
 * @param enough stops after the page with which so many are found.
 * @param until when Attro must have answered; see `attroRequest`.
 * @throws the error that fits Attro's answer; see `errorFor`.
 */
export async function searchList(
  z: ZObject,
  bundle: Pick<Bundle, 'authData'>,
  list: List,
  query: Record<string, string>,
  fits: (record: AttroRecord) => boolean,
  { enough = Infinity, until }: { enough?: number; until?: number },
): Promise<{ found: IdentifiedRecord[]; isPartial: boolean }> {
  const found: IdentifiedRecord[] = [];
  let asked = query;
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { records, nextCursor } = await listPage(z, bundle, {
      list,
      query: asked,
      until,
      ...(cursor !== null && { cursor }),
    });
    found.push(...records.filter(fits));
    cursor = nextCursor;
    if (found.length >= enough) break;
    if (cursor !== null) continue;
    if (found.length > 0 || !asked['search']) break;
    asked = {};
  }
  return { found, isPartial: cursor !== null };
}

/**
 * Looks up which records a person may mean: by the full name, by what a dropdown shows, by the email address
 * where the kind has one, or by an id of an unusual form. Case, accents, blanks, hyphens and underscores make
 * no difference.
 */
async function lookUpByName(
  z: ZObject,
  bundle: Pick<Bundle, 'authData'>,
  { list, labelOf, nameOf, emailOf }: RecordType,
  said: string,
  until = Date.now() + LOOKUP_BUDGET_MS,
): Promise<LookedUp> {
  const byEmail = emailOf !== undefined && isEmail(said);
  const query = byEmail ? { email: said } : { search: withoutHint(said) || said };
  const isMeant = (record: AttroRecord): boolean =>
    byEmail
      ? isSameEmail(emailOf(record), said)
      : [record['id'], nameOf?.(record), labelOf(record)].some((name) => sameWords(name, said));
  const { found, isPartial } = await searchList(z, bundle, list, query, isMeant, { until });
  // What a dropdown shows is more than a name, and tells namesakes apart.
  const byLabel = found.filter((record) => sameWords(labelOf(record), said));
  const meant = byLabel.length === 1 ? byLabel : found;
  return { ids: [...new Set(meant.map(({ id }) => String(id)))], isPartial };
}

/** The same for a text that may also be an id, which is asked for first. */
export async function lookUp(
  z: ZObject,
  bundle: Pick<Bundle, 'authData'>,
  type: RecordType,
  said: string,
): Promise<LookedUp> {
  if (!hasIdForm(said)) return lookUpByName(z, bundle, type, said);
  const until = Date.now() + LOOKUP_BUDGET_MS;
  const record = await getRecord(z, bundle, type.list, said, until);
  if (record) return { ids: [String(record['id'])], isPartial: false };
  // It reads as an id when an event comes, and no event would fit: that it is none has been told.
  const { ids } = await lookUpByName(z, bundle, type, said, until);
  return { ids, isPartial: false };
}

/**
 * Puts the ids of records in the place of what a person calls them by. What has the form of an id stays as
 * it is, with no request; anything else is looked up.
 *
 * @throws an error that says how many records there are and which step helps, where that is not one.
 */
export async function withRecordIds(
  z: ZObject,
  bundle: Pick<Bundle, 'authData'>,
  inputs: readonly Input[],
  given: Given,
): Promise<Given> {
  const problems: string[] = [];
  const ids = inputs.map(async ({ field: { key, label }, record }): Promise<[string, string][]> => {
    const said = given.get(key);
    if (!record?.nameOf || typeof said !== 'string' || hasIdForm(said)) return [];
    const { ids } = await lookUpByName(z, bundle, record, said);
    const [id] = ids;
    if (id !== undefined && ids.length === 1) return [[key, id]];
    problems.push(countProblem(label, record, said, ids.length));
    return [];
  });
  const found = (await Promise.all(ids)).flat();
  refuse(z, problems);
  return new Map([...given, ...found]);
}

/** Why a text that does not name exactly one record is of no use, and which step helps. */
export function countProblem(
  label: string,
  { noun, takes, finder, list, emailOf }: RecordType,
  said: string,
  count: number,
): string {
  // What names a person is personal.
  const what = emailOf ? label : `${label} ${quoted(said)}`;
  return count === 0
    ? `${what} names no ${noun} that could be found. It must be ${takes}: pick one from the list, or ` +
        `find the right one with the step ${finder}.`
    : `${what} names ${count} ${list.plural} that your account has. Pick the right one from the list, or ` +
        `find it with the step ${finder} and use its ID.`;
}
