import type { Request } from 'express';
import { API_ROOT, type Api } from '../api.ts';
import type { Answer, ErrorBody } from '../error-answers.ts';

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

/** Where the API has the endpoint that a page is about; the page is there, too. */
export function endpointPath({ params }: Request): string {
  return `/webhooks/${encodeURIComponent(String(params['id']))}`;
}
