import { readFileSync } from 'node:fs';
import addFormats from 'ajv-formats';
import { OpenAPIBackend, type Document, type Operation as BackendOperation } from 'openapi-backend';
import { parse } from 'yaml';

/** attro/openapi.yaml, as far as tests look into it. */
export interface Contract {
  info: { description: string; 'x-attro-delivery': Record<string, unknown> };
  servers: { url: string }[];
  security: SecurityRequirement[];
  paths: Record<string, PathItem>;
  webhooks: Record<string, { post: Operation }>;
  components: {
    parameters: Record<string, Parameter>;
    schemas: Record<string, Schema>;
    securitySchemes: { oauth2: { flows: { authorizationCode: Flow } } };
  };
}

type SecurityRequirement = Record<string, string[]>;

interface Flow {
  authorizationUrl: string;
  tokenUrl: string;
  refreshUrl: string;
  scopes: Record<string, string>;
}

export type PathItem = Partial<Record<string, Operation>> & {
  servers?: { url: string }[];
};

export interface Operation {
  operationId: string;
  summary: string;
  tags?: string[];
  security?: SecurityRequirement[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { example?: Record<string, unknown> }> };
  'x-attro-published'?: boolean;
}

interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  description: string;
  schema: Schema;
}

export interface Schema {
  enum?: unknown[];
  examples?: unknown[];
  maximum?: number;
  properties?: Record<string, Schema>;
}

/** Reads the contract anew, so that a test may do to it what it likes. */
export function readContract(): Contract {
  return parse(
    readFileSync(new URL('../../attro/openapi.yaml', import.meta.url), 'utf8'),
  ) as Contract;
}

/** A request as it goes over the wire; header names are in lower case. */
export interface SentRequest {
  method: string;
  /** A path with its query. */
  target: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Where an operation is on the host: its servers' root and its path. */
export function placesOf({ servers, paths }: Contract): Record<string, PathItem> {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => {
      const root = new URL((item.servers ?? servers)[0]?.url ?? '').pathname.replace(/\/$/, '');
      return [`${root}${path}`, item];
    }),
  );
}

const contract = readContract();

/** Tests of mutants turn everything into CommonJS, which cannot wait for this where it is made. */
const ready = new OpenAPIBackend({
  definition: { ...contract, paths: placesOf(contract) } as unknown as Document,
  // Its check of the description knows no OpenAPI 3.1; test/contract/openapi.test.ts has one that does.
  quick: true,
  coerceTypes: true,
  ajvOpts: { allErrors: true, strict: false },
  customizeAjv: (ajv) => {
    addFormats.default(ajv);
    return ajv;
  },
}).init();

/** The headers that some operation declares, in lower case. */
const DECLARED_HEADERS = new Set(
  Object.values(contract.components.parameters)
    .filter((parameter) => parameter.in === 'header')
    .map(({ name }) => name.toLowerCase()),
);

/**
 * Where a request is another one than attro/openapi.yaml describes, in words; empty for one that is as
 * described: its path and query, who it says it is, what it says it takes and sends, and its body.
 */
export async function deviationsOf({
  method,
  target,
  headers,
  body,
}: SentRequest): Promise<string[]> {
  const backend = await ready;
  const [path = '', query = ''] = target.split('?');
  const request = { method, path, query, headers };
  const operation = backend.router.matchOperation(request);
  const where = `${method} ${path}`;
  if (!operation) return [`${where} is not in the contract`];
  const read = readBody(headers['content-type'], body);
  return [
    ...headerDeviations(operation, headers),
    ...bodyDeviations(operation, headers['content-type'], read),
    ...(backend.validator.validateRequest({ ...request, body: read }, operation).errors ?? []).map(
      ({ instancePath, message = '', params }) =>
        `${instancePath} ${message} ${JSON.stringify(params)}`,
    ),
  ].map((deviation) => `${where}: ${deviation}`);
}

const UNREADABLE = Symbol('unreadable');

function readBody(type = '', body: string): unknown {
  if (body === '') return undefined;
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(body));
  }
  try {
    return JSON.parse(body);
  } catch {
    return UNREADABLE;
  }
}

function headerDeviations(
  { security = contract.security, parameters = [] }: BackendOperation,
  { authorization, accept = '', ...others }: SentRequest['headers'],
): string[] {
  const needsToken = security.length > 0;
  const declared = new Set(
    parameters.flatMap((each) => ('name' in each ? [each.name.toLowerCase()] : [])),
  );
  return [
    ...(needsToken && !/^Bearer \S+$/.test(authorization ?? '') ? ['it carries no token'] : []),
    ...(!needsToken && authorization !== undefined ? ['it carries a token'] : []),
    ...(/application\/json|\*\/\*/.test(accept) ? [] : [`it takes "${accept}" and not JSON`]),
    ...Object.keys(others)
      .filter((name) => DECLARED_HEADERS.has(name) && !declared.has(name))
      .map((name) => `the header ${name} is not for it`),
  ];
}

function bodyDeviations(
  { requestBody }: BackendOperation,
  type: string | undefined,
  body: unknown,
): string[] {
  const types = Object.keys((requestBody as Operation['requestBody'])?.content ?? {});
  if (types.length === 0) return body === undefined ? [] : ['it has a body'];
  if (body === undefined) return ['it has no body'];
  if (body === UNREADABLE) return ['its body cannot be read'];
  const sent = type?.split(';')[0] ?? '';
  return types.includes(sent) ? [] : [`its body is of the type "${sent}"`];
}
