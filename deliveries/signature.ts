import { createHmac, timingSafeEqual } from 'node:crypto';
import { SIGNATURE_HEADER } from '../attro/contract.ts';

/** Why a delivery was not believed. */
export type SignatureProblem =
  | 'it is not signed'
  | 'its signature header came more than once'
  | 'its signature is not of the form sha256=<64 hex digits>'
  | 'its signature does not match';

const HEADER = SIGNATURE_HEADER.toLowerCase();

/** Zapier hands headers over as `Http-X-Attro-Signature`. */
const ZAPIER_HEADER = `http-${HEADER}`;

const SIGNATURE = /^sha256=([0-9a-f]{64})$/;

/** One header may hold several signatures while a secret is rotated, but not any number of them. */
const MAX_SIGNATURES = 8;

/**
 * Checks that a body was signed with a secret: HMAC-SHA256 over the raw body, the whole secret with
 * its prefix as the key, lower-case hex (Attro's guide, "Verify Webhook Signatures"). The comparison
 * takes the same time whatever the signature.
 *
 * @param body the body as it arrived, before any parsing.
 * @param headers the headers, their names in any case and with Zapier's `Http-` prefix or without.
 *   Several signatures, separated by commas or spaces, pass when one of them is right.
 * @returns null when the signature is right, else what is wrong with it.
 */
export function findSignatureProblem(
  body: string,
  headers: unknown,
  secret: string,
): SignatureProblem | null {
  const values = signatureHeaders(headers);
  if (values.length > 1) return 'its signature header came more than once';
  const [header] = values;
  if (header === undefined) return 'it is not signed';
  if (typeof header !== 'string') return 'its signature header came more than once';

  const signatures = header.trim().split(/[\s,]+/, MAX_SIGNATURES + 1);
  const digests = signatures.map((signature) => SIGNATURE.exec(signature)?.[1]);
  if (signatures.length > MAX_SIGNATURES || digests.every((digest) => digest === undefined)) {
    return header.trim() === ''
      ? 'it is not signed'
      : 'its signature is not of the form sha256=<64 hex digits>';
  }

  const expected = createHmac('sha256', secret).update(body, 'utf8').digest();
  let matches = false;
  for (const digest of digests) {
    // No early end: how long this takes must not tell which signature was right.
    if (digest !== undefined && timingSafeEqual(Buffer.from(digest, 'hex'), expected))
      matches = true;
  }
  return matches ? null : 'its signature does not match';
}

function signatureHeaders(headers: unknown): unknown[] {
  if (typeof headers !== 'object' || headers === null) return [];
  return Object.entries(headers)
    .filter(([name]) => [HEADER, ZAPIER_HEADER].includes(name.toLowerCase()))
    .map(([, value]: [string, unknown]) => value);
}
