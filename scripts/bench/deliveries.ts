import type { PlatformEvent } from '../../local/zapier/platform.ts';
import { receivedSigned, sampleWith } from '../../test/support/deliveries.ts';

/** The trigger that the bench drives: the one with the most output fields of those that are common. */
export const TRIGGER_KEY = 'new_conversion';

/** The body of the documented conversion, with the id of its own that makes it a new delivery. */
export function deliveryBody(number: number, extra: Readonly<Record<string, unknown>> = {}) {
  return sampleWith('conversion.created', { id: `conv_${number}`, ...extra });
}

/** A hook event as Zapier hands it to the platform's handler, with a delivery that is new. */
export async function hookEvent(number: number, cache: Partial<PlatformEvent>) {
  const content = deliveryBody(number);
  const bundle = await receivedSigned(content, {
    authData: { access_token: 'token' },
    inputData: {},
    meta: { zap: { id: '1' } },
    cleanedRequest: JSON.parse(content) as unknown,
  });
  const method = `triggers.${TRIGGER_KEY}.operation.perform`;
  return { command: 'execute', method, bundle, ...cache, calledFromCli: true } as const;
}
