import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

/** The file that describes Attro's API, from the project's folder. */
export const OPENAPI_FILE = 'attro/openapi.yaml';

/** What the description says of itself: whether Attro published it, and where that is said. */
export interface Marks {
  'x-attro-published'?: boolean;
  'x-attro-source'?: string;
}

/** A JSON Schema of the description, as far as it is read here. */
export interface Schema extends Marks {
  $ref?: string;
  type?: string | readonly string[];
  format?: string;
  pattern?: string;
  enum?: readonly unknown[];
  const?: unknown;
  minLength?: number;
  minimum?: number;
  examples?: readonly unknown[];
  required?: readonly string[];
  properties?: Readonly<Record<string, Schema>>;
  items?: Schema;
  allOf?: readonly Schema[];
}

export interface Parameter extends Marks {
  name: string;
  in: string;
  description?: string;
}

export interface Operation extends Marks {
  operationId: string;
  method: string;
  /** As the description has it: below the API's root, unless the path has a server of its own. */
  path: string;
  summary: string;
  parameters: readonly Parameter[];
}

interface Ref {
  $ref: string;
}

interface RawOperation extends Marks {
  operationId?: string;
  summary?: string;
  parameters?: readonly (Parameter | Ref)[];
}

interface RawDelivery extends Marks {
  operationId: string;
  summary: string;
  requestBody: { content: { 'application/json': { schema: Schema } } };
}

interface Document {
  info: { 'x-attro-delivery': Marks };
  paths: Record<string, Record<string, RawOperation>>;
  webhooks: Record<string, { post: RawDelivery }>;
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, Parameter>;
    responses: Record<string, Marks & { description: string }>;
  };
}

const METHODS = ['get', 'post', 'patch', 'put', 'delete'];

const document = parse(
  readFileSync(new URL(`../${OPENAPI_FILE}`, import.meta.url), 'utf8'),
) as Document;

/** Every operation that the integration asks of Attro, in the order of the description. */
export const OPERATIONS: readonly Operation[] = Object.entries(document.paths).flatMap(
  ([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, { operationId = '', summary = '', parameters = [], ...marks }]) => ({
        ...marks,
        operationId,
        method: method.toUpperCase(),
        path,
        summary: summary.replace(/\.$/, ''),
        parameters: parameters.map((each) =>
          '$ref' in each ? (resolved(each) as Parameter) : each,
        ),
      })),
);

/** Every schema of the description by its name. */
export const SCHEMAS: Readonly<Record<string, Schema>> = document.components.schemas;

/** @throws when the description has no such operation. */
export function operation(id: string): Operation {
  const found = OPERATIONS.find(({ operationId }) => operationId === id);
  if (!found) throw new Error(`${OPENAPI_FILE} has no operation "${id}".`);
  return found;
}

/** What Attro sends of an event. */
export interface Delivery extends Marks {
  operationId: string;
  summary: string;
  /** The shape of the body. */
  schema: Schema;
}

/** What Attro sends of each event, in the order of the description. */
export const DELIVERIES: readonly Delivery[] = Object.values(document.webhooks).map(({ post }) => {
  const { requestBody, ...delivery } = post;
  return { ...delivery, schema: requestBody.content['application/json'].schema };
});

/** @throws when the description has no such event. */
export function deliveryOf(event: string): Delivery {
  const found = DELIVERIES.find(({ summary }) => summary === event);
  if (!found) throw new Error(`${OPENAPI_FILE} has no "${event}": run "npm run docs".`);
  return found;
}

/** What is said of deliveries beside their shapes: their signature, their answers, their schedule. */
export const DELIVERY_RULES: Readonly<Record<string, Marks & { description?: string }>> = {
  schedule: { ...document.info['x-attro-delivery'], description: 'The schedule of attempts.' },
  Signature: document.components.parameters['Signature'] ?? {},
  ...Object.fromEntries(
    Object.entries(document.components.responses).filter(([name]) => name.startsWith('Delivery')),
  ),
};

/** A field of a schema: of one of its objects, too, such as `organization.name`. */
export interface Field {
  /** `email`, `organization.name`. */
  name: string;
  path: readonly string[];
  schema: Schema;
  isRequired: boolean;
}

/**
 * The fields of a schema, those of the objects in it behind them.
 *
 * @throws when the description has no such schema.
 */
export function fieldsOf(schemaName: string): Field[] {
  return fieldsIn(schemaOf(schemaName), []);
}

/** The same without the fields that a schema has from another one. */
export function ownFieldsOf(schemaName: string): Field[] {
  const { allOf = [], ...schema } = schemaOf(schemaName);
  return fieldsIn({ ...schema, allOf: allOf.filter(({ $ref }) => $ref === undefined) }, []);
}

function schemaOf(name: string): Schema {
  const schema = SCHEMAS[name];
  if (!schema) throw new Error(`${OPENAPI_FILE} has no schema "${name}".`);
  return schema;
}

function fieldsIn(schema: Schema, parents: readonly string[]): Field[] {
  const { $ref, allOf = [], required = [], properties = {} } = schema;
  if ($ref !== undefined) return fieldsIn(resolved({ $ref }) as Schema, parents);
  const own = Object.entries(properties).flatMap(([key, each]) => {
    const path = [...parents, key];
    const isRequired = required.includes(key);
    const field = { name: path.join('.'), path, schema: each, isRequired };
    return [field, ...fieldsIn(each, path)];
  });
  return [...allOf.flatMap((part) => fieldsIn(part, parents)), ...own];
}

/** What a reference inside the description leads to. */
function resolved({ $ref }: Ref): unknown {
  return $ref
    .slice('#/'.length)
    .split('/')
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], document);
}

/** A schema with what its reference says put in its place. */
export function plain(schema: Schema): Schema {
  const { $ref, ...own } = schema;
  return $ref === undefined ? schema : { ...plain(resolved({ $ref }) as Schema), ...own };
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, 'attro');

const validators = new Map<Schema, ValidateFunction>();

/** Tells whether a value is what a schema of the description says. */
export function isValid(schema: Schema, value: unknown): boolean {
  const known = validators.get(schema) ?? ajv.compile(absolute(schema) as object);
  validators.set(schema, known);
  return known(value);
}

/** A schema that can be read on its own: its references name the whole description. */
function absolute(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(absolute);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) =>
      key === '$ref' ? [key, `attro${String(value)}`] : [key, absolute(value)],
    ),
  );
}

const EXAMPLES_BY_TYPE: Readonly<Record<string, unknown>> = {
  string: 'some text',
  number: 50,
  integer: 50,
  boolean: true,
};

const EXAMPLE_TIME = '2026-01-26T10:30:00Z';

/** A value that fits a schema, every field of an object filled in. */
export function exampleOf(schema: Schema | string): unknown {
  const {
    examples,
    format,
    allOf,
    properties,
    items,
    enum: words,
    type,
    ...rest
  } = plain(typeof schema === 'string' ? { $ref: `#/components/schemas/${schema}` } : schema);
  if (examples?.[0] !== undefined) return examples[0];
  if (words?.[0] !== undefined) return words[0];
  if (rest.const !== undefined) return rest.const;
  if (format === 'date-time') return EXAMPLE_TIME;
  if (allOf) return Object.assign({}, ...allOf.map(exampleOf)) as object;
  if (properties) {
    return Object.fromEntries(
      Object.entries(properties).map(([key, each]) => [key, exampleOf(each)]),
    );
  }
  const [kind = 'object'] = [type ?? []].flat();
  if (kind === 'array') return items ? [exampleOf(items)] : [];
  return kind in EXAMPLES_BY_TYPE ? EXAMPLES_BY_TYPE[kind] : {};
}
