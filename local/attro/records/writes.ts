import { createHash, randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import type { EventName } from '../../../attro/contract.ts';
import type { Database } from '../database.ts';
import { notFound, refusal } from '../error-answers.ts';
import type { Answer } from '../error-answers.ts';
import type { Records, StoredRecord } from './records.ts';

/** What a request brings that writes; validated by the description, and typed as it says. */
export interface WriteRequest {
  body: Readonly<Record<string, unknown>>;
  /** The id in the path; empty where there is none. */
  id: string;
  idempotencyKey?: string | undefined;
}

type Write = (request: WriteRequest) => Answer;

export interface WriteParts {
  database: Database;
  records: Records;
  /** Sends an event of a record to whom it concerns. */
  emit: (event: EventName, data: object) => void;
  /** The sandbox's own address, where links lead. */
  baseUrl: string;
  /** The time, in milliseconds of the epoch. */
  clock: () => number;
}

const freshId = (prefix: string): string => `${prefix}_${randomBytes(6).toString('hex')}`;

const unknown = (field: string, what: string): Answer =>
  refusal(422, 'Invalid request', [{ path: [field], message: `There is no such ${what}` }]);

/** A fifth, as in the guide's payload. */
export function commissionOf(amount: number, currency: string): number {
  // The yen has no smaller unit.
  return Number((amount * 0.2).toFixed(currency === 'JPY' ? 0 : 2));
}

/** The events of a change of status, by the status that a record has afterwards. */
const STATUS_EVENTS = {
  active: 'affiliate.approved',
  suspended: 'affiliate.suspended',
  approved: 'conversion.approved',
  rejected: 'conversion.rejected',
} as const satisfies Record<string, EventName>;

/**
 * The operations that change records, by their names in the description. What each changes and the event
 * that it sends are kept together or not at all.
 */
export function createWrites({ database, records, emit, baseUrl, clock }: WriteParts) {
  /** Seconds are enough, as in the guide's payloads. */
  const now = (): string => new Date(clock()).toISOString().replace(/\.\d+Z$/, 'Z');

  const createAffiliate: Write = ({ body }) => {
    const { email } = body as { email: string };
    if (records.findWhere('affiliates', { email })) {
      return refusal(409, 'An affiliate with this e-mail address exists already');
    }
    const affiliate = records.add('affiliates', {
      id: freshId('aff'),
      display_name: body['display_name'],
      company_name: body['company_name'] ?? null,
      email,
      type: body['type'] ?? 'external',
      status: 'pending',
      website: body['website'] ?? null,
      created_at: now(),
    });
    emit('affiliate.created', affiliate);
    return { status: 201, body: affiliate };
  };

  const change =
    (list: 'affiliates' | 'conversions'): Write =>
    ({ id, body: { reason, ...fields } }) => {
      const record = records.find(list, id);
      if (!record) return notFound();
      const changed: StoredRecord = records.replace(list, { ...record, ...fields });
      const status = fields['status'] as keyof typeof STATUS_EVENTS | undefined;
      // Only a new status is an event.
      if (status === undefined || record['status'] === status)
        return { status: 200, body: changed };
      const event = STATUS_EVENTS[status];
      emit(event, {
        ...changed,
        previous_status: record['status'],
        ...(event === 'conversion.rejected' &&
          typeof reason === 'string' && { rejection_reason: reason }),
      });
      return { status: 200, body: changed };
    };

  const recordConversion: Write = ({ body }) => {
    const { affiliate_id, offer_id, amount, currency, external_id } = body as {
      affiliate_id: string;
      offer_id?: string;
      amount: number;
      currency: string;
      external_id?: string;
    };
    const affiliate = records.find('affiliates', affiliate_id);
    if (!affiliate) return unknown('affiliate_id', 'affiliate');
    const offer = offer_id === undefined ? undefined : records.find('offers', offer_id);
    if (offer_id !== undefined && !offer) return unknown('offer_id', 'offer');
    const conversion = records.add(
      'conversions',
      {
        id: freshId('conv'),
        affiliate_id,
        affiliate_name: affiliate['display_name'],
        offer_id: offer?.id ?? null,
        offer_name: offer?.['name'] ?? null,
        amount,
        currency,
        commission_amount: commissionOf(amount, currency),
        status: 'pending',
        customer_email: body['customer_email'] ?? null,
        metadata: body['metadata'] ?? {},
        created_at: now(),
      },
      external_id,
    );
    emit('conversion.created', conversion);
    return { status: 201, body: conversion };
  };

  /** The same key with the same body gives the first answer again, unless that was a refusal. */
  const createConversion: Write = (request) => {
    const key = request.idempotencyKey;
    if (key === undefined) return recordConversion(request);
    const [first] = database.all<{ request: string; answer: string }>(
      'SELECT request, answer FROM first_answers WHERE idempotency_key = ?',
      key,
    );
    if (first) {
      return isDeepStrictEqual(JSON.parse(first.request), request.body)
        ? (JSON.parse(first.answer) as Answer)
        : refusal(409, 'This Idempotency-Key was used with another body');
    }
    const answer = recordConversion(request);
    if (answer.status < 300) {
      database.run(
        'INSERT INTO first_answers (idempotency_key, request, answer) VALUES (?, ?, ?)',
        ...[key, JSON.stringify(request.body), JSON.stringify(answer)],
      );
    }
    return answer;
  };

  const createTrackingLink: Write = ({ body }) => {
    const { affiliate_id, offer_id } = body as { affiliate_id: string; offer_id?: string };
    const offer = offer_id === undefined ? undefined : records.find('offers', offer_id);
    if (!records.find('affiliates', affiliate_id) || (offer_id !== undefined && !offer)) {
      return notFound();
    }
    // An affiliate has one link for an offer, which the id tells.
    const code = createHash('sha256')
      .update(JSON.stringify([affiliate_id, offer_id ?? null]))
      .digest('hex')
      .slice(0, 8);
    const id = `link_${code}`;
    const known = records.find('tracking links', id);
    if (known) return { status: 200, body: known };
    const link = records.add('tracking links', {
      id,
      code,
      url: `${baseUrl}/r/${code}`,
      affiliate_id,
      offer: offer ? { id: offer.id, name: offer['name'] } : null,
      created_at: now(),
    });
    return { status: 201, body: link };
  };

  const atOnce =
    (write: Write): Write =>
    (request) =>
      database.transaction(() => write(request));

  return {
    createAffiliate: atOnce(createAffiliate),
    updateAffiliate: atOnce(change('affiliates')),
    createConversion: atOnce(createConversion),
    updateConversion: atOnce(change('conversions')),
    createTrackingLink: atOnce(createTrackingLink),
  };
}
