import { readFileSync } from 'node:fs';
import type { EventName } from '../../attro/contract.ts';

/** The secret and id of the tests' subscription. */
export const SECRET = `whsec_${'5ec2e7'.repeat(10)}`;
export const SUBSCRIPTION = { id: 'wh_1', secret: SECRET };

export interface Envelope {
  event: string;
  timestamp: string;
  data: Record<string, unknown> & { id: string };
}

/** An event's delivery as Attro sends it, to the letter. */
export function sampleText(event: EventName): string {
  return readFileSync(new URL(`../../samples/${event}.json`, import.meta.url), 'utf8');
}

export function sample(event: EventName): Envelope {
  return JSON.parse(sampleText(event)) as Envelope;
}

/** An event's delivery with some of its record's fields changed. */
export function sampleWith(event: EventName, data: Record<string, unknown>): string {
  const envelope = sample(event);
  return JSON.stringify({ ...envelope, data: { ...envelope.data, ...data } });
}

/**
 * Signs a body as Attro's guide describes. Written with the Web Crypto API and not with node:crypto,
 * so that it shares nothing with the code under test.
 */
export async function sign(
  body: string | Uint8Array<ArrayBuffer>,
  secret = SECRET,
): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey(
    'raw',
    encoder.encode(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  const bytes = typeof body === 'string' ? encoder.encode(body) : body;
  const digest = new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes));
  return `sha256=${[...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** The bundle with which Zapier hands a received request to `perform`. */
export function received(
  content: string,
  headers: Record<string, unknown>,
  rest: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    subscribeData: SUBSCRIPTION,
    rawRequest: { method: 'POST', querystring: '', headers, content },
    ...rest,
  };
}

/** The same with a right signature, under the header's name as Zapier gives it. */
export async function receivedSigned(
  content: string,
  rest: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  return received(content, { 'Http-X-Attro-Signature': await sign(content) }, rest);
}
