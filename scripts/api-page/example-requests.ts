import type { ExampleRequest } from './code-samples.ts';

/** What of an OpenAPI description is needed to make up a request. */
export interface Description {
  servers: readonly Server[];
  security: readonly unknown[];
  paths: Readonly<Record<string, PathItem>>;
  webhooks: Readonly<Record<string, { post: Operation }>>;
  tags: readonly { name: string; description: string }[];
  components: { parameters: Readonly<Record<string, Parameter>> };
}

interface Server {
  url: string;
}

export type Method = 'get' | 'post' | 'patch' | 'delete';

interface PathItem extends Partial<Record<Method, Operation>> {
  servers?: readonly Server[];
  parameters?: readonly (Parameter | Reference)[];
}

interface Reference {
  $ref: string;
}

interface Parameter {
  name: string;
  in: 'query' | 'path' | 'header';
  example?: string | number;
  schema: { const?: string };
}

type Value = Readonly<Record<string, unknown>>;

export interface Operation {
  security?: readonly unknown[];
  parameters?: readonly (Parameter | Reference)[];
  requestBody?: {
    content: Readonly<
      Record<string, { example?: Value; examples?: Record<string, { value: Value }> }>
    >;
  };
}

export const METHODS: readonly Method[] = ['get', 'post', 'patch', 'delete'];

/**
 * A request of an operation, with the values that the description gives as examples; of several bodies,
 * the first.
 */
export function exampleRequest(
  description: Description,
  path: string,
  method: Method,
): ExampleRequest {
  const item = description.paths[path] ?? {};
  const { security = description.security, requestBody, ...operation } = item[method] ?? {};
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((each) =>
    '$ref' in each ? referred(description, each) : each,
  );
  const given = (where: Parameter['in']): [string, string][] =>
    parameters
      .filter((parameter) => parameter.in === where)
      .flatMap(({ name, example = '', schema }) => {
        const value = example || schema.const;
        return value === undefined ? [] : [[name, String(value)]];
      });

  const root = (item.servers ?? description.servers)[0]?.url ?? '';
  const place = given('path').reduce(
    (made, [name, value]) => made.replace(`{${name}}`, encodeURIComponent(value)),
    path,
  );
  const query = new URLSearchParams(given('query')).toString();
  const request = {
    method: method.toUpperCase(),
    url: `${root}${place}${query && `?${query}`}`,
    needsToken: security.length > 0,
    headers: Object.fromEntries(given('header')),
  };

  const [content] = Object.entries(requestBody?.content ?? {});
  if (!content) return request;
  const [type, { example, examples = {} }] = content;
  const value = example ?? Object.values(examples)[0]?.value ?? {};
  return { ...request, body: { type, value } };
}

function referred({ components }: Description, { $ref }: Reference): Parameter {
  const parameter = components.parameters[$ref.replace('#/components/parameters/', '')];
  if (!parameter) throw new Error(`attro/openapi.yaml has no ${$ref}.`);
  return parameter;
}
