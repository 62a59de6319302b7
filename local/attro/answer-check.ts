import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import type { Answer } from './error-answers.ts';

interface ResponseObject {
  content?: { 'application/json': { schema: object } };
}

interface Operation {
  operationId?: string;
  responses?: Readonly<Record<string, { $ref: string } | ResponseObject>>;
}

/** An API's description, as far as it is used here: OpenAPI 3.1, whose schemas are JSON Schema 2020-12. */
export interface Description {
  paths: Readonly<Record<string, { servers?: object[] }>>;
  components: { responses: Readonly<Record<string, ResponseObject>> };
}

/** Tells in what an answer to an operation differs from the description; undefined if in nothing. */
export type AnswerCheck = (operationId: string, answer: Answer) => string | undefined;

/** Makes the check of every answer that the sandbox gives. */
export function createAnswerCheck({ paths, components }: Description): AnswerCheck {
  // That the description is a right one is a test's to say; to check it takes most of a start.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  addFormats.default(ajv);
  const checks = new Map<object, ValidateFunction>();
  const operations = Object.values(paths).flatMap((path) => Object.values(path) as Operation[]);

  return (operationId, { status, body }) => {
    const { responses } = operations.find((each) => each.operationId === operationId) ?? {};
    const told = responses?.[status] ?? responses?.[`${Math.floor(status / 100)}XX`];
    if (!told) return `${operationId} is not described to answer ${status}`;
    const { content } =
      '$ref' in told ? (components.responses[told.$ref.split('/').at(-1) ?? ''] ?? {}) : told;
    if (!content) return body && `${operationId} (${status}) is described without a body`;
    const { schema } = content['application/json'];
    // References in it are to the description's components.
    const check = checks.get(schema) ?? ajv.compile({ ...schema, components });
    checks.set(schema, check);
    // As it arrives: what JSON leaves out is not there.
    if (check(body && JSON.parse(JSON.stringify(body)))) return undefined;
    return `${operationId} (${status}): ${ajv.errorsText(check.errors, { dataVar: 'body' })}`;
  };
}
