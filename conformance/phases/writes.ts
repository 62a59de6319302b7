import { isDeepStrictEqual } from 'node:util';
import { EVENTS } from '../../attro/contract.ts';
import type { AttroRecord } from '../../attro/values.ts';
import { findSignatureProblem } from '../../deliveries/signature.ts';
import { appGets, appTakes, appTakesAsRefusal } from '../app-calls.ts';
import { recordsGiven } from '../app-on-answers.ts';
import { mapped, showsField } from '../app-shows.ts';
import { readArrival, runsZap } from '../arrivals.ts';
import { appNarrows, judgeFilter } from '../filters.ts';
import { hasStatus, judgeField, judgeRefusal, NOT_REACHED } from '../judging.ts';
import { KINDS, type Kind } from '../kinds.ts';
import { deliveryOf, fieldsOf } from '../openapi.ts';
import { definePhase } from '../phase.ts';
import { differs, HOLDS, notTried, type Row } from '../row.ts';
import { describe, word } from '../words.ts';
import { AMOUNT, CHANGES, idOf, recordOf, write, type WritesEvidence } from './writes-evidence.ts';

const AFFILIATE_CHANGE = ['updateAffiliate', 'AffiliateChange'];
const CONVERSION_CHANGE = ['updateConversion', 'ConversionChange'];

/** What actions do: whether it is done, found again, and told to those who chose its events. */
export const WRITES = definePhase<WritesEvidence>({
  title: 'Writes',
  needs: 'writes',
  rows: [
    answers('affiliate', 'POST /affiliates answers 201.', ['createAffiliate']),
    asAsked('affiliate', 'Affiliate', ({ newAffiliate }) => newAffiliate),
    {
      id: 'writes.affiliate.taken',
      assumed: 'An affiliate with an e-mail address that one has already is refused with 409.',
      facts: ['createAffiliate', 'NewAffiliate.email'],
      judge: ({ taken }) => hasStatus(taken, 409),
      copes: ({ taken }, app) => appTakesAsRefusal(app, taken, 409),
    },
    refusesKey('affiliate', 'strangeAffiliate', 'NewAffiliate'),
    finds('affiliate.found', 'foundByEmail', 'affiliates', 'email'),
    finds('affiliate.searched', 'foundByName', 'affiliates', 'search'),
    becomes('affiliate.approved', 'approvedAffiliate', 'active', AFFILIATE_CHANGE),
    becomes('affiliate.suspended', 'suspendedAffiliate', 'suspended', AFFILIATE_CHANGE),
    answers('conversion', 'POST /conversions with an Idempotency-Key answers 201.', [
      'createConversion',
      'createConversion?Idempotency-Key',
    ]),
    asAsked('conversion', 'Conversion', ({ newConversion = {} }) => {
      // The amount has a row of its own, and the external ID need not come back.
      const { external_id: _id, amount: _amount, ...others } = newConversion;
      return others;
    }),
    {
      id: 'writes.conversion.amount',
      assumed: `An amount of ${AMOUNT} comes back as ${AMOUNT}, in the currency's main unit.`,
      facts: ['NewConversion.amount', 'Conversion.amount'],
      judge: ({ conversion }) => {
        const record = recordOf(conversion);
        if (!record) return NOT_REACHED;
        return record['amount'] === AMOUNT
          ? HOLDS
          : differs(`the number ${AMOUNT}`, describe(record['amount']));
      },
      copes: async ({ conversion }, app) => {
        const [shown] = conversion ? recordsGiven(await appGets(app, conversion)) : [];
        return shown?.['amount'] === AMOUNT;
      },
    },
    {
      id: 'writes.conversion.repeated',
      assumed: 'The same Idempotency-Key with the same body gives the first answer again.',
      facts: ['createConversion?Idempotency-Key'],
      judge: ({ conversion, repeated }) => {
        const status = hasStatus(repeated, 201);
        if (status.is !== 'holds') return status;
        return recordOf(repeated)?.['id'] === recordOf(conversion)?.['id']
          ? HOLDS
          : differs('the conversion that was recorded first', 'another one');
      },
      copes: async ({ conversion, repeated }, app) =>
        (await appTakes(app, repeated)) &&
        recordOf(repeated)?.['id'] === recordOf(conversion)?.['id'],
    },
    {
      id: 'writes.conversion.conflict',
      assumed: 'The same Idempotency-Key with another body is refused with 409.',
      facts: ['createConversion?Idempotency-Key'],
      judge: ({ conflicting }) => hasStatus(conflicting, 409),
      copes: ({ conflicting }, app) => appTakesAsRefusal(app, conflicting, 409),
    },
    refusesKey('conversion', 'strangeConversion', 'NewConversion'),
    finds('conversion.found', 'foundByExternalId', 'conversions', 'external_id'),
    finds('conversion.found-by-customer', 'foundByCustomer', 'conversions', 'customer_email'),
    becomes('conversion.approved', 'approvedConversion', 'approved', CONVERSION_CHANGE),
    becomes('conversion.rejected', 'rejectedConversion', 'rejected', CONVERSION_CHANGE),
    answers('link', 'POST /tracking-links answers 201 for a link that there was not.', [
      'createTrackingLink',
      'NewTrackingLink',
    ]),
    ...fieldsOf('TrackingLink').map((field): Row<WritesEvidence> => ({
      id: `writes.link.field.${field.name}`,
      assumed: `A tracking link has ${field.name}.`,
      facts: [`TrackingLink.${field.name}`],
      places: [{ file: 'attro/contract.ts', name: 'LINK_OFFER_PATHS' }],
      judge: ({ link }) => {
        const record = recordOf(link);
        return record ? judgeField([record], field) : NOT_REACHED;
      },
      copes: async ({ link }) => {
        const record = recordOf(link);
        return (
          record !== undefined &&
          showsField(mapped('tracking_link'), 'TrackingLink', field, [record])
        );
      },
    })),
    {
      id: 'writes.link.again',
      assumed: 'The same affiliate and offer give the same link again, with 200.',
      facts: ['createTrackingLink'],
      judge: ({ link, linkAgain }) => {
        const status = hasStatus(linkAgain, 200);
        if (status.is !== 'holds') return status;
        return recordOf(linkAgain)?.['url'] === recordOf(link)?.['url']
          ? HOLDS
          : differs('the same link', 'another one');
      },
      copes: async ({ link, linkAgain }, app) =>
        (await appTakes(app, linkAgain)) &&
        recordOf(linkAgain)?.['url'] === recordOf(link)?.['url'],
    },
    ...CHANGES.map(changeRow),
  ],
  gather: write,
});

function answers(
  name: 'affiliate' | 'conversion' | 'link',
  assumed: string,
  facts: readonly string[],
): Row<WritesEvidence> {
  return {
    id: `writes.${name}`,
    assumed,
    facts,
    judge: (evidence) => hasStatus(evidence[name], 201),
    copes: (evidence, app) => appTakes(app, evidence[name]),
  };
}

/** What was written comes back as it was sent. */
function asAsked(
  name: 'affiliate' | 'conversion',
  schema: string,
  wantedIn: (evidence: WritesEvidence) => AttroRecord,
): Row<WritesEvidence> {
  const others = (record: AttroRecord, wanted: AttroRecord): string[] =>
    Object.keys(wanted).filter((key) => !isDeepStrictEqual(record[key], wanted[key]));
  return {
    id: `writes.${name}.as-asked`,
    assumed: 'The record has what was sent.',
    facts: [`New${schema}`, schema],
    judge: (evidence) => {
      const record = recordOf(evidence[name]);
      if (!record) return NOT_REACHED;
      const [other] = others(record, wantedIn(evidence));
      if (other === undefined) return HOLDS;
      return differs(`${other} as it was sent`, `${other}: ${describe(record[other])}`);
    },
    copes: async (evidence) => {
      const record = recordOf(evidence[name]);
      if (!record) return false;
      for (const field of fieldsOf(schema)) {
        const isOff = others(record, wantedIn(evidence)).includes(field.name);
        if (isOff && !(await showsField(mapped(name), schema, field, [record]))) return false;
      }
      return true;
    },
  };
}

/** A body with a key that there is not is refused. */
function refusesKey(
  name: 'affiliate' | 'conversion',
  exchange: 'strangeAffiliate' | 'strangeConversion',
  schema: string,
): Row<WritesEvidence> {
  return {
    id: `writes.${name}.unknown-key`,
    assumed: 'A key that there is not is refused with 422, and details name it.',
    facts: [schema, 'Error.details'],
    judge: (evidence) => judgeRefusal(evidence[exchange], 'conformance'),
    copes: (evidence, app) => appTakesAsRefusal(app, evidence[exchange], 422),
  };
}

/** A list finds what was written, and nothing else. */
function finds(
  id: string,
  found: 'foundByEmail' | 'foundByName' | 'foundByExternalId' | 'foundByCustomer',
  list: Kind['name'],
  parameter: string,
): Row<WritesEvidence> {
  const kind = KINDS.find(({ name }) => name === list);
  return {
    id: `writes.${id}`,
    assumed: `GET /${list}?${parameter}= finds what was written, and nothing else.`,
    facts: [`${kind?.listOperation ?? ''}?${parameter}`],
    judge: (evidence) => judgeFilter(evidence[found]),
    copes: async (evidence, app) => {
      const tried = evidence[found];
      return kind && tried ? appNarrows(app, kind, parameter, tried) : false;
    },
  };
}

/** A record has the status that it was given. */
function becomes(
  id: string,
  changed: 'approvedAffiliate' | 'suspendedAffiliate' | 'approvedConversion' | 'rejectedConversion',
  status: string,
  facts: readonly string[],
): Row<WritesEvidence> {
  return {
    id: `writes.${id}`,
    assumed: `PATCH with the status ${status} answers 200, and the record has it.`,
    facts,
    judge: (evidence) => {
      const verdict = hasStatus(evidence[changed], 200);
      if (verdict.is !== 'holds') return verdict;
      const came = recordOf(evidence[changed])?.['status'];
      return came === status ? HOLDS : differs(status, word(came));
    },
    copes: async (evidence, app) => {
      const exchange = evidence[changed];
      const [shown] = exchange ? recordsGiven(await appGets(app, exchange)) : [];
      return shown !== undefined && Object.values(shown).includes(status);
    },
  };
}

/** What is written is told to those who chose the event. */
function changeRow({ event, of }: (typeof CHANGES)[number]): Row<WritesEvidence> {
  return {
    id: `writes.event.${event}`,
    assumed: `${event} is delivered when it happens, with the record as it is then.`,
    facts: [deliveryOf(event).operationId, 'Event'],
    needs: 'changes',
    judge: (evidence) => {
      const id = idOf(evidence[of]);
      const { changes } = evidence;
      if (id === null || !changes) return NOT_REACHED;
      const before = recordOf(evidence.affiliate)?.['status'];
      if (of === 'approvedAffiliate' && before === 'active') {
        return notTried('a new affiliate is active from the start');
      }
      const arrival = changes.arrived.get(event);
      if (!arrival) return differs('a delivery', 'none came in time');
      const { data } = readArrival(arrival);
      const { status } = EVENTS[event].list;
      if (status !== undefined && data['status'] !== status) {
        return differs(`status ${status}`, `status ${word(data['status'])}`);
      }
      const problem = findSignatureProblem(
        arrival.body.toString(),
        arrival.headers,
        changes.secret,
      );
      return problem ? differs('a signature that matches', problem) : HOLDS;
    },
    copes: async ({ changes }, app) => {
      const arrival = changes?.arrived.get(event);
      return !!changes && !!arrival && runsZap(app, event, arrival, changes.secret);
    },
  };
}
