import { createHmac } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import { sampleBody, sampleDelivery } from './sample-deliveries.ts';
import type { EventName } from '../../attro/contract.ts';
import type { Subscriptions } from './subscriptions.ts';

/** One try to deliver: the answer's HTTP status, or null when none came in time; `at` in epoch ms. */
export interface DeliveryAttempt {
  status: number | null;
  at: number;
}

/** What became of a delivery to one subscription. */
export interface DeliveryResult {
  subscriptionId: string;
  url: string;
  event: string;
  status: 'delivered' | 'gave_up';
  attempts: DeliveryAttempt[];
  /** The very text that was sent and signed. */
  body: string;
  /** `sha256=<hex>` of the body under the subscription's secret. */
  signature: string;
  /** All headers that were sent, lower-case: the caller's own win over the sandbox's. */
  headers: Record<string, string>;
}

/** Changes to the sample that `emit` sends. */
export interface EmitOptions {
  /** Merged over the sample's `data`, one level deep. */
  data?: Record<string, unknown>;
  /** Instead of the sample's; ISO 8601. */
  timestamp?: string;
  /** A raw body instead of all that. */
  body?: string;
  /** Further headers; they win over the sandbox's own, so that a bad signature can be sent. */
  headers?: Record<string, string>;
}

/** How the sandbox tries to deliver. */
export interface DeliverySettings {
  /** Milliseconds to wait before each try, counted from the end of the previous one. */
  retryDelaysMs: readonly number[];
  /** How long an answer may take, in milliseconds. */
  timeoutMs: number;
  /** Cancels what is under way: such deliveries resolve as given up, and disable nothing. */
  stopping: AbortSignal;
}

/** Sends events to subscriptions: signed, retried on the schedule, given up at its end. */
export interface Deliveries {
  /**
   * Sends an event's sample to every active subscription of the event.
   *
   * @returns one result a subscription, once each was delivered or given up.
   */
  emit(event: EventName, options?: EmitOptions): Promise<DeliveryResult[]>;
  /**
   * Sends the same bytes under the same headers once more, as Attro may. The first try goes out
   * even when the subscription has ended meanwhile; retries only while it is active.
   */
  redeliver(result: DeliveryResult): Promise<DeliveryResult>;
}

/** The signature of Attro's guide: HMAC-SHA256 of the body, in hex, after `sha256=`. */
function sign(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body, 'utf8').digest('hex')}`;
}

/** The text to send. An unchanged sample goes out byte for byte, with its own number format. */
function bodyOf(event: EventName, { data, timestamp, body }: EmitOptions): string {
  if (body !== undefined) return body;
  if (data === undefined && timestamp === undefined) return sampleBody(event);
  const sample = sampleDelivery(event);
  return JSON.stringify({
    event,
    timestamp: timestamp ?? sample.timestamp,
    data: { ...sample.data, ...data },
  });
}

/** Makes the sender of deliveries; a subscription whose delivery is given up gets disabled. */
export function createDeliveries(
  subscriptions: Subscriptions,
  { retryDelaysMs, timeoutMs, stopping }: DeliverySettings,
): Deliveries {
  async function attempt({ url, body, headers }: DeliveryResult): Promise<DeliveryAttempt> {
    const at = Date.now();
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        // A redirect is not a 2xx, so it is not followed.
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), stopping]),
      });
      await response.body?.cancel();
      return { status: response.status, at };
    } catch {
      // Refused, cut or timed out: the guide makes no difference between them.
      return { status: null, at };
    }
  }

  async function deliver(planned: DeliveryResult): Promise<DeliveryResult> {
    const attempts: DeliveryAttempt[] = [];
    for (const [index, delay] of retryDelaysMs.entries()) {
      if (delay > 0) {
        await wait(delay, undefined, { signal: stopping }).catch(() => undefined);
      }
      const ended = index > 0 && !subscriptions.isActive(planned.subscriptionId);
      if (stopping.aborted || ended) return { ...planned, attempts };

      const made = await attempt(planned);
      attempts.push(made);
      if (made.status !== null && made.status >= 200 && made.status < 300) {
        return { ...planned, attempts, status: 'delivered' };
      }
      // Assumption: "410 Gone" ends a subscription at once; the guide does not mention it.
      if (made.status === 410) break;
    }
    if (!stopping.aborted) subscriptions.disable(planned.subscriptionId);
    return { ...planned, attempts };
  }

  return {
    async emit(event, options = {}) {
      const body = bodyOf(event, options);
      return Promise.all(
        subscriptions.activeFor(event).map(({ id, url, secret }) => {
          const signature = sign(body, secret);
          const headers = new Headers({
            'Content-Type': 'application/json',
            'X-Attro-Signature': signature,
          });
          for (const [name, value] of Object.entries(options.headers ?? {})) {
            headers.set(name, value);
          }
          return deliver({
            subscriptionId: id,
            url,
            event,
            status: 'gave_up',
            attempts: [],
            body,
            signature,
            headers: Object.fromEntries(headers),
          });
        }),
      );
    },

    async redeliver(result) {
      return deliver({ ...result, status: 'gave_up' });
    },
  };
}
