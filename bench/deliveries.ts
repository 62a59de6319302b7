import { createHmac, randomBytes } from 'node:crypto';
import sample from '../samples/conversion.created.json' with { type: 'json' };
import type { PlatformEvent } from '../local/zapier/platform.ts';

/** The trigger that the bench drives: the one with the most output fields of those that are common. */
export const TRIGGER_KEY = 'new_conversion';

export const EVENT = 'conversion.created';

export const SECRET = `whsec_${randomBytes(32).toString('hex')}`;

/** A body and the headers it arrives with, as Zapier names them. */
export interface SignedBody {
  content: string;
  headers: Record<string, string>;
}

/** Signs a body as Attro does. */
export function sign(content: string): SignedBody {
  const digest = createHmac('sha256', SECRET).update(content).digest('hex');
  return { content, headers: { 'Http-X-Attro-Signature': `sha256=${digest}` } };
}

/** The body of the documented conversion, with the id of its own that makes it a new delivery. */
export function deliveryBody(
  number: number,
  extra: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({ ...sample, data: { ...sample.data, id: `conv_${number}`, ...extra } });
}

/** A hook event as Zapier hands it to the platform's handler, with a delivery that is new. */
export function hookEvent(number: number): PlatformEvent {
  const { content, headers } = sign(deliveryBody(number));
  return {
    command: 'execute',
    method: `triggers.${TRIGGER_KEY}.operation.perform`,
    bundle: {
      authData: { access_token: 'token' },
      inputData: {},
      meta: { zap: { id: '1' } },
      subscribeData: { id: 'sub_1', secret: SECRET },
      cleanedRequest: JSON.parse(content) as unknown,
      rawRequest: { method: 'POST', querystring: '', headers, content },
    },
    zcacheTestObj: {},
    calledFromCli: true,
  };
}
