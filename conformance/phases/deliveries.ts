import { createHmac } from 'node:crypto';
import { EVENT_NAMES, EVENTS, type ChangeFact, type EventName } from '../../attro/contract.ts';
import { isRecord, type AttroRecord } from '../../attro/values.ts';
import { findSignatureProblem } from '../../deliveries/signature.ts';
import { appTakes } from '../app-calls.ts';
import type { AppOnAnswers } from '../app-on-answers.ts';
import { mapped, showsField } from '../app-shows.ts';
import { readArrival, runsZap } from '../arrivals.ts';
import type { Arrival } from '../hook.ts';
import { readJson } from '../../attro/json.ts';
import { hasStatus, judgeField, NOT_REACHED, success } from '../judging.ts';
import { isOccasional, kindOf, tells } from '../kinds.ts';
import { deliveryOf, fieldsOf, isValid } from '../openapi.ts';
import { recordsIn } from '../pages.ts';
import { definePhase } from '../phase.ts';
import { differs, HOLDS, type Row, type Verdict } from '../row.ts';
import { describe, list, mediaType, word } from '../words.ts';
import {
  askForDeliveries,
  attemptsOf,
  type DeliveriesEvidence,
  type Failed,
} from './deliveries-evidence.ts';
import { HEALTH_ROWS } from './deliveries-health.ts';

/** What arrives at an endpoint, signed, and what becomes of it when it is not taken. */
export const DELIVERIES = definePhase<DeliveriesEvidence>({
  title: 'Deliveries',
  needs: 'hook',
  rows: [
    {
      id: 'deliveries.test',
      assumed: 'POST /webhooks/{id}/test answers 202 for every event.',
      facts: ['testWebhook', 'TestEvent'],
      judge: ({ tested }) => {
        const verdicts = [...tested.values()].map(({ exchange }) => hasStatus(exchange, 202));
        return verdicts.find(({ is }) => is !== 'holds') ?? (tested.size > 0 ? HOLDS : NOT_REACHED);
      },
      copes: ({ tested }, app) => appTakes(app, [...tested.values()].at(-1)?.exchange),
    },
    {
      id: 'deliveries.arrives',
      assumed: 'A delivery arrives at once, as a POST of JSON.',
      facts: ['Event'],
      judge: judgeArrivals,
      copes: everyOneRuns,
    },
    {
      id: 'deliveries.signature',
      assumed: 'X-Attro-Signature signs the raw bytes with the secret of the endpoint.',
      facts: ['Signature'],
      places: [{ file: 'deliveries/signature.ts', name: 'findSignatureProblem' }],
      judge: judgeSignatures,
      copes: everyOneRuns,
    },
    ...EVENT_NAMES.map(eventRow),
    ...(['previous_status', 'rejection_reason', 'failure_reason'] as const).map(factRow),
    {
      id: 'deliveries.retried',
      assumed: 'A delivery that is sent once more has the same bytes and signature.',
      facts: ['retryDelivery'],
      judge: ({ retried }) => {
        const status = hasStatus(retried?.exchange, 202);
        if (status.is !== 'holds' || !retried) return status;
        return judgeSame(retried.before, retried.again);
      },
      copes: ({ retried }, app) => appTakes(app, retried?.exchange),
    },
    {
      id: 'deliveries.gone',
      assumed: 'An endpoint whose hook answers 410 is removed at once.',
      facts: ['DeliveryGone'],
      judge: ({ gone }) => hasStatus(gone, 404),
      copes: ({ gone }, app) => appTakes(app, gone),
    },
    {
      id: 'deliveries.moved',
      assumed: 'A redirect of a hook is a failure, and is not followed.',
      facts: ['DeliveryFailed', 'Attempt.response_status'],
      judge: ({ moved }) => {
        if (!moved?.arrival) return NOT_REACHED;
        if (moved.isFollowed) return differs('no request to where it leads', 'one came');
        return judgeAttempt(
          moved,
          'response_status 302',
          (attempt) => attempt['response_status'] === 302,
        );
      },
      copes: ({ moved }, app) => appTakes(app, moved?.list),
    },
    {
      id: 'deliveries.dropped',
      assumed: 'An attempt that is not answered has no status, and says why.',
      facts: ['Attempt.response_status', 'Attempt.error'],
      judge: ({ dropped }) => {
        if (!dropped?.arrival) return NOT_REACHED;
        return judgeAttempt(
          dropped,
          'response_status null, and error a text',
          ({ response_status: status, error }) => status === null && typeof error === 'string',
        );
      },
      copes: ({ dropped }, app) => appTakes(app, dropped?.list),
    },
    {
      id: 'deliveries.attempts',
      assumed:
        'A delivery that was answered with 500 comes again, with the same bytes and signature.',
      facts: ['schedule', 'DeliveryFailed'],
      needs: 'retry',
      judge: ({ repeated }) =>
        repeated?.before ? judgeSame(repeated.before, repeated.again) : NOT_REACHED,
    },
    {
      id: 'deliveries.delay',
      assumed: 'The second attempt comes a minute after the end of the first.',
      facts: ['schedule'],
      needs: 'retry',
      judge: ({ repeated, due: { fromMs, toMs } }) => {
        const { before, again } = repeated ?? {};
        if (!before || !again) return NOT_REACHED;
        const came = again.arrivedAt - before.answeredAt;
        // Neither clocks nor timers are exact.
        const isInTime = came >= fromMs * 0.9 - 50 && came <= toMs;
        if (isInTime) return HOLDS;
        return differs(`${seconds(fromMs)} to ${seconds(toMs)}`, seconds(came));
      },
    },
    ...HEALTH_ROWS,
  ],
  gather: async (walk) => {
    if (!walk.hook) throw new Error('There is no hook.');
    return askForDeliveries(walk, walk.hook);
  },
});

type Arrived = readonly (readonly [EventName, Arrival])[];

function arrivedIn({ tested }: DeliveriesEvidence): Arrived {
  return [...tested].flatMap(([event, { arrival }]) =>
    arrival ? [[event, arrival] as const] : [],
  );
}

function judgeArrivals(evidence: DeliveriesEvidence): Verdict {
  const { tested } = evidence;
  const late = [...tested].find(([, { exchange, arrival }]) => success(exchange) && !arrival);
  if (late) return differs('a request', `none came for ${late[0]} in time`);
  const arrived = arrivedIn(evidence);
  if (arrived.length === 0) return NOT_REACHED;
  const isRight = ({ method, headers }: Arrival): boolean =>
    method === 'POST' && /^application\/json\b/i.test(headers['content-type'] ?? '');
  const other = arrived.map(([, arrival]) => arrival).find((arrival) => !isRight(arrival));
  if (!other) return HOLDS;
  return differs(
    'POST, application/json',
    `${other.method}, ${mediaType(other.headers['content-type'])}`,
  );
}

function judgeSignatures(evidence: DeliveriesEvidence): Verdict {
  const arrived = arrivedIn(evidence);
  if (arrived.length === 0) return NOT_REACHED;
  for (const [event, { body, headers }] of arrived) {
    const problem = findSignatureProblem(body.toString(), headers, evidence.secret);
    if (problem) {
      const hint = rightOtherwise(body.toString(), headers, evidence.secret);
      return differs('a signature that matches', `${event}: ${problem}${hint}`);
    }
  }
  return HOLDS;
}

/** For what else a signature is right, to go on from what is wrong with it; empty where for nothing. */
function rightOtherwise(body: string, headers: unknown, secret: string): string {
  const json = readJson(body);
  const isRight = (text: string, key: string): boolean => !findSignatureProblem(text, headers, key);
  if (json !== undefined && isRight(JSON.stringify(json), secret)) {
    return '; it would for the body parsed and written anew';
  }
  return isRight(body, secret.replace(/^whsec_/, ''))
    ? '; it would for the secret without whsec_'
    : '';
}

/** Whether every delivery that arrived makes the app run a Zap once. */
async function everyOneRuns(evidence: DeliveriesEvidence, app: AppOnAnswers): Promise<boolean> {
  const arrived = arrivedIn(evidence);
  for (const [event, arrival] of arrived) {
    if (!(await runsZap(app, event, arrival, evidence.secret))) return false;
  }
  return arrived.length > 0;
}

/** An event's delivery is as described, every field of its record there. */
function eventRow(event: EventName): Row<DeliveriesEvidence> {
  const kind = kindOf(event);
  const { operationId, schema } = deliveryOf(event);
  const fields = fieldsOf(kind.schema).filter(
    ({ name }) => !isOccasional(kind, name) || tells(event, name),
  );
  return {
    id: `deliveries.event.${event}`,
    assumed: `A delivery of ${event} has event, timestamp and data, and data every field.`,
    facts: [operationId, 'Event'],
    places: [{ file: 'output/fields.ts', name: 'FAMILIES' }],
    judge: ({ tested }) => {
      const arrival = tested.get(event)?.arrival;
      if (!arrival) return NOT_REACHED;
      const { json, data } = readArrival(arrival);
      if (!isRecord(json) || !isRecord(json['data'])) {
        return differs('an object with event, timestamp and data', describe(json));
      }
      if (json['event'] !== event) return differs(event, `event: ${word(json['event'])}`);
      for (const field of fields) {
        const verdict = judgeField([data], field);
        if (verdict.is === 'differs') return { ...verdict, came: `${field.name}: ${verdict.came}` };
      }
      if (isValid(schema, json)) return HOLDS;
      return differs('a timestamp, ISO 8601 with an offset', describe(json['timestamp']));
    },
    copes: async ({ tested }, app) => {
      const arrival = tested.get(event)?.arrival;
      if (!arrival) return false;
      const { body } = arrival;
      // What its signature is like has a row of its own.
      const signature = createHmac('sha256', SECRET).update(body).digest('hex');
      const headers = { 'x-attro-signature': `sha256=${signature}` };
      if (!(await runsZap(app, event, { headers, body }, SECRET))) return false;
      const { data } = readArrival({ body });
      for (const field of fields) {
        const isOff = judgeField([data], field).is === 'differs';
        if (isOff && !(await showsField(mapped(event), kind.schema, field, [data]))) return false;
      }
      return true;
    },
  };
}

const SECRET = 'whsec_of_the_conformance_check';

/** The app finds what a delivery tells of the change itself. */
function factRow(fact: ChangeFact): Row<DeliveriesEvidence> {
  const events = EVENT_NAMES.filter((event) => EVENTS[event].tells?.includes(fact));
  return {
    id: `deliveries.tells.${fact}`,
    assumed: `Deliveries about a change may tell the ${fact.replace('_', ' ')}.`,
    facts: ['ChangeFact'],
    places: ['CHANGE_FACT_PATHS', 'tells'].map((name) => ({ file: 'attro/contract.ts', name })),
    judge: async (evidence) => {
      const arrived = arrivedIn(evidence).filter(([event]) => events.includes(event));
      if (arrived.length === 0) return NOT_REACHED;
      for (const [event, arrival] of arrived) {
        const [shown] = await mapped(event)([readArrival(arrival).data]);
        if (typeof shown?.[fact] === 'string') return HOLDS;
      }
      const names = list(arrived.map(([event]) => event));
      return differs(
        `${fact}, at one of the places where it is looked for`,
        `it is in none of ${names}`,
      );
    },
  };
}

function judgeSame(before: Arrival, again: Arrival | null): Verdict {
  const expected = 'the same request once more';
  if (!again) return differs(expected, 'none came in time');
  if (!before.body.equals(again.body)) return differs(expected, 'other bytes');
  const signature = ({ headers }: Arrival): unknown => headers['x-attro-signature'];
  return signature(before) === signature(again) ? HOLDS : differs(expected, 'another signature');
}

function judgeAttempt(
  { list }: Failed,
  expected: string,
  isRight: (attempt: AttroRecord) => boolean,
): Verdict {
  const status = hasStatus(list, 200);
  if (status.is !== 'holds') return status;
  const [attempt] = recordsIn(success(list)?.json).flatMap(attemptsOf);
  if (!attempt) return differs(expected, 'no attempt is told of');
  return isRight(attempt)
    ? HOLDS
    : differs(expected, `${word(attempt['response_status'])} and ${word(attempt['error'])}`);
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
