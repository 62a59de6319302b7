import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import type { Answer } from './error-answers.ts';

/** What the description says of an operation, as far as it is used here. */
interface Operation {
  operationId: string;
  responses: Readonly<Record<string, Reference | ResponseObject>>;
}

interface Reference {
  $ref: string;
}

interface ResponseObject {
  content?: Readonly<Record<string, { schema: object }>>;
}

/** An API's description: OpenAPI 3.1, whose schemas are JSON Schema 2020-12. */
export interface Description {
  paths: Readonly<Record<string, Readonly<Record<string, unknown>> & { servers?: object[] }>>;
  components: { responses: Readonly<Record<string, ResponseObject>> };
}

/** Tells in what an answer to an operation differs from the description; undefined if in nothing. */
export type AnswerCheck = (operationId: string, answer: Answer) => string | undefined;

const ROOT = 'openapi.yaml';

/** Makes the check of every answer that the sandbox gives. */
export function createAnswerCheck(description: Description): AnswerCheck {
  // That the description is a right one is a test's to say; to check it takes most of a start.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  addFormats.default(ajv);
  ajv.addSchema(description, ROOT);

  /** The JSON pointers of an operation's answers, by status. */
  const pointers = new Map<string, Map<string, string>>();
  for (const [path, operations] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const { operationId, responses } = operation as Partial<Operation>;
      if (operationId === undefined || !responses) continue;
      const own = Object.entries(responses).map(([status, response]) => {
        const here = `#/paths/${escape(path)}/${method}/responses/${status}`;
        return [status, '$ref' in response ? response.$ref : here] as const;
      });
      pointers.set(operationId, new Map(own));
    }
  }

  return (operationId, { status, body }) => {
    const known = pointers.get(operationId);
    const pointer = known?.get(String(status)) ?? known?.get(`${Math.floor(status / 100)}XX`);
    if (pointer === undefined) return `${operationId} is not described to answer ${status}`;
    const { content } = at(description, pointer) as ResponseObject;
    if (!content)
      return body ? `${operationId} (${status}) is described without a body` : undefined;
    const validate = ajv.getSchema(`${ROOT}${pointer}/content/application~1json/schema`);
    if (!validate) return `${operationId} (${status}) is described without JSON`;
    // As it arrives: what JSON leaves out is not there.
    const sent: unknown = body && JSON.parse(JSON.stringify(body));
    if (validate(sent)) return undefined;
    return `${operationId} (${status}): ${ajv.errorsText(validate.errors, { dataVar: 'body' })}`;
  };
}

function escape(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

function at(document: object, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], document);
}
