import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Sandbox } from '../../local/attro/index.ts';
import { TRIGGER_TABLE } from '../../triggers/table.ts';
import type { Zap, ZapierRunner } from '../../local/zapier/index.ts';
import { startBoth } from '../support/zapier.ts';

/** The app against the sandbox, over real HTTP from the sign-in to the last unsubscribe. */

let sandbox: Sandbox;
let zapier: ZapierRunner;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  ({ sandbox, zapier, stop } = await startBoth({ speed: 1e6 }));
  expect(await zapier.connect()).toMatch(/^Acme Corp \(.+@example\.com\)$/);
});

afterAll(() => stop?.());

/** How many times a Zap ran, once all that was received has been worked off. */
async function runsOf(zap: Zap): Promise<number> {
  await zapier.settled();
  return zap.runs.flatMap(({ records }) => records).length;
}

describe.each(TRIGGER_TABLE)('$key', ({ key, event }) => {
  it('subscribes, lists, runs for its event alone, and unsubscribes', async () => {
    const zap = await zapier.turnOn(key);
    expect(sandbox.subscriptions()).toEqual([
      expect.objectContaining({ url: zap.hookUrl, events: [event], status: 'active' }),
    ]);

    const listed = await zapier.listRecords(key);
    expect(listed).toHaveLength(3);
    expect(listed.map(({ event: name }) => name)).toEqual([event, event, event]);

    const [delivery] = await sandbox.emit(event);
    expect(delivery?.status).toBe('succeeded');
    expect(await runsOf(zap)).toBe(1);
    for (const record of listed) {
      const keys = Object.keys(record).filter((name) => !name.startsWith('metadata_'));
      expect(Object.keys(zap.runs[0]?.records[0] ?? {})).toEqual(expect.arrayContaining(keys));
    }
    const other = event === 'payout.failed' ? 'affiliate.created' : 'payout.failed';
    await sandbox.emit(other);
    expect(await runsOf(zap)).toBe(1);

    await zapier.turnOff(zap);
    expect(sandbox.subscriptions()).toEqual([]);
    expect((await fetch(zap.hookUrl, { method: 'POST', body: '{}' })).status).toBe(410);
  });
});

describe('trust', () => {
  it('a delivery that Attro sends twice makes one run, and a forged one none', async () => {
    const zap = await zapier.turnOn('payout_sent');
    const [delivery, copy] = await sandbox.emit('payout.completed', {
      data: { id: 'pay_twice' },
      copies: 2,
    });
    if (!delivery) throw new Error('Nothing was delivered.');
    expect(copy).toMatchObject({ body: delivery.body, signature: delivery.signature });
    expect(await runsOf(zap)).toBe(1);

    const { body, signature } = delivery;
    for (const attack of [
      { body },
      { body, signature: signature.replace(/.$/, (last) => (last === '0' ? '1' : '0')) },
      { body: body.replace('pay_twice', 'pay_other'), signature },
    ]) {
      await fetch(zap.hookUrl, {
        method: 'POST',
        body: attack.body,
        headers: {
          'content-type': 'application/json',
          ...(attack.signature && { 'x-attro-signature': attack.signature }),
        },
      });
    }
    expect(await runsOf(zap)).toBe(1);
    await zapier.turnOff(zap);
  });

  it('an expired access token is refreshed on the way, and a revoked grant asks to reconnect', async () => {
    const before = zapier.authData['access_token'];
    sandbox.revokeTokens();
    expect(await zapier.listRecords('new_affiliate')).toHaveLength(3);
    expect(zapier.authData['access_token']).not.toBe(before);

    sandbox.revokeTokens();
    sandbox.revokeRefreshTokens();
    await expect(zapier.listRecords('new_affiliate')).rejects.toMatchObject({
      name: 'ExpiredAuthError',
    });
    await zapier.connect();
  });

  it('nothing of what was logged is secret', async () => {
    const zap = await zapier.turnOn('new_affiliate');
    await sandbox.emit('affiliate.created', { forge: 'signature' });
    await zapier.settled();
    const stored = String(zap.subscribeData['secret']);
    await zapier.turnOff(zap);

    const log = zapier.logs.join('\n');
    expect(log).toMatch(/its signature does not match/);
    const { access_token: access, refresh_token: refresh } = zapier.authData;
    for (const secret of [stored, access, refresh, sandbox.clientSecret]) {
      expect(secret).toMatch(/.{10}/);
      expect(log).not.toContain(secret);
    }
    expect(log).not.toContain('jane@example.com');
  });
});
