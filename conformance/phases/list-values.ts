import { toText, type AttroRecord } from '../../attro/values.ts';
import { judgeAmounts } from '../amounts.ts';
import { trigger } from '../app-calls.ts';
import { recordsGiven, type AppOnAnswers } from '../app-on-answers.ts';
import { mapped, showsField, shownOf } from '../app-shows.ts';
import { appNarrows } from '../filters.ts';
import { judgeField, valueAt } from '../judging.ts';
import { isOccasional, type Kind } from '../kinds.ts';
import { fieldsOf, plain, type Field } from '../openapi.ts';
import { differs, HOLDS, notTried, type Row, type Verdict } from '../row.ts';
import { count, describe, list, word } from '../words.ts';
import type { ListEvidence } from './list-evidence.ts';

/** A row for each field of a kind's records. */
export function fieldRows(kind: Kind): Row<ListEvidence>[] {
  return fieldsOf(kind.schema).map((field) => ({
    id: `${kind.name}.field.${field.name}`,
    assumed: `The records have ${field.name}.`,
    facts: [`${kind.schema}.${field.name}`],
    judge: ({ records }) => judgeField(records, field, isOccasional(kind, field.name)),
    copes: async ({ records }, app) =>
      'none' in records ? false : showsField(shownOf(kind, app), kind.schema, field, records),
  }));
}

/** A row for each field of which Attro's words are known. */
export function wordRows(kind: Kind): Row<ListEvidence>[] {
  return wordFields(kind).map(({ name, schema: { examples = [] } }) => ({
    id: `${kind.name}.words.${name}`,
    assumed: `The words for ${name} are ${list(examples.map(String))}.`,
    facts: [`${kind.schema}.${name}`],
    places: [{ file: 'attro/contract.ts', name: 'EVENT_TABLE' }],
    judge: ({ records }) => {
      if ('none' in records) return notTried(records.none);
      const words = [...new Set(records.map((record) => toText(record[name])))].filter(
        (text) => text !== null,
      );
      if (words.length === 0) return notTried(`no record has ${name}`);
      const others = words.filter((text) => !examples.includes(text)).map(word);
      return others.length === 0
        ? HOLDS
        : differs(`one of ${list(examples.map(String))}`, list(others));
    },
    copes: (evidence, app) => knowsWords(kind, app, name, examples.map(String), evidence),
  }));
}

/** The fields that are words of Attro's: those whose description names several. */
function wordFields(kind: Kind): Field[] {
  return fieldsOf(kind.schema).filter(({ schema }) => {
    const { type, examples = [] } = plain(schema);
    return [type].flat().includes('string') && examples.length > 1;
  });
}

/** Whether the app still finds records by the words that it uses. */
async function knowsWords(
  kind: Kind,
  app: AppOnAnswers,
  field: string,
  words: readonly string[],
  { whole, statuses }: ListEvidence,
): Promise<boolean> {
  if (field === 'status') {
    for (const tried of statuses.values()) {
      // A word of the app's that nobody has may be the one that is called otherwise.
      const isFound = tried.trial.isThere && (await appNarrows(app, kind, 'status', tried));
      if (!isFound) return false;
    }
    return statuses.size > 0;
  }
  const inputData = { [`affiliate_${field}`]: words[0] };
  const { method, bundle = {} } = trigger('affiliate.created', 'performList', { inputData });
  const run = await app.run(method, bundle, [
    { method: 'GET', path: whole.path, outcome: whole.outcome },
  ]);
  return recordsGiven(run).length > 0;
}

/** What the values of a kind's records are to the app. */
export function valueRows(kind: Kind): Row<ListEvidence>[] {
  const { name, schema, event, input } = kind;
  const amounts = fieldsOf(schema).filter((field) => /(^|_)amount$/.test(field.name));
  const times = fieldsOf(schema).filter((field) => plain(field.schema).format === 'date-time');
  const rows: Row<ListEvidence>[] = [];
  if (event) {
    const readable = [...times, ...amounts];
    rows.push({
      id: `${name}.readable`,
      assumed: "The app's mapper can read every time and every amount.",
      facts: readable.map((field) => `${schema}.${field.name}`),
      places: [
        { file: 'attro/values.ts', name: 'toDateTime' },
        { file: 'attro/values.ts', name: 'toNumber' },
      ],
      judge: ({ records }) =>
        'none' in records ? notTried(records.none) : judgeReadable(kind, readable, records),
    });
  }
  if (amounts.length > 0) rows.push(amountRow(kind, amounts));
  if (input) {
    rows.push({
      id: `${name}.ids`,
      assumed: "The app's steps take every id.",
      facts: [`${schema}.id`],
      places: [
        { file: 'inputs/kinds.ts', name: 'MAX_ID_LENGTH' },
        { file: 'attro/json.ts', name: 'ID_NAME' },
      ],
      judge: ({ records }) => {
        if ('none' in records) return notTried(records.none);
        const refused = records.filter(({ id }) => 'problem' in input.read(id));
        if (refused.length === 0) return HOLDS;
        return differs(
          'ids of at most 200 characters, without blanks',
          `${describe(refused[0]?.['id'])}, in ${refused.length} of ${count(records.length, 'record')}`,
        );
      },
    });
  }
  return rows;
}

async function judgeReadable(
  { event, schema }: Kind,
  fields: readonly Field[],
  records: readonly AttroRecord[],
): Promise<Verdict> {
  if (!event) return notTried('the app maps no such record');
  let isTried = false;
  for (const field of fields) {
    const filled = records.filter((record) => (valueAt(record, field.path) ?? null) !== null);
    isTried ||= filled.length > 0;
    for (const record of filled) {
      if (!(await showsField(mapped(event), schema, field, [record]))) {
        return differs(
          'a time or an amount',
          `${field.name}: ${describe(valueAt(record, field.path))}`,
        );
      }
    }
  }
  return isTried ? HOLDS : notTried('no record has any');
}

const WRITES_TELL = '; --writes tells for sure';

function amountRow({ name, schema, event }: Kind, fields: readonly Field[]): Row<ListEvidence> {
  const names = fields.map((field) => field.name);
  const places = fields.map((field) => `${schema}.${field.name}`);
  return {
    id: `${name}.amounts`,
    assumed: "Amounts are in the currency's main unit.",
    facts: places,
    judge: ({ records, isMainUnit }) => {
      if ('none' in records) return notTried(records.none);
      if (name !== 'conversions') return judgeAmounts(records, names);
      // One that was recorded, as no payout can be, tells more than all the others.
      return isMainUnit ? HOLDS : judgeAmounts(records, names, WRITES_TELL);
    },
    copes: async ({ records }) => {
      if ('none' in records || !event) return false;
      const shown = await mapped(event)(records);
      const keys = ['amount', 'commission'];
      return (
        judgeAmounts(
          shown.filter((each) => each !== undefined),
          keys,
        ).is === 'holds'
      );
    },
  };
}
