import type { Bundle, HttpResponse, ZObject } from 'zapier-platform-core';
import { baseUrl, PATHS, type BaseUrlError } from './contract.ts';
import { errorFor, isRefusal, namesInvalidToken, noAnswer, type Purpose } from './errors.ts';
import { readJson } from './json.ts';

/** How long Attro may take to answer, in milliseconds: two requests fit into Zapier's 30 s. */
export const REQUEST_TIMEOUT_MS = 12_000;

type Path = (typeof PATHS)[keyof typeof PATHS];

export interface AttroRequest extends Purpose {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** A path of the contract, or one below it. Never an address: the token stays with Attro. */
  path: Path | `${Path}/${string}`;
  params?: Record<string, string | number>;
  body?: Record<string, unknown>;
  /** Headers beside those that every request has. */
  headers?: Record<string, string>;
  /** Statuses beside 2xx that count as success. */
  alsoFine?: readonly number[];
  /** When Attro must have answered, as `Date.now()` counts; {@link REQUEST_TIMEOUT_MS} from now at the latest. */
  until?: number | undefined;
}

/**
 * Sends one request to Attro with the connection's token. It goes to Attro's own address and nowhere
 * else: redirects are not followed. It is sent once: whatever comes of it, it is never repeated here.
 *
 * @returns Attro's answer; its `data` is whatever JSON came, read by `readJson`, or undefined.
 * @throws the error that `errorFor` chooses, also for a success that tells of an error, and
 *   `RefreshAuthError` for a 401, on which Zapier refreshes the token and calls again.
 */
export async function attroRequest(
  z: ZObject,
  bundle: Pick<Bundle, 'authData'>,
  {
    method,
    path,
    params,
    body,
    headers,
    alsoFine = [],
    until = Infinity,
    ...purpose
  }: AttroRequest,
): Promise<HttpResponse<unknown>> {
  const response = await send(z, purpose, path, {
    method,
    headers: {
      Accept: 'application/json',
      Authorization: `Bearer ${bundle.authData['access_token']}`,
      ...headers,
    },
    ...(params && { params }),
    ...(body && { body }),
    timeout: Math.min(REQUEST_TIMEOUT_MS, Math.max(1, until - Date.now())),
  });
  if (!isSuccess(response) && !alsoFine.includes(response.status)) {
    if (namesInvalidToken(response)) throw new z.errors.RefreshAuthError();
    throw errorFor(z, response, purpose);
  }
  // What the platform has made of the text has lost digits of long ids.
  const answer = { ...response, data: readJson(response.content) };
  if (isSuccess(response) && isRefusal(answer.data)) throw errorFor(z, answer, purpose);
  return answer;
}

/**
 * Sends a form to Attro's token endpoint (RFC 6749, section 4.1.3 and 6), without a bearer token.
 * Every answer comes back, whatever its status, except a 401: that raises `RefreshAuthError`.
 */
export function tokenRequest(
  z: ZObject,
  purpose: Purpose,
  form: Record<string, string>,
): Promise<HttpResponse<unknown>> {
  return send(z, purpose, PATHS.token, {
    method: 'POST',
    headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' },
    body: form,
    timeout: REQUEST_TIMEOUT_MS,
  });
}

export function isSuccess({ status }: Pick<HttpResponse, 'status'>): boolean {
  return status >= 200 && status < 300;
}

interface Outgoing {
  method: AttroRequest['method'];
  headers: Record<string, string>;
  params?: Record<string, string | number>;
  body?: Record<string, unknown>;
  timeout: number;
}

async function send(
  z: ZObject,
  purpose: Purpose,
  path: string,
  outgoing: Outgoing,
): Promise<HttpResponse<unknown>> {
  try {
    return await z.request<unknown>({
      ...outgoing,
      url: attroUrl(z, path),
      redirect: 'manual',
      skipThrowForStatus: true,
    });
  } catch (error) {
    if (error instanceof z.errors.RefreshAuthError || error instanceof z.errors.Error) throw error;
    // What is left never reached an answer. Its own message may hold addresses and the bundle.
    throw noAnswer(z, purpose);
  }
}

/**
 * An address at Attro, read when a call runs.
 *
 * @throws an error that says how to set `ATTRO_BASE_URL` when it cannot be used.
 */
export function attroUrl(z: ZObject, path = ''): string {
  try {
    return `${baseUrl()}${path}`;
  } catch (error) {
    throw new z.errors.Error((error as BaseUrlError).message, 'base_url');
  }
}
