import type { Bundle, ZObject } from 'zapier-platform-core';
import { attroUrl } from '../attro/client.ts';
import { isDuplicate } from '../deliveries/deduplicate.ts';
import { parseDelivery } from '../deliveries/delivery.ts';
import { findSignatureProblem } from '../deliveries/signature.ts';
import type { FlatRecord, Mapper } from '../output/mapper.ts';
import { toText } from '../attro/values.ts';
import { judgeDelivery } from './filters.ts';
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
    const { content, headers = {} } = rawRequest;
    const subscription = storedSubscription(bundle);
    if (!subscription) {
      throw new z.errors.Error(
        'Zapier has lost what this delivery from Attro is verified with. Turn the Zap off and on again.',
        'no_subscription',
      );
    }
    if (typeof content !== 'string') return leaveOut('no body arrived');
    const problem = findSignatureProblem(content, headers, subscription.secret);
    if (problem !== null) return leaveOut(problem);

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

    const { inputData } = bundle;
    const judged = judgeDelivery(filters, fields, inputData, subscription.filter_records);
    if (judged.differs) return leaveOut('it does not fit the filters of the trigger');
    if (judged.unapplied.length > 0) {
      z.console.log(
        `The Zap runs, since these filters could not be applied: ${judged.unapplied.join(', ')}.`,
      );
    }

    // Last, so that only a delivery that is about to run the Zap is remembered as having done so.
    const identity = {
      subscriptionId: subscription.id,
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
