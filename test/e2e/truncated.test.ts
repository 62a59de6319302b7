import { expect, it } from '@jest/globals';
import { startBoth } from '../support/zapier.ts';

/** Apart from the other faults, since the app waits for such an answer in real time: 12 s. */

const HOW_TO_SEE =
  /not certain whether Attro could create the affiliate.*Look for the email address/;

// The platform does not notice that an answer breaks off.
it('a truncated answer counts as none, and what it was about is told from what may have happened', async () => {
  const { sandbox, zapier, stop } = await startBoth({ speed: 1e6 });
  await zapier.connect();
  const fail = (method: string, path: string): void => {
    sandbox.failNext({ method, path: `/api/v1/${path}`, fault: { truncate: true } });
  };
  const write = (key: string, inputData: Record<string, unknown>): Promise<unknown> =>
    zapier.call(`creates.${key}.operation.perform`, { inputData });
  const create = () =>
    write('create_affiliate', { email: 'truncated@example.com', display_name: 'New' });
  const record = () =>
    write('record_conversion', {
      ...{ affiliate_id: 'aff_xyz789', amount: 5, currency: 'USD', external_id: 'order-1' },
    });
  const find = () =>
    zapier.call('searches.find_conversion.operation.perform', {
      inputData: { external_id: 'order-1' },
    });

  const zap = await zapier.turnOn('payout_failed');
  fail('DELETE', 'webhooks/*');
  for (const path of ['affiliates', 'webhooks', 'conversions']) fail('POST', path);
  fail('GET', 'affiliates');
  const results = await Promise.allSettled([
    zapier.listRecords('new_affiliate'),
    zapier.turnOn('payout_sent'),
    record(),
    create(),
    zapier.turnOff(zap),
  ]);
  const messages = results.map((result) =>
    result.status === 'rejected' ? String(result.reason) : 'It went well.',
  );
  expect(messages).toEqual([
    expect.stringMatching(/could not list your affiliates.*did not answer/),
    expect.stringMatching(/could not turn on this Zap.*did not answer/),
    expect.stringMatching(/not certain whether Attro could record the conversion.*only once/),
    expect.stringMatching(HOW_TO_SEE),
    // There is nothing in the middle of which it could break off, so the connection just ends.
    expect.stringMatching(/could not turn off this Zap.*did not answer/),
  ]);
  expect(await find()).toHaveLength(1);
  expect(await record()).toMatchObject({ amount: 5 });
  expect(await find()).toHaveLength(1);
  await expect(create()).rejects.toThrow(/Find or Create Affiliate/);
  await zapier.turnOff(zap);
  // The endpoint of which the app could not learn is gone with its first event.
  await sandbox.emit('payout.completed');
  expect(sandbox.subscriptions()).toEqual([]);
  await stop();
});
