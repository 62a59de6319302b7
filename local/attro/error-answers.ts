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

export const notFound = (): Answer => refusal(404, 'Not found');

/** Sends an answer. */
export function sendAnswer(response: Response, { status, body, headers = {} }: Answer): void {
  response.status(status).set(headers);
  if (body) response.json(body);
  else response.end();
}

/** The part of a JSON Schema validator's fault that a detail is made from. */
export interface SchemaFault {
  instancePath: string;
  params: Record<string, unknown>;
  message?: string;
}

/**
 * A validator's fault as a detail. The first part of its path says which part of the request it is
 * in (`query`, `requestBody`) and is left out; a missing or unknown key ends the path.
 */
export function detailOf({
  instancePath,
  params,
  message = 'is invalid',
}: SchemaFault): ErrorDetail {
  const path = instancePath
    .split('/')
    .slice(2)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  // Outside of the request's parts, what is missing is the whole body.
  const missing = instancePath === '' ? undefined : params['missingProperty'];
  const key = params['additionalProperty'] ?? missing;
  const allowed = params['allowedValues'] as unknown[] | undefined;
  return {
    path: typeof key === 'string' ? [...path, key] : path,
    message: allowed ? `must be one of ${allowed.join(', ')}` : message,
  };
}
