import addFormats from 'ajv-formats';
import { OpenAPIBackend } from 'openapi-backend';
import type { Context, Document, Request } from 'openapi-backend';

import type { EventName } from '../../attro/contract.ts';
import type { AnswerCheck, Description } from './answer-check.ts';
import { detailOf, refusal } from './error-answers.ts';
import type { Answer } from './error-answers.ts';
import { pageOf } from './records/lists.ts';
import type { ListQuery } from './records/lists.ts';
import type { ListName, Records } from './records/records.ts';
import type { createWrites } from './records/writes.ts';
import { SEEDED_USER } from './seeded-user.ts';
import type { Deliveries, Delivery } from './webhooks/deliveries.ts';
import type { EndpointChange, EndpointFields, Endpoints } from './webhooks/endpoints.ts';

/** The path that all operations are under. */
export const API_ROOT = '/api/v1';

export interface ApiParts {
  description: Description;
  checkAnswer: AnswerCheck;
  records: Records;
  writes: ReturnType<typeof createWrites>;
  endpoints: Endpoints;
  deliveries: Deliveries;
  /** Sends the sample of an event to one endpoint. */
  sendTest: (endpointId: string, event: EventName) => Delivery | undefined;
  /** Whether a bearer token is the API key, which may do everything. */
  isApiKey: (token: string) => boolean;
  /** The permissions of an access token; undefined when it is not valid. */
  scopesOf: (accessToken: string) => Promise<ReadonlySet<string> | undefined>;
}

/** Answers a request to the API; never throws for what a client did wrong. */
export type Api = (request: Request) => Promise<Answer>;

type ApiContext = Context<unknown, Record<string, string>, ListQuery, Record<string, string>>;

/** What the check of a token leaves behind: why it was refused, or nothing wrong. */
interface AccessCheck {
  error?: Answer;
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

/** A 401, with the header that RFC 6750 asks for. */
function unauthorized(error: string): Answer {
  return { ...refusal(401, error), headers: { 'WWW-Authenticate': 'Bearer' } };
}

function tokenOf({ request }: ApiContext): string | undefined {
  return /^Bearer (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
}

const notFound = (): Answer => refusal(404, 'Not found');

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

/** Makes the API from its OpenAPI description, which routes and validates every request. */
export async function createApi(parts: ApiParts): Promise<Api> {
  const { description, checkAnswer, records, writes, endpoints, deliveries } = parts;

  async function checkAccess(context: ApiContext): Promise<AccessCheck> {
    const token = tokenOf(context);
    if (token === undefined) return { error: unauthorized('Authentication is required') };
    const granted = await parts.scopesOf(token);
    if (!granted) return { error: unauthorized('The access token is invalid or has expired') };
    const missing = requiredScopes(context).filter((scope) => !granted.has(scope));
    if (missing.length === 0) return {};
    return { error: refusal(403, `Missing permission: ${missing.join(', ')}`) };
  }

  const list =
    (name: ListName) =>
    ({ request }: ApiContext): Answer =>
      pageAnswer(records.page(name, request.query));

  const one =
    (name: ListName) =>
    (context: ApiContext): Answer =>
      found(records.find(name, idOf(context)));

  const write =
    (name: keyof typeof writes) =>
    (context: ApiContext): Answer =>
      writes[name]({
        body: context.request.requestBody as Record<string, unknown>,
        id: idOf(context),
        idempotencyKey: context.request.headers['idempotency-key'],
      });

  const listDeliveries = (context: ApiContext): Answer => {
    const id = idOf(context);
    if (!endpoints.find(id)) return notFound();
    const { query } = context.request;
    const listed = {
      find: (deliveryId: string) => deliveries.find(id, deliveryId),
      newestFirst: (afterId?: string) =>
        deliveries.newestFirst(id, query['status'] as Delivery['status'] | undefined, afterId),
    };
    return pageAnswer(pageOf(listed, query));
  };

  const backend = new OpenAPIBackend({
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
      apiKey: (context: ApiContext) => parts.isApiKey(tokenOf(context) ?? ''),
    },
    handlers: {
      getMe: (): Answer => ({ status: 200, body: SEEDED_USER }),
      listWebhooks: ({ request }: ApiContext): Answer =>
        pageAnswer(pageOf(endpoints, request.query)),
      createWebhook: ({ request }: ApiContext): Answer => ({
        status: 201,
        body: deliveries.addEndpoint(request.requestBody as EndpointFields),
      }),
      getWebhook: (context: ApiContext): Answer => found(endpoints.find(idOf(context))),
      updateWebhook: (context: ApiContext): Answer =>
        found(
          deliveries.changeEndpoint(idOf(context), context.request.requestBody as EndpointChange),
        ),
      deleteWebhook: (context: ApiContext): Answer =>
        deliveries.removeEndpoint(idOf(context)) ? { status: 204 } : notFound(),
      listDeliveries,
      retryDelivery: (context: ApiContext): Answer =>
        found(deliveries.retry(idOf(context), context.request.params['delivery_id'] ?? ''), 202),
      getWebhookHealth: (context: ApiContext): Answer => found(deliveries.health(idOf(context))),
      testWebhook: (context: ApiContext): Answer => {
        const { event } = context.request.requestBody as { event: EventName };
        return found(parts.sendTest(idOf(context), event), 202);
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
      listOffers: list('offers'),
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
      postResponseHandler: ({ operation, response }: ApiContext): Answer => {
        const answer = response as Answer;
        // What is not described has none, whatever the types say.
        const { operationId } = (operation as typeof operation | undefined) ?? {};
        const fault = operationId && checkAnswer(operationId, answer);
        return fault ? refusal(500, `The sandbox contradicts the description: ${fault}`) : answer;
      },
    },
  });
  await backend.init();

  return (request) => backend.handleRequest(request) as Promise<Answer>;
}
