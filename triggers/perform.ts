import type { Bundle, ZObject } from 'zapier-platform-core';
import { attroUrl } from '../attro/client.ts';
import { isDuplicate } from '../deliveries/deduplicate.ts';
import { parseDelivery } from '../deliveries/delivery.ts';
import { findSignatureProblem } from '../deliveries/signature.ts';
import type { FlatRecord, Mapper } from '../output/mapper.ts';
import { toText } from '../attro/values.ts';
import { judgeAll } from './filters.ts';
import { storedSubscription } from './subscription.ts';
import type { TriggerRow } from './trigger-row.ts';

/**
 * Makes the function that turns a delivery into one flat record, or into none with the reason in the
 * log. Nothing is read before the signature is found right, and no reason holds anything of the
 * delivery. A genuine delivery that cannot be read raises an error that says why.
 */
export function createPerform({ event, filters }: TriggerRow, map: Mapper) {
  return async (z: ZObject, bundle: Bundle): Promise<FlatRecord[]> => {
    const leaveOut = (reason: string): FlatRecord[] => {
      z.console.log(`No Zap run for this delivery: ${reason}.`);
      return [];
    };
    const { rawRequest } = bundle;
    if (!rawRequest) {
      z.console.log(
        'This call came without a delivery, as `zapier-platform invoke` makes it. To see records, test the ' +
          "trigger in Zapier's editor, which calls performList. To see live deliveries on this machine, run " +
          '`npm start` or `npm run sandbox`.',
      );
      return [];
    }
    const { content, headers } = rawRequest;
    const { id: subscriptionId, secret } = storedSubscription(bundle);

    if (secret === undefined) {
      z.console.log(
        'This Zap was turned on by an older version that kept no secret, so its deliveries cannot be ' +
          'verified. Turn the Zap off and on again to have them verified.',
      );
    } else {
      const problem = findSignatureProblem(content, headers, secret);
      if (problem) return leaveOut(problem);
    }
    if (typeof content !== 'string') return leaveOut('no body arrived');

    const reading = parseDelivery(content);
    if ('problem' in reading) {
      throw new z.errors.Error(
        `A delivery from Attro could not be read: ${reading.problem}.`,
        'unreadable_delivery',
      );
    }
    const { delivery } = reading;
    if (delivery.event !== event) return leaveOut('it is about another event');

    const { fields, leftOut } = map(delivery.data, {
      timestamp: delivery.timestamp,
      baseUrl: attroUrl(z),
    });
    if (leftOut > 0) {
      z.console.log(`Cut: the delivery has ${leftOut} values more than a Zap can show.`);
    }

    const verdict = judgeAll(filters, fields, bundle.inputData);
    if (verdict === 'differs') return leaveOut('it does not fit the filters of the trigger');
    if (verdict === 'unknown') {
      z.console.log('The delivery lacks a value that a filter needs, so the Zap runs.');
    }

    // Last, so that only a delivery that is about to run the Zap is remembered as having done so.
    if (subscriptionId === undefined) return [fields];
    const identity = {
      subscriptionId,
      event,
      recordId: String(delivery.data.id),
      timestamp: toText(delivery.timestamp),
      body: content,
    };
    return (await isDuplicate(z.cache, identity, headers))
      ? leaveOut('the same delivery has run this Zap before')
      : [fields];
  };
}
