import { MAX_PAGE_SIZE } from '../../attro/contract.ts';
import { isRecord, toDateTime, toText, type AttroRecord } from '../../attro/values.ts';
import { appGets, appTakes, appTakesAsRefusal, picker } from '../app-calls.ts';
import { recordsGiven, type AppOnAnswers, type Replayed } from '../app-on-answers.ts';
import type { Exchange } from '../attro-client.ts';
import { appNarrows, judgeFilter } from '../filters.ts';
import { hasStatus, NOT_REACHED, success, type Records } from '../judging.ts';
import { KINDS, type Kind } from '../kinds.ts';
import { judgeEnvelope, nextCursorIn, recordsIn } from '../pages.ts';
import { definePhase, type Phase } from '../phase.ts';
import { differs, HOLDS, notTried, type Row, type Verdict } from '../row.ts';
import { describe } from '../words.ts';
import { askForList, parametersOf, statusesOf, type ListEvidence } from './list-evidence.ts';
import { fieldRows, valueRows, wordRows } from './list-values.ts';

/** Every list, as a part of its own. */
export const LIST_PHASES: readonly Phase[] = KINDS.map((kind) =>
  definePhase<ListEvidence>({
    title: `${kind.name.charAt(0).toUpperCase()}${kind.name.slice(1)}`,
    rows: [
      ...pageRows(kind),
      ...parametersOf(kind).map((parameter) => filterRow(kind, parameter)),
      ...statusesOf(kind).map((status) => statusRow(kind, status)),
      ...fieldRows(kind),
      ...wordRows(kind),
      ...valueRows(kind),
      ...recordRows(kind),
    ],
    gather: (walk) => askForList(kind, walk),
  }),
);

function pageRows(kind: Kind): Row<ListEvidence>[] {
  const { name, list, listOperation, pageSchema } = kind;
  return [
    {
      id: `${name}.answers`,
      assumed: `GET ${list.path} answers 200, also when asked for ${MAX_PAGE_SIZE} records.`,
      facts: [listOperation, `${listOperation}?limit`],
      places: [
        { file: 'attro/contract.ts', name: 'LISTS' },
        { file: 'attro/contract.ts', name: 'MAX_PAGE_SIZE' },
      ],
      judge: ({ whole }) => hasStatus(whole, 200),
      copes: ({ whole }, app) => appTakes(app, whole),
    },
    {
      id: `${name}.envelope`,
      assumed: 'A page is an object with data and next_cursor.',
      facts: [pageSchema, `${pageSchema}.data`, `${pageSchema}.next_cursor`],
      judge: ({ whole }) => (success(whole) ? judgeEnvelope(whole) : NOT_REACHED),
      copes: ({ whole }, app) => appTakes(app, whole),
    },
    {
      id: `${name}.order`,
      assumed: 'The newest records come first.',
      facts: [`${pageSchema}.data`],
      judge: ({ records }) => judgeOrder(records),
      copes: async ({ whole }, app) => {
        const shown = await sampleOf(app, whole);
        return shown !== null && judgeOrder(shown).is !== 'differs';
      },
    },
    {
      id: `${name}.limit`,
      assumed: 'A page has no more records than its limit.',
      facts: [`${listOperation}?limit`],
      judge: (evidence) => judgeLimit(evidence),
      copes: async ({ first }, app) => {
        const shown = first ? await sampleOf(app, first) : null;
        // A dropdown shows whatever the page has.
        return shown !== null && (!kind.event || shown.length <= SAMPLE_SIZE);
      },
    },
    {
      id: `${name}.cursor`,
      assumed: 'While there are more records, next_cursor leads to the next page.',
      facts: [`${listOperation}?cursor`, `${pageSchema}.next_cursor`, 'NextCursor'],
      judge: judgeCursor,
      copes: (evidence, app) => reachesAll(kind, app, evidence),
    },
    {
      id: `${name}.strange-cursor`,
      assumed: 'A cursor that Attro has not given is refused with 400.',
      facts: [`${listOperation}?cursor`],
      judge: ({ records, strange }) =>
        'none' in records ? notTried(records.none) : hasStatus(strange, 400),
      copes: async ({ strange }, app) =>
        (await appTakes(app, strange)) || (await appTakesAsRefusal(app, strange, 400)),
    },
  ];
}

/** How many records the app shows where it is asked for a sample. */
const SAMPLE_SIZE = 3;

/** What the app shows of a page in the editor's test; null where it raises an error. */
async function sampleOf(app: AppOnAnswers, page: Exchange): Promise<AttroRecord[] | null> {
  const run = await appGets(app, page, { meta: { isLoadingSample: true } });
  return 'gave' in run ? recordsGiven(run) : null;
}

function judgeOrder(records: Records): Verdict {
  if ('none' in records) return notTried(records.none);
  const times = records
    .map(({ created_at: time }) => toDateTime(time))
    .filter((time) => time !== null)
    .map((time) => Date.parse(time));
  if (times.length < 2) return notTried('fewer than two records say when they were made');
  const newer = times.findIndex((time, index) => time > (times[index - 1] ?? Infinity));
  if (newer === -1) return HOLDS;
  return differs('the newest first', `record ${newer + 1} is newer than the one before it`);
}

function judgeLimit({ records, first }: ListEvidence): Verdict {
  const verdict = onSeveral(records) ?? hasStatus(first, 200);
  if (verdict.is !== 'holds') return verdict;
  const { length } = recordsIn(success(first)?.json);
  return length <= 1 ? HOLDS : differs('1 record for a limit of 1', `${length} records`);
}

function judgeCursor({ records, first, second }: ListEvidence): Verdict {
  const verdict = onSeveral(records) ?? hasStatus(first, 200);
  if (verdict.is !== 'holds') return verdict;
  const json = success(first)?.json;
  if (nextCursorIn(json) === null) {
    const came = isRecord(json)
      ? `next_cursor is ${describe(json['next_cursor'])}`
      : describe(json);
    return differs('a next_cursor, as there are more records', came);
  }
  const status = hasStatus(second, 200);
  if (status.is !== 'holds') return status;
  const before = new Set(idsIn(first));
  const ids = idsIn(second);
  const expected = 'the records behind those of the first page';
  if (ids.some((id) => before.has(id))) return differs(expected, 'records of the first page again');
  return ids.length > 0 ? HOLDS : differs(expected, 'none');
}

/** Why what takes two records cannot be tried; nothing where it can. */
function onSeveral(records: Records): Verdict | undefined {
  if ('none' in records) return notTried(records.none);
  return records.length < 2 ? notTried('there is one record only') : undefined;
}

function idsIn(exchange: Exchange | undefined): (string | null)[] {
  return recordsIn(success(exchange)?.json).map(({ id }) => toText(id));
}

/** Whether the app comes by every record that is known, each once, and knows when there are no more. */
async function reachesAll(
  kind: Kind,
  app: AppOnAnswers,
  { whole, second }: ListEvidence,
): Promise<boolean> {
  if (kind.name === 'payouts') return appTakes(app, whole);
  const { method, path } = whole;
  const answers: Replayed[] = [
    { method, path, fits: (query) => !query.has('cursor'), outcome: whole.outcome },
    { method, path, outcome: (second ?? whole).outcome },
  ];
  const reached: unknown[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 2; page += 1) {
    const call = picker(kind.name, cursor);
    const [choices] = recordsGiven(await app.run(call.method, call.bundle ?? {}, answers));
    if (!choices) return false;
    reached.push(...[choices['results']].flat().map((choice) => isRecord(choice) && choice['id']));
    cursor = toText(choices['paging_token']) ?? undefined;
    if (cursor === undefined) break;
  }
  const known = idsIn(whole);
  // A page that is full may well not be all there is.
  const isCutOff = cursor === undefined && reached.length === MAX_PAGE_SIZE;
  return (
    !isCutOff &&
    new Set(reached).size === reached.length &&
    known.every((id) => reached.includes(id))
  );
}

function filterRow(kind: Kind, parameter: string): Row<ListEvidence> {
  return {
    id: `${kind.name}.filter.${parameter}`,
    assumed: `?${parameter}= leaves only the records that fit.`,
    facts: [`${kind.listOperation}?${parameter}`],
    judge: ({ records, filters }) =>
      'none' in records ? notTried(records.none) : judgeFilter(filters.get(parameter)),
    copes: async ({ filters }, app) => {
      const tried = filters.get(parameter);
      return tried ? appNarrows(app, kind, parameter, tried) : false;
    },
  };
}

function statusRow(kind: Kind, status: string): Row<ListEvidence> {
  return {
    id: `${kind.name}.status.${status}`,
    assumed: `?status=${status} lists what the app's trigger for it shows.`,
    facts: [`${kind.listOperation}?status`],
    places: ['EVENT_TABLE', 'list'].map((constant) => ({
      file: 'attro/contract.ts',
      name: constant,
    })),
    judge: ({ records, statuses }) => {
      if ('none' in records) return notTried(records.none);
      const tried = statuses.get(status);
      const isNone = tried && success(tried.exchange) && idsIn(tried.exchange).length === 0;
      return isNone && !tried.trial.isThere
        ? notTried(`no record that came has the status ${status}`)
        : judgeFilter(tried);
    },
    copes: async ({ statuses }, app) => {
      const tried = statuses.get(status);
      return tried ? appNarrows(app, kind, 'status', tried) : false;
    },
  };
}

function recordRows({ name, oneOperation }: Kind): Row<ListEvidence>[] {
  if (!oneOperation) return [];
  return [
    {
      id: `${name}.one`,
      assumed: 'A record can be had by its id.',
      facts: [oneOperation],
      judge: ({ records, one }) => {
        if ('none' in records) return notTried(records.none);
        const status = hasStatus(one, 200);
        if (status.is !== 'holds') return status;
        const json = success(one)?.json;
        const isIt = isRecord(json) && toText(json['id']) === toText(records[0]?.['id']);
        return isIt ? HOLDS : differs('the record of that id', describe(json));
      },
      copes: async ({ one }, app) => {
        if (!one) return false;
        const run = await appGets(app, one);
        return 'gave' in run && (run.gave === null || recordsGiven(run).length > 0);
      },
    },
    {
      id: `${name}.unknown`,
      assumed: 'An id that no record has is answered with 404.',
      facts: [oneOperation],
      judge: ({ records, none }) =>
        'none' in records ? notTried(records.none) : hasStatus(none, 404),
      copes: async ({ none }, app) => {
        if (!none) return false;
        const run = await appGets(app, none);
        return 'gave' in run && recordsGiven(run).length === 0;
      },
    },
  ];
}
