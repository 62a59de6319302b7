import { PATHS } from '../attro/contract.ts';
import { API_ROOT } from './attro-client.ts';
import {
  DELIVERIES,
  DELIVERY_RULES,
  OPENAPI_FILE,
  OPERATIONS,
  ownFieldsOf,
  SCHEMAS,
  type Marks,
  type Operation,
} from './openapi.ts';

/** Something to change, should Attro say otherwise: what it is called, and the file that it is in. */
export interface Place {
  file: string;
  name: string;
}

/** Something that the description says of Attro. */
export interface Fact {
  /** `getMe`, `listAffiliates?status`, `User.email`, `User`. */
  key: string;
  kind: 'operation' | 'parameter' | 'schema' | 'field' | 'rule';
  /** In Markdown. */
  what: string;
  isPublished: boolean;
  /** Where it is published, or what kind of assumption it is. */
  source: string;
  change: readonly Place[];
}

const CONTRACT_FILE = 'attro/contract.ts';

/** Where the app reads the answers of each kind, beside the description. */
const READERS: Readonly<Record<string, Place>> = {
  User: { file: 'attro/account.ts', name: 'meSchema' },
  Affiliate: { file: 'output/fields.ts', name: 'FAMILIES' },
  Conversion: { file: 'output/fields.ts', name: 'FAMILIES' },
  Payout: { file: 'output/fields.ts', name: 'FAMILIES' },
  TrackingLink: { file: 'output/fields.ts', name: 'TRACKING_LINK' },
  Offer: { file: 'inputs/choices.ts', name: 'offerChoices' },
  AffiliatePage: { file: 'attro/lists.ts', name: 'pageSchema' },
  ConversionPage: { file: 'attro/lists.ts', name: 'pageSchema' },
  PayoutPage: { file: 'attro/lists.ts', name: 'pageSchema' },
  OfferPage: { file: 'attro/lists.ts', name: 'pageSchema' },
  Webhook: { file: 'triggers/subscription-answer.ts', name: 'detailsSchema' },
  Tokens: { file: 'authentication.ts', name: 'tokenSchema' },
  Error: { file: 'attro/errors.ts', name: 'describe' },
  ErrorDetail: { file: 'attro/errors.ts', name: 'describe' },
};

/** The constant by which the app knows a path, where it uses it. */
function constantOf(path: string): Place[] {
  const first = path.split('/{')[0] ?? path;
  return Object.entries(PATHS)
    .filter(([, known]) => known === first || known === `${API_ROOT}${first}`)
    .map(([name]) => ({ file: CONTRACT_FILE, name: `PATHS.${name}` }));
}

function marked({ 'x-attro-published': isPublished, 'x-attro-source': source }: Marks) {
  return { isPublished: isPublished === true, source: source ?? 'an assumption of this project' };
}

function operationFacts({
  operationId,
  method,
  path,
  summary,
  parameters,
  ...marks
}: Operation): Fact[] {
  const name = `\`${method} ${path}\``;
  return [
    {
      key: operationId,
      kind: 'operation',
      what: `${name}: ${summary}`,
      ...marked(marks),
      change: [{ file: OPENAPI_FILE, name: operationId }, ...constantOf(path)],
    },
    ...parameters.map((parameter): Fact => ({
      key: `${operationId}?${parameter.name}`,
      kind: 'parameter',
      what: `\`${parameter.name}\` of ${name}`,
      ...marked(parameter),
      change: [{ file: OPENAPI_FILE, name: `${operationId}, parameter ${parameter.name}` }],
    })),
  ];
}

function schemaFacts(schema: string): Fact[] {
  const reader = READERS[schema];
  const change = (name: string): Place[] => [
    { file: OPENAPI_FILE, name },
    ...(reader ? [reader] : []),
  ];
  return [
    {
      key: schema,
      kind: 'schema',
      what: `\`${schema}\``,
      ...marked(SCHEMAS[schema] ?? {}),
      change: change(schema),
    },
    ...ownFieldsOf(schema).map(({ name, schema: field }): Fact => ({
      key: `${schema}.${name}`,
      kind: 'field',
      what: `\`${name}\` of \`${schema}\``,
      ...marked(field.$ref ? (SCHEMAS[field.$ref.split('/').at(-1) ?? ''] ?? {}) : field),
      change: change(`${schema}.${name}`),
    })),
  ];
}

function deliveryFacts(): Fact[] {
  const events = DELIVERIES.map(({ operationId, summary, ...marks }): Fact => ({
    key: operationId,
    kind: 'rule',
    what: `The delivery of \`${summary}\``,
    ...marked(marks),
    change: [
      { file: OPENAPI_FILE, name: operationId },
      { file: CONTRACT_FILE, name: 'EVENT_TABLE' },
    ],
  }));
  const rules = Object.entries(DELIVERY_RULES).map(
    ([name, { description = '', ...marks }]): Fact => ({
      key: name,
      kind: 'rule',
      what: description.replace(/\.$/, ''),
      ...marked(marks),
      change: [
        { file: OPENAPI_FILE, name: name === 'schedule' ? 'x-attro-delivery' : name },
        ...(CONSTANTS[name] ? [{ file: CONTRACT_FILE, name: CONSTANTS[name] }] : []),
      ],
    }),
  );
  return [...events, ...rules];
}

/** What the introduction says of every answer. */
const INTRODUCTION: Fact = {
  key: 'introduction',
  kind: 'rule',
  what: 'Answers are JSON, come in time and are no redirects; an unknown query parameter is refused',
  isPublished: false,
  source: 'Assumption, said in the introduction.',
  change: [
    { file: OPENAPI_FILE, name: 'info.description' },
    { file: 'attro/client.ts', name: 'attroRequest' },
  ],
};

/** The constants that say the same as a rule of deliveries. */
const CONSTANTS: Readonly<Record<string, string>> = {
  schedule: 'RETRY_DELAYS_SECONDS',
  Signature: 'SIGNATURE_HEADER',
};

/** Everything that the description says of requests, answers and deliveries. */
export const FACTS: readonly Fact[] = [
  ...OPERATIONS.flatMap(operationFacts),
  ...deliveryFacts(),
  INTRODUCTION,
  ...Object.keys(SCHEMAS).flatMap(schemaFacts),
];

const byKey = new Map(FACTS.map((fact) => [fact.key, fact]));

/** @throws when the description says nothing of that name. */
export function fact(key: string): Fact {
  const found = byKey.get(key);
  if (!found) throw new Error(`${OPENAPI_FILE} says nothing of "${key}".`);
  return found;
}
