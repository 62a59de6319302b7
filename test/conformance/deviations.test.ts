import { describe, expect, it } from '@jest/globals';
import { EVENT_NAMES, EVENTS } from '../../attro/contract.ts';
import { isDifferent } from '../../conformance/report.ts';
import {
  changeJson,
  everyField,
  everyObject,
  isList,
  type Deviation,
  type Given,
} from './deviating.ts';
import { useWalker } from './walks.ts';

const walker = useWalker();

/** A deviation of the lists alone. */
function onLists(change: (page: Record<string, unknown>) => unknown): Deviation {
  return {
    gives: (given, asked) => {
      if (isList(asked) && given.status === 200) {
        changeJson(given, (json) => change(json as Record<string, unknown>));
      }
    },
  };
}

/** A deviation of every answer under the API's root. */
function onAnswers(change: (json: unknown) => unknown): Deviation {
  return {
    gives: (given) => {
      changeJson(given, change);
    },
  };
}

/** A deviation of some fields, wherever they are. */
function onFields(names: readonly string[], change: (value: unknown) => unknown): Deviation {
  return onAnswers((json) => everyField(json, names, change));
}

/** A deviation of the answers to one method and path. */
function onPath(method: string, path: string | RegExp, change: (given: Given) => void): Deviation {
  return {
    gives: (given, asked) => {
      const isIt = typeof path === 'string' ? asked.path === path : path.test(asked.path);
      if (isIt && asked.method === method) change(given);
    },
  };
}

const camelCase = (name: string): string =>
  name.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());

/** Other words for the statuses of records. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  ...{ active: 'enabled', suspended: 'blocked', approved: 'accepted', rejected: 'declined' },
  ...{ processing: 'running', completed: 'paid', failed: 'bounced' },
};

const TIMES = ['created_at', 'completed_at'];
const AMOUNTS = ['amount', 'commission_amount'];

/** Rows about the amounts and the times in lists. */
const AMOUNT_FIELDS = [
  'conversions.field.amount',
  'conversions.field.commission_amount',
  'payouts.field.amount',
];
const TIME_FIELDS = [
  ...['affiliates', 'conversions', 'payouts'].map((list) => `${list}.field.created_at`),
  'payouts.field.completed_at',
];

/** The rows of the statuses that the app asks for. */
const STATUS_ROWS = EVENT_NAMES.map((event) => EVENTS[event].list)
  .filter(({ status }) => status !== undefined)
  .map(({ plural, status }) => `${plural}.status.${String(status)}`);

/** The same row of each list. */
const ofEach = (row: string): string[] =>
  ['affiliates', 'conversions', 'payouts', 'offers'].map((list) => `${list}.${row}`);

/** Rows that differ, and the app copes. */
const coped = (...rows: string[]): string[] => rows.map((row) => `~${row}`);

/**
 * Servers that deviate in one thing each, and the rows that have to name it: all of them, and no other.
 * A `~` says that the app copes.
 */
const CASES: Readonly<Record<string, [deviation: Deviation, rows: readonly string[]]>> = {
  'lists in an envelope with other names': [
    onLists(({ data, next_cursor }) => ({ items: data, next: next_cursor })),
    [...ofEach('envelope'), ...ofEach('cursor')],
  ],
  'lists that are bare arrays': [
    onLists(({ data }) => data),
    [
      ...coped(...ofEach('envelope')),
      // What fits into one page, the app has seen.
      ...['affiliates.cursor', 'offers.cursor', ...coped('conversions.cursor', 'payouts.cursor')],
    ],
  ],
  'names in camelCase': [
    onLists((page) =>
      everyObject(page, (object) =>
        Object.fromEntries(Object.entries(object).map(([name, value]) => [camelCase(name), value])),
      ),
    ),
    [
      ...coped(...ofEach('envelope')),
      ...['affiliates.cursor', 'offers.cursor', ...coped('conversions.cursor', 'payouts.cursor')],
      ...['display_name', 'company_name', 'created_at'].map((name) => `affiliates.field.${name}`),
      ...['affiliate_id', 'affiliate_name', 'offer_id', 'offer_name', 'commission_amount'].map(
        (name) => `conversions.field.${name}`,
      ),
      ...['customer_email', 'created_at', 'fraud_score', 'fraud_threshold', 'fraud_reasons'].map(
        (name) => `conversions.field.${name}`,
      ),
      ...['affiliate_id', 'affiliate_name', 'transaction_id', 'created_at', 'completed_at'].map(
        (name) => `payouts.field.${name}`,
      ),
      // No step shows when an offer was made.
      ...coped('offers.field.created_at'),
    ],
  ],
  'amounts in cents': [
    onFields(AMOUNTS, (value) => Math.round(Number(value) * 100)),
    ['conversions.amounts', 'payouts.amounts'],
  ],
  'amounts as text': [
    onFields(AMOUNTS, (value) => Number(value).toFixed(2)),
    coped(...AMOUNT_FIELDS),
  ],
  'amounts with their currency': [
    onFields(AMOUNTS, (value) => `$${String(value)}`),
    [...AMOUNT_FIELDS, 'conversions.readable', 'payouts.readable'],
  ],
  'dates without a zone': [
    onFields(TIMES, (value) => String(value).replace('Z', '')),
    coped(...TIME_FIELDS, 'offers.field.created_at', 'subscription.field.created_at'),
  ],
  'dates as seconds since 1970': [
    onFields(TIMES, (value) => Date.parse(String(value)) / 1000),
    coped(...TIME_FIELDS, 'offers.field.created_at', 'subscription.field.created_at'),
  ],
  'dates for people': [
    onFields(TIMES, (value) => new Date(String(value)).toUTCString()),
    [
      ...TIME_FIELDS,
      ...['affiliates.readable', 'conversions.readable', 'payouts.readable'],
      ...coped('offers.field.created_at', 'subscription.field.created_at'),
    ],
  ],
  'ids of records as numbers': [
    {
      asks: (asked) => {
        asked.path = asked.path.replace(/\d{4,}/, recordId);
        for (const [name, value] of [...asked.query]) {
          if (name.endsWith('_id')) asked.query.set(name, recordId(value));
        }
      },
      gives: (given, { path }) => {
        if (path.includes('webhooks')) return;
        changeJson(given, (json) =>
          everyField(json, ['id', 'affiliate_id', 'offer_id'], recordNumber),
        );
      },
    },
    coped(
      ...['account.field.id', 'account.field.organization.id', ...ofEach('field.id')],
      ...[
        'conversions.field.affiliate_id',
        'conversions.field.offer_id',
        'payouts.field.affiliate_id',
      ],
    ),
  ],
  'ids of subscriptions as numbers': [
    {
      asks: (asked) => {
        asked.path = asked.path.replace(/\d{4,}/, recordId);
      },
      gives: (given, { path }) => {
        if (path.includes('webhooks'))
          changeJson(given, (json) => everyField(json, ['id'], recordNumber));
      },
    },
    coped('subscription.field.id'),
  ],
  'no paging': [
    {
      asks: (asked) => {
        if (!isList(asked)) return;
        asked.query.delete('cursor');
        asked.query.set('limit', '100');
      },
      gives: (given, asked) => {
        if (isList(asked) && given.status === 200) {
          changeJson(given, (json) => ({ ...Object(json), next_cursor: null }) as object);
        }
      },
    },
    [
      ...coped(...ofEach('limit'), ...ofEach('strange-cursor')),
      ...['affiliates.cursor', 'offers.cursor', ...coped('conversions.cursor', 'payouts.cursor')],
    ],
  ],
  'pages without a cursor': [
    onLists((page) => ({ ...page, next_cursor: null })),
    ['affiliates.cursor', 'offers.cursor', ...coped('conversions.cursor', 'payouts.cursor')],
  ],
  'the first page again for every cursor': [
    {
      asks: (asked) => {
        if (isList(asked)) asked.query.delete('cursor');
      },
    },
    [
      ...coped(...ofEach('strange-cursor')),
      ...['affiliates.cursor', 'offers.cursor', ...coped('conversions.cursor', 'payouts.cursor')],
    ],
  ],
  'the oldest first': [
    onLists(({ data, ...page }) => ({ ...page, data: (data as unknown[]).reverse() })),
    // A dropdown shows offers in whatever order.
    ['affiliates.order', 'conversions.order', 'payouts.order', ...coped('offers.order')],
  ],
  'filters that are ignored': [
    {
      asks: (asked) => {
        const filters = [...asked.query.keys()].filter(
          (name) => !/limit|cursor|conformance/.test(name),
        );
        if (isList(asked)) for (const name of filters) asked.query.delete(name);
      },
    },
    [
      // Attro alone leaves out other statuses; of the rest the app leaves out what does not fit.
      ...['affiliates', 'conversions', 'payouts'].map((list) => `${list}.filter.status`),
      ...STATUS_ROWS,
      ...coped(...['type', 'email', 'search'].map((name) => `affiliates.filter.${name}`)),
      ...coped(
        ...['affiliate_id', 'offer_id', 'customer_email', 'min_fraud_score'].map(
          (name) => `conversions.filter.${name}`,
        ),
      ),
      // A conversion need not say which external ID it has.
      'conversions.filter.external_id',
      ...coped('offers.filter.status'),
    ],
  ],
  'other words for statuses': [
    {
      gives: (given, asked) => {
        const other = (word: unknown): unknown => OTHER_WORDS[String(word)] ?? word;
        if (LIST_OF_EVENTS.test(asked.path)) {
          changeJson(given, (json) => everyField(json, ['status'], other));
        }
      },
    },
    [
      ...['affiliates', 'conversions', 'payouts'].map((list) => `${list}.words.status`),
      ...STATUS_ROWS.filter((row) => (row.split('.').at(-1) ?? '') in OTHER_WORDS),
      // No step asks for such a word.
      ...coped('payouts.filter.status'),
    ],
  ],
  'one status more': [
    onPath('GET', '/api/v1/conversions', (given) => {
      const other = (status: unknown): unknown => (status === 'pending' ? 'held' : status);
      changeJson(given, (json) => everyField(json, ['status'], other));
    }),
    coped('conversions.words.status'),
  ],
  'types in capitals': [
    {
      asks: ({ query }) => {
        const type = query.get('type');
        if (type !== null) query.set('type', type.toLowerCase());
      },
      gives: (given, asked) => {
        const inCapitals = (type: unknown): unknown => String(type).toUpperCase();
        if (isList(asked)) changeJson(given, (json) => everyField(json, ['type'], inCapitals));
      },
    },
    coped('affiliates.words.type'),
  ],
  'records inside of data': [
    onPath('GET', /\/(affiliates|conversions)\/\w+$/, (given) => {
      if (given.status === 200) changeJson(given, (data) => ({ data }));
    }),
    coped('affiliates.one', 'conversions.one'),
  ],
  'an empty object for a record that there is not': [
    onPath('GET', /\/(affiliates|conversions)\/\w+-\w+$/, (given) => {
      Object.assign(given, { status: 200, text: '{}' });
    }),
    ['~affiliates.unknown', 'conversions.unknown'],
  ],
  'subscriptions at another address': [
    {
      answers: ({ path }, response) => {
        if (!path.startsWith('/api/v1/webhooks')) return false;
        response.writeHead(404, { 'Content-Type': 'application/json' });
        response.end('{"error":"Not found"}');
        return true;
      },
    },
    ['subscription.answers'],
  ],
  'a subscription without an id': [
    onPath('POST', '/api/v1/webhooks', (given) => {
      changeJson(given, (json) => ({ ...Object(json), id: undefined }) as object);
    }),
    ['subscription.field.id'],
  ],
  'a subscription at another URL': [
    onPath('POST', '/api/v1/webhooks', (given) => {
      given.text = given.text.replace('https://example.com/', 'https://example.com/other/');
    }),
    ['subscription.as-asked'],
  ],
  'a subscription with its secret': [
    {
      asks: (asked) => {
        lastSecret = /whsec_\w+/.exec(asked.body)?.[0] ?? lastSecret;
      },
      gives: (given, { method, path }) => {
        if (method === 'GET' && path === '/api/v1/webhooks') {
          changeJson(given, (json) => everyField(json, ['url'], () => lastSecret));
        }
      },
    },
    coped('subscription.listed', 'subscription.secret'),
  ],
  'events that there are not, accepted': [
    {
      asks: (asked) => {
        asked.body = asked.body.replace('conformance.unknown', 'affiliate.created');
      },
    },
    ['subscription.refused.unknown-event'],
  ],
  '200 and a body for the end of a subscription': [
    onPath('DELETE', /webhooks/, (given) => {
      if (given.status !== 204) return;
      const headers = { 'content-type': 'application/json' };
      Object.assign(given, { status: 200, headers, text: '{"deleted":true}' });
    }),
    coped('subscription.unsubscribe'),
  ],
  'an error for the end of a subscription that has ended': [
    onPath('DELETE', /webhooks/, (given) => {
      if (given.status === 404) given.status = 400;
    }),
    ['subscription.unsubscribe-again'],
  ],
  'a wrong token that is let in': [
    {
      asks: ({ headers }) => {
        if (headers.authorization) headers.authorization = `Bearer ${walker.sandbox().apiKey}`;
      },
    },
    ['account.wrong-token'],
  ],
  'a request without a token that is let in': [
    {
      asks: ({ headers }) => {
        headers.authorization ??= `Bearer ${walker.sandbox().apiKey}`;
      },
    },
    ['account.no-token'],
  ],
  '403 for a wrong token': [
    onAnyStatus(401, (given) => {
      given.status = 403;
    }),
    ['account.no-token', 'account.wrong-token'],
  ],
  'a 401 without a challenge': [
    onAnyStatus(401, ({ headers }) => {
      delete headers['www-authenticate'];
    }),
    coped('account.challenge'),
  ],
  'an account without its organization': [
    onPath('GET', '/api/v1/me', (given) => {
      changeJson(given, (json) => ({ ...Object(json), organization: undefined }) as object);
    }),
    ['account.field.organization'],
  ],
  'HTML in place of one list': [
    onPath('GET', '/api/v1/payouts', (given) => {
      Object.assign(given, { headers: { 'content-type': 'text/html' }, text: '<h1>Attro</h1>' });
    }),
    ['answers.json', 'payouts.envelope'],
  ],
  'JSON that calls itself text': [
    {
      gives: ({ headers }) => {
        if (headers['content-type']) headers['content-type'] = 'text/plain';
      },
    },
    coped('answers.json'),
  ],
  'a redirect': [
    {
      answers: ({ path }, response) => {
        if (path !== '/api/v1/payouts') return false;
        response.writeHead(302, { Location: 'https://example.com/' }).end();
        return true;
      },
    },
    ['payouts.answers', 'answers.no-redirect'],
  ],
  'a hang': [
    { answers: ({ path }) => path === '/api/v1/payouts' },
    ['payouts.answers', 'answers.in-time'],
  ],
  'a dropped connection': [
    {
      answers: ({ path }, response) => {
        if (path !== '/api/v1/payouts') return false;
        response.destroy();
        return true;
      },
    },
    ['payouts.answers', 'answers.in-time'],
  ],
  'errors of another shape': [
    {
      gives: (given) => {
        if (given.status >= 400) {
          changeJson(given, (json) => ({
            errors: [{ message: (json as { error: string }).error }],
          }));
        }
      },
    },
    coped(
      ...['unknown-event', 'no-event', 'no-web-address', 'short-secret', 'unknown-key'].map(
        (fault) => `subscription.refused.${fault}`,
      ),
      'answers.errors',
    ),
  ],
  'unknown parameters that are ignored': [
    {
      asks: ({ query }) => {
        query.delete('conformance');
      },
    },
    coped('answers.unknown-parameter'),
  ],
};

/** Lists whose records have events. */
const LIST_OF_EVENTS = /(affiliates|conversions|payouts)$/;

let lastSecret = '';

/** Numbers in the place of ids, the same one for the same id. */
const numbers = new Map<string, number>();

function recordNumber(id: unknown): number {
  const number = numbers.get(String(id)) ?? 1_000 + numbers.size;
  numbers.set(String(id), number);
  return number;
}

function recordId(number: string): string {
  return [...numbers].find(([, known]) => String(known) === number)?.[0] ?? number;
}

function onAnyStatus(status: number, change: (given: Given) => void): Deviation {
  return {
    gives: (given) => {
      if (given.status === status) change(given);
    },
  };
}

describe('a server that deviates in one thing', () => {
  it.each(Object.entries(CASES))(
    'is told so, and nothing else: %s',
    async (_name, [deviation, rows]) => {
      const { findings, differing } = await walker.walk(deviation, { timeoutMs: 2_000 });
      expect(differing.sort()).toEqual([...rows].sort());
      expect(isDifferent(findings)).toBe(true);
    },
  );
});

it('waits where a server asks for patience', async () => {
  const asked = new Set<string>();
  const { differing } = await walker.walk({
    answers: ({ method, path, query }, response) => {
      const request = `${method} ${path} ${query.toString()}`;
      if (!isList({ method, path }) || query.has('status') || asked.has(request)) return false;
      asked.add(request);
      response.writeHead(429, { 'Content-Type': 'application/json', 'Retry-After': '1' });
      response.end('{"error":"Too many requests","retryable":true}');
      return true;
    },
  });
  expect(asked.size).toBeGreaterThan(10);
  expect(differing).toEqual([]);
});

it('removes what it has made also where nothing else is answered any more', async () => {
  let isMade = false;
  const { row } = await walker.walk(
    {
      answers: ({ method }) => isMade && method !== 'DELETE',
      gives: (_given, { method, path }) => {
        isMade ||= method === 'POST' && path === '/api/v1/webhooks';
      },
    },
    { timeoutMs: 300 },
  );
  expect(row('subscription.unsubscribe')).toMatchObject({ result: 'holds' });
  expect(row('answers.in-time')).toMatchObject({ result: 'differs' });
  expect(row('affiliates.answers')).toMatchObject({ result: 'differs' });
  expect(row('offers.answers')).toMatchObject({
    result: 'not tried',
    why: 'the server had stopped answering',
  });
});
