import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSandbox, type Sandbox } from '../../local/attro/index.ts';
import { REDIRECT_URI, type Zap, type ZapierRunner } from '../../local/zapier/index.ts';
import { until } from '../local/attro/receiver.ts';
import { ownerOf } from '../local/attro/sign-in.ts';
import { app } from '../support/app.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { startBoth, startWithApp } from '../support/zapier.ts';

/** What keeps a Zap that is on from going silent. */

it('a subscription that ends is made anew in time, and the one before is left nowhere', async () => {
  const clock = new ManualClock();
  const sandbox = await startSandbox({
    ...{ redirectUris: [REDIRECT_URI], subscriptionSeconds: 86_400, clock: clock.now },
  });
  const zapier = await startWithApp(app, { attro: sandbox, clock });
  await zapier.connect();
  const zap = await zapier.turnOn('payout_sent');
  const { id } = zap.subscribeData;

  await clock.passWhenAwaited(86_400_000);
  await until(() => zap.subscribeData['id'] !== id);
  expect(sandbox.subscriptions()).toEqual([
    expect.objectContaining({ id: zap.subscribeData['id'], url: zap.hookUrl }),
  ]);
  await sandbox.emit('payout.completed');
  await zapier.settled();
  expect(zap.runs.flatMap(({ records }) => records)).toHaveLength(1);

  await zapier.stop();
  await sandbox.close();
});

describe('an endpoint that ends on the side of Attro pauses its Zap, which subscribes anew when turned on again:', () => {
  let sandbox: Sandbox;
  let zapier: ZapierRunner;
  let stop: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    ({ sandbox, zapier, stop } = await startBoth({ speed: 1e6 }));
    await zapier.connect();
  });

  afterAll(() => stop?.());

  it.each<[string, (endpoint: string, owner: ReturnType<typeof ownerOf>) => Promise<unknown>]>([
    ['removed by a person', (endpoint, owner) => owner('DELETE', endpoint)],
    ['disabled by a person', (endpoint, owner) => owner('PATCH', endpoint, { status: 'disabled' })],
    [
      'disabled after the fourth failure',
      async () => {
        zapier.hooks.misbehave(({ method }) =>
          method === 'POST' ? { answer: { status: 500 } } : undefined,
        );
        await sandbox.emit('payout.completed');
      },
    ],
  ])('%s', async (_how, end) => {
    const zap: Zap = await zapier.turnOn('payout_sent');
    await end(`/webhooks/${String(zap.subscribeData['id'])}`, ownerOf(sandbox));
    await until(() => zap.state === 'paused');
    for (const method of ['POST', 'DELETE']) {
      expect((await fetch(zap.hookUrl, { method })).status).toBe(410);
    }

    zapier.hooks.misbehave();
    await zapier.turnOnAgain(zap);
    expect(sandbox.subscriptions().map(({ url, status }) => [url, status])).toEqual([
      [zap.hookUrl, 'active'],
    ]);
    await sandbox.emit('payout.completed');
    await zapier.settled();
    expect(zap.runs.flatMap(({ records }) => records)).toHaveLength(1);
    await zapier.turnOff(zap);
    expect(zap.state).toBe('off');
  });
});
