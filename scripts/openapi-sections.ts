import { stringify } from 'yaml';
import {
  EVENT_NAMES,
  EVENTS,
  recordKind,
  type EventName,
  type Family,
  type RecordKind,
} from '../attro/contract.ts';
import { sampleDelivery } from '../local/attro/webhooks/event-body.ts';

/** The schema of each family's `data`. */
const RECORD_SCHEMAS = {
  affiliate: 'Affiliate',
  conversion: 'Conversion',
  payout: 'Payout',
  fraud: 'Conversion',
} satisfies Record<Family, string>;

/** The statuses of records that no event leads to. Published for affiliates; an assumption for conversions. */
const OTHER_STATUSES: Readonly<Record<RecordKind, readonly string[]>> = {
  affiliate: ['pending', 'inactive'],
  conversion: ['pending'],
  payout: [],
};

/**
 * Puts what follows from the table of events into the text of `attro/openapi.yaml`, between its `begin`
 * and `end` comments: the names of the events, a delivery for each, and the statuses of records.
 *
 * @throws when the text lacks the comments.
 */
export function withEvents(text: string): string {
  const webhooks = {
    webhooks: Object.fromEntries(EVENT_NAMES.map((e) => [e, { post: delivery(e) }])),
  };
  return [
    ['webhooks', stringify(webhooks, { lineWidth: 0, singleQuote: true, schema: 'yaml-1.1' })],
    ['events', stringify(EVENT_NAMES)],
    ...RECORD_KINDS.map((kind) => [`${kind} statuses`, stringify({ examples: statuses(kind) })]),
  ].reduce((made, [name, section]) => replaceSection(made, String(name), String(section)), text);
}

const RECORD_KINDS = Object.keys(OTHER_STATUSES) as RecordKind[];

/** What the status of a record can be, as far as it is known. */
function statuses(kind: RecordKind): string[] {
  const reached = EVENT_NAMES.filter((event) => recordKind(EVENTS[event].family) === kind).flatMap(
    (event) => EVENTS[event].list.status ?? [],
  );
  return [...new Set([...OTHER_STATUSES[kind], ...reached])];
}

function replaceSection(text: string, name: string, section: string): string {
  const markers = new RegExp(`^( *)(# begin: ${name}\\b.*\\n)(?:.*\\n)*?( *# end: ${name})$`, 'm');
  if (!markers.test(text)) throw new Error(`attro/openapi.yaml has no section "${name}".`);
  return text.replace(markers, (_all, indent: string, begin: string, end: string) => {
    const lines = section.trimEnd().split('\n');
    return `${indent}${begin}${lines.map((line) => `${indent}${line}\n`).join('')}${end}`;
  });
}

function ref(kind: string, name: string): { $ref: string } {
  return { $ref: `#/components/${kind}/${name}` };
}

/** `affiliate.created` as `deliverAffiliateCreated`. */
function operationId(event: EventName): string {
  const words = event.split('.').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `deliver${words.join('')}`;
}

function inTheGuide(family: Family): string {
  return family === 'fraud'
    ? 'Guide, "Available Events"; no payload of it is published.'
    : 'Guide, "Available Events" and "Webhook Payload Structure".';
}

/** Whether Attro's guide names an event, and where this project has it from. */
function marks({ family, published }: (typeof EVENTS)[EventName]): object {
  return published === false
    ? {
        'x-attro-published': false,
        'x-attro-source': "Assumption, in the style of the guide's events.",
      }
    : { 'x-attro-published': true, 'x-attro-source': inTheGuide(family) };
}

/** The request that Attro makes of an event, as an OpenAPI operation. */
function delivery(event: EventName): object {
  const { family, list, tells = [] }: (typeof EVENTS)[EventName] = EVENTS[event];
  const record = ref('schemas', RECORD_SCHEMAS[family]);
  const facts = Object.fromEntries(tells.map((fact) => [fact, ref('schemas', 'ChangeFact')]));
  const published = marks(EVENTS[event]);
  const data =
    tells.length === 0 ? record : { ...published, allOf: [record, { properties: facts }] };
  return {
    operationId: operationId(event),
    tags: ['Deliveries'],
    summary: event,
    description: list.status
      ? `The record has the status \`${list.status}\` by now.`
      : 'The record is as it was at the time.',
    ...published,
    security: [],
    parameters: [ref('parameters', 'Signature')],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            allOf: [
              ref('schemas', 'Event'),
              { properties: { event: { ...published, const: event }, data } },
            ],
          },
          example: sampleDelivery(event),
        },
      },
    },
    responses: {
      '2XX': ref('responses', 'DeliveryAccepted'),
      '410': ref('responses', 'DeliveryGone'),
      default: ref('responses', 'DeliveryFailed'),
    },
  };
}
