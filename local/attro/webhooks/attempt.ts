import { createHmac } from 'node:crypto';

import { SIGNATURE_HEADER } from '../../../attro/contract.ts';

/** One try to deliver, as the API shows it. */
export interface Attempt {
  /** The first is 1. */
  number: number;
  /** ISO 8601. */
  started_at: string;
  /** Until the answer was read, or none came. */
  duration_ms: number;
  /** Null where no answer came. */
  response_status: number | null;
  /** Its first {@link MAX_SHOWN_BODY} characters; null where no answer came. */
  response_body: string | null;
  /** Why no answer came; null where one did. */
  error: 'timeout' | 'connection_refused' | 'connection_reset' | 'network' | null;
}

/** What came of one try. */
export type Outcome = Pick<Attempt, 'response_status' | 'response_body' | 'error'>;

/** The most characters that are kept of an answer. */
export const MAX_SHOWN_BODY = 2000;

/** The signature of Attro's guide: HMAC-SHA256 of the body, in hex, after `sha256=`. */
export function sign(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body, 'utf8').digest('hex')}`;
}

/** What is said of a body beside the headers that every request has. */
export function headersFor(signature: string): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    [SIGNATURE_HEADER]: signature,
    'User-Agent': 'Attro-Webhooks/1.0',
  };
}

const RESETS = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

function errorOf(error: unknown): Attempt['error'] {
  const { name, cause } = error as Error & { cause?: { code?: string } };
  if (name === 'TimeoutError') return 'timeout';
  if (cause?.code === 'ECONNREFUSED') return 'connection_refused';
  return RESETS.has(cause?.code ?? '') ? 'connection_reset' : 'network';
}

/** Reads the beginning of a body; what breaks it off does not matter once the status is known. */
async function beginningOf(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= MAX_SHOWN_BODY) break;
    }
  } catch {
    // It ended early.
  }
  // The database gives no text beyond a null character.
  return text.slice(0, MAX_SHOWN_BODY).replaceAll('\0', '\uFFFD');
}

/**
 * Sends a request to an endpoint. Redirects are not followed: they are no 2xx.
 *
 * @param timeoutMs how long an answer may take.
 * @throws only when the sandbox is stopped meanwhile: then nobody knows what came of it.
 */
export async function send(
  url: string,
  request: RequestInit,
  timeoutMs: number,
  stopping: AbortSignal,
): Promise<Outcome> {
  try {
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), stopping]);
    const answer = await fetch(url, { ...request, redirect: 'manual', signal });
    const response_body = await beginningOf(answer.body);
    return { response_status: answer.status, response_body, error: null };
  } catch (error) {
    stopping.throwIfAborted();
    return { response_status: null, response_body: null, error: errorOf(error) };
  }
}
