import type { Response } from 'express';

/** One fault of a request: where it is, and what is wrong there. */
export interface ErrorDetail {
  path: (string | number)[];
  message: string;
}

/** The shape of every refusal, as in Attro's SDK. */
export interface ErrorBody {
  error: string;
  details?: ErrorDetail[];
  retryable: boolean;
}

/** What an API operation answers with; no body for 204. */
export interface Answer {
  status: number;
  body?: object;
  headers?: Record<string, string>;
}

/** A refusal in Attro's shape; `retryable` follows from the status: 429 and 5xx are worth a retry. */
export function refusal(
  status: number,
  error: string,
  details?: ErrorDetail[],
): Answer & { body: ErrorBody } {
  return {
    status,
    body: { error, ...(details && { details }), retryable: status === 429 || status >= 500 },
  };
}

/** Sends an answer. */
export function sendAnswer(response: Response, { status, body, headers = {} }: Answer): void {
  response.status(status).set(headers);
  if (body) response.json(body);
  else response.end();
}

/** The part of a JSON Schema validator's fault that a detail is made from. */
export interface SchemaFault {
  instancePath: string;
  keyword: string;
  params: Record<string, unknown>;
  message?: string;
}

const misformed = (): string => 'Has not the form that it must have';

/** What is wrong by each of a schema's keywords, for people who have filled in a form. */
const FAULTS: Readonly<Record<string, (params: SchemaFault['params']) => string>> = {
  enum: ({ allowedValues }) => `Must be one of ${(allowedValues as unknown[]).join(', ')}`,
  format: misformed,
  maximum: ({ limit }) => `Must be ${String(limit)} or less`,
  maxLength: ({ limit }) => `Must not have more than ${String(limit)} characters`,
  minimum: ({ limit }) => `Must be ${String(limit)} or more`,
  minItems: ({ limit }) => `Must have at least ${String(limit)}`,
  minLength: ({ limit }) => `Must have at least ${String(limit)} characters`,
  minProperties: () => 'At least one key is required',
  pattern: misformed,
  type: ({ type }) => `Must be of the type ${String(type)}`,
  uniqueItems: () => 'Must not have one of them twice',
};

/**
 * A validator's fault as a detail. The first part of its path says which part of the request it is
 * in (`query`, `requestBody`) and is left out; a missing or unknown key ends the path.
 */
export function detailOf({ instancePath, keyword, params, message }: SchemaFault): ErrorDetail {
  const path = instancePath
    .split('/')
    .slice(2)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const unknownKey = params['additionalProperty'];
  const missingKey = params['missingProperty'];
  if (typeof unknownKey === 'string') {
    return { path: [...path, unknownKey], message: `Unrecognized key: ${unknownKey}` };
  }
  // Outside of the request's parts, what is missing is the whole body.
  if (typeof missingKey === 'string' && instancePath !== '') {
    return { path: [...path, missingKey], message: 'Required' };
  }
  if (instancePath === '') return { path, message: 'A JSON body is required' };
  return { path, message: FAULTS[keyword]?.(params) ?? message ?? 'Invalid' };
}
