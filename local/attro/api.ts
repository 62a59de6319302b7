import addFormats from 'ajv-formats';
import { OpenAPIBackend } from 'openapi-backend';
import type { Context, Document, Request } from 'openapi-backend';

import type { EventName } from '../../attro/contract.ts';
import { detailOf, notFound, refusal } from './error-answers.ts';
import type { Answer, ErrorBody } from './error-answers.ts';
import { pageOf } from './records/lists.ts';
import type { ListQuery } from './records/lists.ts';
import type { ListName, Records } from './records/records.ts';
import { SEEDED_USER } from './records/seed.ts';
import type { createWrites } from './records/writes.ts';
import type { Deliveries, Delivery } from './webhooks/deliveries.ts';
import type { EndpointChange, EndpointFields, Endpoints } from './webhooks/endpoints.ts';

/** The path that all operations are under. */
export const API_ROOT = '/api/v1';

/** What one sandbox answers with. */
export interface ApiParts {
  records: Records;
  writes: ReturnType<typeof createWrites>;
  endpoints: Endpoints;
  deliveries: Deliveries;
  /** Sends the sample of an event to one endpoint. */
  sendTest: (endpointId: string, event: EventName) => { id: string }[];
  /** Whether a bearer token is the API key, which may do everything. */
  isApiKey: (token: string) => boolean;
  /** The permissions of an access token; undefined when it is not valid. */
  scopesOf: (accessToken: string) => Promise<ReadonlySet<string> | undefined>;
}

/** Answers a request to the API; never throws for what a client did wrong. */
export type Api = (request: Request) => Promise<Answer>;

/** Routes every request and validates it, for all sandboxes of a process. */
export type Router = OpenAPIBackend;

type ApiContext = Context<unknown, Record<string, string>, ListQuery, Record<string, string>>;

/** What the check of a token leaves behind: why it was refused, or nothing wrong. */
interface AccessCheck {
  error?: Answer;
}

/** The API's description, as far as it is read here. */
export interface Description {
  paths: Readonly<Record<string, { servers?: object[] }>>;
}

/** The description without what has an address of its own, such as the OAuth2 endpoints. */
function operationsUnderApiRoot(description: Description): Document {
  const paths = Object.entries(description.paths).filter(([, { servers }]) => !servers);
  return { ...description, paths: Object.fromEntries(paths) } as unknown as Document;
}

/** The permissions that an operation asks for, from the API's description. */
function requiredScopes({ operation }: ApiContext): string[] {
  return (operation.security ?? []).flatMap((requirement) => requirement['oauth2'] ?? []);
}

/** A 401, with the header that RFC 6750 asks for; it names an error only where there was a token. */
function unauthorized(error: string, header: string): Answer {
  return { ...refusal(401, error), headers: { 'WWW-Authenticate': header } };
}

function tokenOf({ request }: ApiContext): string | undefined {
  return /^Bearer (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
}

/** A page of a list, or the refusal of a cursor that the list never gave. */
function pageAnswer(page: object | undefined): Answer {
  if (page) return { status: 200, body: page };
  return refusal(400, 'Invalid request', [{ path: ['cursor'], message: 'Unknown cursor' }]);
}

/** What there is, or that it is not there. */
function found(body: object | undefined, status = 200): Answer {
  return body ? { status, body } : notFound();
}

const idOf = ({ request }: ApiContext): string => request.params['id'] ?? '';

/** Whether a person asks, by the pages or with the API key, and not an app that they have connected. */
const isByPerson = (context: ApiContext, { isApiKey }: ApiParts): boolean =>
  isApiKey(tokenOf(context) ?? '');

type Handler = (context: ApiContext, parts: ApiParts) => Answer;

const list =
  (name: ListName): Handler =>
  ({ request }, { records }) =>
    pageAnswer(records.page(name, request.query));

const one =
  (name: ListName): Handler =>
  (context, { records }) =>
    found(records.find(name, idOf(context)));

const write =
  (name: keyof ApiParts['writes']): Handler =>
  (context, { writes }) =>
    writes[name]({
      body: context.request.requestBody as Record<string, unknown>,
      id: idOf(context),
      idempotencyKey: context.request.headers['idempotency-key'],
    });

const listDeliveries: Handler = (context, { endpoints, deliveries }) => {
  const id = idOf(context);
  const { query } = context.request;
  if (!endpoints.find(id)) return notFound();
  const listed = {
    find: (deliveryId: string) => deliveries.find(id, deliveryId),
    newestFirst: (afterId?: string) =>
      deliveries.newestFirst(id, query['status'] as Delivery['status'] | undefined, afterId),
  };
  return pageAnswer(pageOf(listed, query));
};

/** What answers each operation, by its name in the description. */
const OPERATIONS: Readonly<Record<string, Handler>> = {
  getMe: () => ({ status: 200, body: SEEDED_USER }),
  listWebhooks: ({ request }, { endpoints }) => pageAnswer(pageOf(endpoints, request.query)),
  createWebhook: ({ request }, { deliveries }) => ({
    status: 201,
    body: deliveries.addEndpoint(request.requestBody as EndpointFields),
  }),
  getWebhook: (context, { endpoints }) => found(endpoints.find(idOf(context))),
  updateWebhook: (context, parts) => {
    const change = context.request.requestBody as EndpointChange;
    const { deliveries } = parts;
    return found(deliveries.changeEndpoint(idOf(context), change, isByPerson(context, parts)));
  },
  deleteWebhook: (context, parts) =>
    parts.deliveries.removeEndpoint(idOf(context), isByPerson(context, parts))
      ? { status: 204 }
      : notFound(),
  listDeliveries,
  retryDelivery: (context, { deliveries }) =>
    found(deliveries.retry(idOf(context), context.request.params['delivery_id'] ?? ''), 202),
  getWebhookHealth: (context, { deliveries }) => found(deliveries.health(idOf(context))),
  testWebhook: (context, { sendTest, deliveries }) => {
    const { event } = context.request.requestBody as { event: EventName };
    const [sent] = sendTest(idOf(context), event);
    return found(sent && deliveries.find(idOf(context), sent.id), 202);
  },
  listAffiliates: list('affiliates'),
  createAffiliate: write('createAffiliate'),
  getAffiliate: one('affiliates'),
  updateAffiliate: write('updateAffiliate'),
  listConversions: list('conversions'),
  createConversion: write('createConversion'),
  getConversion: one('conversions'),
  updateConversion: write('updateConversion'),
  createTrackingLink: write('createTrackingLink'),
  listPayouts: list('payouts'),
  getPayout: one('payouts'),
  listOffers: list('offers'),
  getOffer: one('offers'),
};

async function checkAccess(context: ApiContext, { scopesOf }: ApiParts): Promise<AccessCheck> {
  const token = tokenOf(context);
  if (token === undefined) return { error: unauthorized('Authentication is required', 'Bearer') };
  const granted = await scopesOf(token);
  if (!granted) {
    const header = 'Bearer error="invalid_token"';
    return { error: unauthorized('The access token is invalid or has expired', header) };
  }
  const missing = requiredScopes(context).filter((scope) => !granted.has(scope));
  if (missing.length === 0) return {};
  return { error: refusal(403, `Missing permission: ${missing.join(', ')}`) };
}

/** Makes the router from the API's OpenAPI description. What it has compiled serves every sandbox. */
export async function createRouter(description: Description): Promise<Router> {
  const router = new OpenAPIBackend({
    definition: operationsUnderApiRoot(description),
    apiRoot: API_ROOT,
    strict: true,
    // Compiles a check when it is first needed: all of them together take most of a second. It also
    // leaves out the library's check of the description, which knows no OpenAPI 3.1; a test does that.
    quick: true,
    coerceTypes: true,
    ajvOpts: { allErrors: true },
    customizeAjv: (ajv) => {
      addFormats.default(ajv);
      return ajv;
    },
    securityHandlers: {
      oauth2: checkAccess,
      apiKey: (context: ApiContext, { isApiKey }: ApiParts) => isApiKey(tokenOf(context) ?? ''),
    },
    handlers: {
      ...OPERATIONS,
      notFound,
      unauthorizedHandler: ({ security }: ApiContext): Answer => {
        const { error } = security['oauth2'] as { error: Answer };
        return error;
      },
      validationFail: ({ validation }: ApiContext): Answer => {
        const faults = validation.errors ?? [];
        const inQuery = faults.some(({ instancePath }) => instancePath.startsWith('/query'));
        return refusal(inQuery ? 400 : 422, 'Invalid request', faults.map(detailOf));
      },
    },
  });
  await router.init();
  return router;
}

/** Makes the API of one sandbox. */
export function createApi(router: Router, parts: ApiParts): Api {
  return (request) => router.handleRequest(request, parts) as Promise<Answer>;
}

/**
 * Asks the API in the name of the account's owner: pages know and may no more than it does, and its
 * checks are theirs.
 *
 * @returns the answer of a success or, where the body was refused, of a 422.
 * @throws for any other, an error with its `status`.
 */
export type AskApi = (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  asked?: { query?: Record<string, string>; body?: object },
) => Promise<Answer>;

export function createAskApi(api: Api, apiKey: string): AskApi {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  return async (method, path, asked = {}) => {
    const answer = await api({ method, path: `${API_ROOT}${path}`, headers, ...asked });
    const { status, body } = answer;
    if (status < 300 || status === 422) return answer;
    throw Object.assign(new Error((body as ErrorBody).error), { status });
  };
}
