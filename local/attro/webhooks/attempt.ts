import { createHmac } from 'node:crypto';

import type { Agent } from 'undici';

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

/** Posts deliveries to one endpoint. */
export interface Poster {
  /** @throws only when the sandbox is stopped meanwhile: then nobody knows what came of it. */
  post(url: string, body: string, signature: string): Promise<Outcome>;
  close(): void;
}

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
  const { name, code } = error as Error & { code?: string };
  if (name === 'TimeoutError') return 'timeout';
  if (code === 'ECONNREFUSED') return 'connection_refused';
  return code !== undefined && RESETS.has(code) ? 'connection_reset' : 'network';
}

/** Reads the beginning of a body; what breaks it off does not matter once the status is known. */
async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of body) {
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
 * @param connections the most that it opens at a time.
 * @param timeoutMs how long an answer may take. Redirects are not followed: they are no 2xx.
 */
export function createPoster(
  connections: number,
  timeoutMs: number,
  stopping: AbortSignal,
): Poster {
  let agent: Agent | undefined;
  return {
    async post(url, body, signature) {
      try {
        // Loading it takes a tenth of a second, which a start does not need.
        const undici = await import('undici');
        // Time is kept by the signal alone.
        agent ??= new undici.Agent({
          ...{ connections, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 0 } },
        });
        const answer = await undici.request(url, {
          method: 'POST',
          headers: headersFor(signature),
          body,
          dispatcher: agent,
          signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), stopping]),
        });
        return {
          response_status: answer.statusCode,
          response_body: await beginningOf(answer.body),
          error: null,
        };
      } catch (error) {
        stopping.throwIfAborted();
        return { response_status: null, response_body: null, error: errorOf(error) };
      }
    },
    close() {
      void agent?.destroy();
    },
  };
}
