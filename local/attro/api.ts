import { readFileSync } from 'node:fs';

import addFormats from 'ajv-formats';
import { OpenAPIBackend } from 'openapi-backend';
import type { Context, Document, Request } from 'openapi-backend';
import { parse } from 'yaml';

import { detailOf, refusal } from './error-answers.ts';
import type { Answer } from './error-answers.ts';
import { pageOf } from './record-pages.ts';
import type { ListQuery } from './record-pages.ts';
import type { ListName, Records } from './records.ts';
import { SEEDED_USER } from './seeded-user.ts';
import type { StoredSubscription, Subscriptions } from './subscriptions.ts';

/** The path that all operations are under. */
export const API_ROOT = '/api/v1';

const DESCRIPTION = new URL('../../attro/openapi.yaml', import.meta.url);

export interface ApiParts {
  records: Records;
  subscriptions: Subscriptions;
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
function operationsUnderApiRoot(): Document {
  const document = parse(readFileSync(DESCRIPTION, 'utf8')) as {
    paths: Record<string, { servers?: object[] }>;
  };
  const paths = Object.entries(document.paths).filter(([, { servers }]) => !servers);
  return { ...document, paths: Object.fromEntries(paths) } as unknown as Document;
}

/** The permissions that an operation asks for, from the API's description. */
function requiredScopes({ operation }: ApiContext): string[] {
  return (operation.security ?? []).flatMap((requirement) => requirement['oauth2'] ?? []);
}

/** A 401, with the header that RFC 6750 asks for. */
function unauthorized(error: string): Answer {
  return { ...refusal(401, error), headers: { 'WWW-Authenticate': 'Bearer' } };
}

/** Makes the API from its OpenAPI description, which routes and validates every request. */
export async function createApi({ records, subscriptions, scopesOf }: ApiParts): Promise<Api> {
  async function checkAccess(context: ApiContext): Promise<AccessCheck> {
    const token = /^Bearer (.+)$/i.exec(context.request.headers['authorization'] ?? '')?.[1];
    if (token === undefined) return { error: unauthorized('Authentication is required') };
    const granted = await scopesOf(token);
    if (!granted) return { error: unauthorized('The access token is invalid or has expired') };
    const missing = requiredScopes(context).filter((scope) => !granted.has(scope));
    if (missing.length === 0) return {};
    return { error: refusal(403, `Missing permission: ${missing.join(', ')}`) };
  }

  const list =
    (name: ListName) =>
    ({ request }: ApiContext): Answer => {
      const page = pageOf(records[name], request.query);
      if (page) return { status: 200, body: page };
      return refusal(400, 'Invalid request', [{ path: ['cursor'], message: 'Unknown cursor' }]);
    };

  const notFound = (): Answer => refusal(404, 'Not found');

  const backend = new OpenAPIBackend({
    definition: operationsUnderApiRoot(),
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
    securityHandlers: { oauth2: checkAccess },
    handlers: {
      getMe: (): Answer => ({ status: 200, body: SEEDED_USER }),
      createWebhook: ({ request }: ApiContext): Answer => {
        const added = subscriptions.add(
          request.requestBody as Pick<StoredSubscription, 'url' | 'events' | 'secret'>,
        );
        const { id, url, events, status, createdAt } = added;
        return { status: 201, body: { id, url, events, status, created_at: createdAt } };
      },
      deleteWebhook: ({ request }: ApiContext): Answer =>
        subscriptions.remove(request.params['id'] ?? '') ? { status: 204 } : notFound(),
      listAffiliates: list('affiliates'),
      listConversions: list('conversions'),
      listPayouts: list('payouts'),
      listOffers: list('offers'),
      notFound,
      notImplemented: (): Answer => refusal(501, 'Not implemented'),
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
  await backend.init();

  return (request) => backend.handleRequest(request) as Promise<Answer>;
}
