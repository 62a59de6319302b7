import { appHeeds } from '../app-calls.ts';
import type { AppOnAnswers } from '../app-on-answers.ts';
import type { Answer, Exchange } from '../attro-client.ts';
import { describeOutcome } from '../judging.ts';
import { isValid, SCHEMAS } from '../openapi.ts';
import { definePhase } from '../phase.ts';
import { differs, HOLDS, notTried, type Row, type Verdict } from '../row.ts';
import { count, describe, mediaType } from '../words.ts';

interface Evidence {
  /** Everything that was asked. */
  exchanges: readonly Exchange[];
  /** A query with a parameter that there is not. */
  strangeQuery: Exchange;
}

type Answered = Exchange & { outcome: Answer };

function answered({ exchanges }: Evidence): Answered[] {
  return exchanges.filter((each): each is Answered => 'status' in each.outcome);
}

/** A row that every answer is held against. */
function ofAll(
  id: string,
  assumed: string,
  facts: readonly string[],
  expected: string,
  others: (evidence: Evidence) => readonly Exchange[],
  came: (exchange: Exchange) => string,
): Row<Evidence> {
  return {
    id: `answers.${id}`,
    assumed,
    facts,
    judge: (evidence) => judgeAll(expected, others(evidence), came),
    copes: (evidence, app) => heedsAll(app, others(evidence)),
  };
}

function judgeAll(
  expected: string,
  others: readonly Exchange[],
  came: (exchange: Exchange) => string,
): Verdict {
  const [first] = others;
  if (!first) return HOLDS;
  const more = others.length > 1 ? `, and so on: ${count(others.length, 'answer')}` : '';
  return differs(expected, `${first.method} ${first.path}: ${came(first)}${more}`);
}

async function heedsAll(app: AppOnAnswers, exchanges: readonly Exchange[]): Promise<boolean> {
  // Alike ones come to the same.
  const kinds = new Map(
    exchanges.map((each) => [
      `${each.operation} ${'status' in each.outcome ? each.outcome.status : each.outcome.problem}`,
      each,
    ]),
  );
  for (const exchange of kinds.values()) if (!(await appHeeds(app, exchange))) return false;
  return true;
}

/** What all answers have in common. */
export const ANSWERS = definePhase<Evidence>({
  title: 'All answers',
  rows: [
    ofAll(
      'in-time',
      'Every request is answered in time.',
      ['introduction'],
      'an answer',
      ({ exchanges }) => exchanges.filter(({ outcome }) => 'problem' in outcome),
      ({ outcome }) => describeOutcome(outcome),
    ),
    ofAll(
      'json',
      'Every answer with a body is JSON, and says so.',
      ['introduction'],
      'application/json',
      (evidence) =>
        answered(evidence).filter(
          ({ outcome: { text, json, headers } }) =>
            text !== '' &&
            (json === undefined ||
              !/^application\/(?:\S+\+)?json\b/i.test(headers['content-type'] ?? '')),
        ),
      ({ outcome }) =>
        'status' in outcome
          ? `${outcome.status}, ${mediaType(outcome.headers['content-type'])}`
          : outcome.said,
    ),
    ofAll(
      'no-redirect',
      'No answer is a redirect.',
      ['introduction'],
      'an answer at this address',
      (evidence) =>
        answered(evidence).filter(({ outcome: { status } }) => status >= 300 && status < 400),
      ({ outcome }) => ('status' in outcome ? String(outcome.status) : outcome.said),
    ),
    ofAll(
      'errors',
      'Every refusal is an object with error, and maybe details and retryable.',
      ['Error', 'Error.error', 'Error.details', 'Error.retryable', 'ErrorDetail'],
      'error, a text; details, a list of path and message; retryable',
      (evidence) =>
        answered(evidence).filter(
          ({ operation, outcome: { status, json } }) =>
            status >= 400 && operation !== 'token' && !isValid(SCHEMAS['Error'] ?? {}, json),
        ),
      ({ outcome }) => ('status' in outcome ? describe(outcome.json) : outcome.said),
    ),
    {
      id: 'answers.unknown-parameter',
      assumed: 'A query parameter that there is not is refused with 400.',
      facts: ['introduction'],
      judge: ({ strangeQuery: { outcome } }) => {
        if ('problem' in outcome) return notTried(outcome.said);
        return outcome.status === 400 ? HOLDS : differs('400', describeOutcome(outcome));
      },
      copes: ({ strangeQuery }, app) => appHeeds(app, strangeQuery),
    },
  ],
  gather: async ({ attro }) => {
    const query = { conformance: 1, limit: 1 };
    const strangeQuery = await attro.ask({ operation: 'listAffiliates', query });
    return { exchanges: attro.exchanges, strangeQuery };
  },
});
