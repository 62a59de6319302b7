import { randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { SECRET_PREFIX } from '../../attro/contract.ts';
import { isRecord, type AttroRecord } from '../../attro/values.ts';
import { appTakes, appTakesAsRefusal } from '../app-calls.ts';
import type { Exchange } from '../attro-client.ts';
import { endpointId } from '../endpoints.ts';
import {
  hasStatus,
  judgeField,
  judgeRefusal,
  NOT_REACHED,
  success,
  type Records,
} from '../judging.ts';
import { fieldsOf } from '../openapi.ts';
import { judgeEnvelope, nextCursorIn, recordsIn } from '../pages.ts';
import { definePhase } from '../phase.ts';
import { differs, HOLDS, type Row, type Verdict } from '../row.ts';
import type { Walk } from '../walk.ts';
import { count, list, word } from '../words.ts';

/** Nobody listens there (RFC 2606). */
const NOWHERE = 'https://example.com/attro-conformance/';

const EVENTS = ['affiliate.created'];
const MORE_EVENTS = ['affiliate.created', 'conversion.created'];

interface Evidence {
  /** What was asked for. */
  url: string;
  /** What it was changed to. */
  otherUrl: string;
  secrets: readonly string[];
  created: Exchange;
  fetched?: Exchange;
  /** A page of one, and the page behind it where there is one. */
  listed?: Exchange;
  listedNext?: Exchange;
  changed?: Exchange;
  disabled?: Exchange;
  enabled?: Exchange;
  /** By what is wrong with the request. */
  refused?: ReadonlyMap<string, Exchange>;
  removed?: Exchange;
  removedAgain?: Exchange;
  fetchedAgain?: Exchange;
}

/** What may be wrong with the request for an endpoint: the key that is at fault, and its value. */
const FAULTS: Readonly<Record<string, { key: string; value: unknown; assumed: string }>> = {
  'unknown-event': {
    key: 'events',
    value: ['conformance.unknown'],
    assumed: 'An event that there is not is refused.',
  },
  'no-event': { key: 'events', value: [], assumed: 'An endpoint for no event is refused.' },
  'no-web-address': {
    key: 'url',
    value: 'ftp://example.com/',
    assumed: 'A URL that is not HTTP or HTTPS is refused.',
  },
  'short-secret': {
    key: 'secret',
    value: 'whsec_short',
    assumed: 'A secret of fewer than 16 characters is refused.',
  },
  'unknown-key': { key: 'conformance', value: 1, assumed: 'A key that there is not is refused.' },
};

/** What a Zap does that is turned on and off, and what people do on Settings → Webhooks. */
export const SUBSCRIPTION = definePhase<Evidence>({
  title: 'Subscription',
  rows: [
    {
      id: 'subscription.answers',
      assumed: 'POST /webhooks with url, events and secret answers 201.',
      facts: ['createWebhook', 'NewWebhook.url', 'NewWebhook.events', 'NewWebhook.secret'],
      judge: ({ created }) => hasStatus(created, 201),
      copes: ({ created }, app) => appTakes(app, created),
    },
    ...fieldsOf('Webhook').map((field): Row<Evidence> => ({
      id: `subscription.field.${field.name}`,
      assumed: `The answer has ${field.name}.`,
      facts: [`Webhook.${field.name}`],
      judge: ({ created }) => judgeField(endpointIn(created), field),
      copes: ({ created }, app) => appTakes(app, created),
    })),
    {
      id: 'subscription.as-asked',
      assumed: 'The answer has the URL and the events that were asked for, and is active.',
      facts: ['createWebhook', 'Webhook.url', 'Webhook.events', 'WebhookStatus'],
      judge: ({ created, url }) =>
        success(created)
          ? judgeEndpoint(created, { url, events: EVENTS, status: 'active' })
          : NOT_REACHED,
      copes: ({ created }, app) => appTakes(app, created),
    },
    {
      id: 'subscription.fetched',
      assumed: 'GET /webhooks/{id} gives the endpoint.',
      facts: ['getWebhook'],
      judge: ({ fetched, url }) =>
        judgeEndpoint(fetched, { url, events: EVENTS, status: 'active' }),
      copes: ({ fetched }, app) => appTakes(app, fetched),
    },
    {
      id: 'subscription.envelope',
      assumed: 'GET /webhooks gives a page with data and next_cursor.',
      facts: ['listWebhooks', 'WebhookPage.data', 'WebhookPage.next_cursor'],
      judge: ({ listed }) => judgeEnvelope(listed),
      copes: ({ listed }, app) => appTakes(app, listed),
    },
    {
      id: 'subscription.listed',
      assumed: 'GET /webhooks lists the new endpoint first.',
      facts: ['listWebhooks', 'WebhookPage.data'],
      judge: ({ listed, url }) => {
        const status = hasStatus(listed, 200);
        if (status.is !== 'holds') return status;
        const endpoints = recordsIn(success(listed)?.json);
        if (endpoints[0]?.['url'] === url) return HOLDS;
        const at = endpoints.findIndex((each) => each['url'] === url);
        return differs(
          'it is the first',
          at === -1
            ? `it is not among ${count(endpoints.length, 'endpoint')}`
            : `it is number ${at + 1}`,
        );
      },
      copes: ({ listed }, app) => appTakes(app, listed),
    },
    {
      id: 'subscription.pages',
      assumed: 'The list has pages: a limit, and a next_cursor while there are more.',
      facts: ['listWebhooks?limit', 'listWebhooks?cursor', 'WebhookPage.next_cursor'],
      judge: ({ listed, listedNext }) => {
        const status = hasStatus(listed, 200);
        if (status.is !== 'holds') return status;
        const endpoints = recordsIn(success(listed)?.json);
        if (endpoints.length > 1) return differs('1 for a limit of 1', String(endpoints.length));
        if (!listedNext) return HOLDS;
        const [next] = recordsIn(success(listedNext)?.json);
        return next && next['id'] !== endpoints[0]?.['id']
          ? HOLDS
          : differs('another endpoint on the next page', next ? 'the same' : 'none');
      },
      copes: ({ listed }, app) => appTakes(app, listed),
    },
    {
      id: 'subscription.secret',
      assumed: 'No answer repeats the secret.',
      facts: ['createWebhook', 'listWebhooks', 'Webhook'],
      judge: ({ secrets, created, fetched, listed, changed }) => {
        if (!success(created)) return NOT_REACHED;
        const telling = [created, fetched, listed, changed].filter((each) =>
          secrets.some((secret) => success(each)?.text.includes(secret)),
        );
        const [first] = telling;
        return first
          ? differs('answers without it', `it is in that to ${first.method} ${first.path}`)
          : HOLDS;
      },
      copes: ({ created }, app) => appTakes(app, created),
    },
    {
      id: 'subscription.changed',
      assumed: 'PATCH /webhooks/{id} changes URL, events and secret, and leaves the status.',
      facts: ['updateWebhook', ...['url', 'events', 'secret'].map((key) => `WebhookChange.${key}`)],
      judge: ({ changed, otherUrl }) =>
        judgeEndpoint(changed, { url: otherUrl, events: MORE_EVENTS, status: 'active' }),
      copes: ({ changed }, app) => appTakes(app, changed),
    },
    {
      id: 'subscription.disabled',
      assumed: 'PATCH /webhooks/{id} disables and enables.',
      facts: ['updateWebhook', 'WebhookChange.status', 'WebhookStatus'],
      judge: ({ disabled, enabled }) => {
        const verdict = judgeEndpoint(disabled, { status: 'disabled' });
        return verdict.is === 'holds' ? judgeEndpoint(enabled, { status: 'active' }) : verdict;
      },
      copes: ({ disabled }, app) => appTakes(app, disabled),
    },
    ...Object.entries(FAULTS).map(([fault, { key, assumed }]): Row<Evidence> => ({
      id: `subscription.refused.${fault}`,
      assumed: `${assumed.replace(/\.$/, '')} with 422, and details name ${key}.`,
      facts: ['createWebhook', 'NewWebhook', 'Error.details', 'ErrorDetail.path'],
      judge: ({ refused }) => judgeRefusal(refused?.get(fault), key),
      copes: ({ refused }, app) => appTakesAsRefusal(app, refused?.get(fault), 422),
    })),
    {
      id: 'subscription.unsubscribe',
      assumed: 'DELETE /webhooks/{id} answers 204.',
      facts: ['deleteWebhook'],
      judge: ({ removed }) => hasStatus(removed, 204),
      copes: ({ removed }, app) => appTakes(app, removed),
    },
    {
      id: 'subscription.unsubscribe-again',
      assumed: 'DELETE of an endpoint that is gone answers 404 or 410.',
      facts: ['deleteWebhook'],
      judge: ({ removedAgain }) => hasStatus(removedAgain, 404, 410),
      copes: ({ removedAgain }, app) => appTakes(app, removedAgain),
    },
    {
      id: 'subscription.gone',
      assumed: 'GET /webhooks/{id} of an endpoint that is gone answers 404.',
      facts: ['getWebhook'],
      judge: ({ fetchedAgain }) => hasStatus(fetchedAgain, 404),
      copes: ({ fetchedAgain }, app) => appTakes(app, fetchedAgain),
    },
  ],
  gather: askForSubscription,
});

async function askForSubscription({ attro, endpoints, secrets }: Walk): Promise<Evidence> {
  const url = `${NOWHERE}${randomUUID()}`;
  const secret = newSecret();
  const otherUrl = `${url}/other`;
  const otherSecret = newSecret();
  const wanted = { url, events: EVENTS, secret };
  const created = await endpoints.create(wanted);
  const id = endpointId(created);
  if (id === null) return { url, otherUrl, secrets: [secret], created };

  const path = { id };
  const change = (body: object): Promise<Exchange> =>
    attro.ask({ operation: 'updateWebhook', path, body });
  const fetched = await attro.ask({ operation: 'getWebhook', path });
  const listed = await attro.ask({ operation: 'listWebhooks', query: { limit: 1 } });
  const cursor = nextCursorIn(success(listed)?.json);
  const query = { limit: 1, ...(cursor !== null && { cursor }) };
  const listedNext = cursor !== null && (await attro.ask({ operation: 'listWebhooks', query }));
  const changed = await change({ url: otherUrl, events: MORE_EVENTS, secret: otherSecret });
  const disabled = await change({ status: 'disabled' });
  const enabled = await change({ status: 'active' });
  const refused = new Map<string, Exchange>();
  for (const [fault, { key, value }] of Object.entries(FAULTS)) {
    const other = { ...wanted, url: `${NOWHERE}${randomUUID()}`, [key]: value };
    refused.set(fault, await endpoints.create(other));
  }
  const removed = await endpoints.remove(id);
  const removedAgain = await endpoints.remove(id);
  const fetchedAgain = await attro.ask({ operation: 'getWebhook', path });
  // From here on: what is to be looked for in answers must not be hidden in them.
  for (const each of [secret, otherSecret]) secrets.add(each);
  return {
    ...{
      url,
      otherUrl,
      secrets: [secret, otherSecret],
      created,
      fetched,
      listed,
      changed,
      disabled,
      enabled,
    },
    ...{ refused, removed, removedAgain, fetchedAgain },
    ...(listedNext && { listedNext }),
  };
}

/** A secret as the app makes them. */
export function newSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(32).toString('hex')}`;
}

function endpointIn(exchange: Exchange | undefined): Records {
  const json = success(exchange)?.json;
  return isRecord(json) ? [json] : { none: 'no endpoint came' };
}

/** Holds where the endpoint in an answer has these values. */
export function judgeEndpoint(exchange: Exchange | undefined, wanted: AttroRecord): Verdict {
  const answer = success(exchange);
  if (!answer) return hasStatus(exchange, 200);
  const endpoint = isRecord(answer.json) ? answer.json : {};
  const other = Object.keys(wanted).find(
    (key) => !isDeepStrictEqual(sorted(endpoint[key]), sorted(wanted[key])),
  );
  if (other === undefined) return HOLDS;
  const came = Array.isArray(endpoint[other])
    ? list(endpoint[other].map(word))
    : word(endpoint[other]);
  return differs(`${other} as it was asked for`, `${other}: ${came}`);
}

/** A list in an order of its own: which one comes first does not matter. */
function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.map(String).sort() : value;
}
