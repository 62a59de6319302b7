import { describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { callTrigger, errorOf, messageOf } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { SECRET } from '../support/deliveries.ts';

mockNetwork();

const targetUrl = 'https://hooks.zapier.com/hooks/standard/1/abc/';
const WEBHOOKS = '/api/v1/webhooks';

interface Stored {
  id: string;
  secret: string;
}

function creating(): nock.Interceptor {
  return attro().post(WEBHOOKS);
}

async function subscribe() {
  return callTrigger<Stored>('new_affiliate', 'performSubscribe', { targetUrl });
}

async function unsubscribe(subscribeData: unknown) {
  return callTrigger('new_affiliate', 'performUnsubscribe', { subscribeData });
}

describe('subscribing', () => {
  it('twice makes two subscriptions with two secrets', async () => {
    creating().reply(201, { id: 'wh_1' });
    creating().reply(201, { id: 'wh_2' });
    const { results: first } = await subscribe();
    const { results: second } = await subscribe();
    expect([first.id, second.id]).toEqual(['wh_1', 'wh_2']);
    expect(first.secret).not.toBe(second.secret);
  });

  it.each([
    ['has no id', {}],
    ['is empty', ''],
    ['is HTML', '<html></html>'],
    ['has an id that is not one', { id: { nested: true } }],
  ])('fails readably when the answer %s', async (_name, body) => {
    creating().reply(201, body);
    const error = await errorOf(subscribe());
    expect(messageOf(error).message).toMatch(
      /could not turn on this Zap\. Its answer could not be read/,
    );
  });

  it.each<[string, Record<string, unknown>]>([
    ['another URL', { id: 'wh_9', url: 'https://evil.example/' }],
    ['other events', { id: 'wh_9', events: ['payout.failed'] }],
    ['a subscription that is not active', { id: 'wh_9', status: 'disabled' }],
    ['events that are no list', { id: 'wh_9', events: 'affiliate.created' }],
  ])('removes what Attro made when it answers with %s', async (_name, body) => {
    creating().reply(201, body);
    const removed = attro().delete(`${WEBHOOKS}/wh_9`).reply(204);
    const error = await errorOf(subscribe());
    expect(messageOf(error).message).toMatch(/could not turn on this Zap/);
    expect(removed.isDone()).toBe(true);
  });

  it('removes what Attro made when only the Location header names it', async () => {
    creating().reply(201, '', { Location: `https://get-attro.com${WEBHOOKS}/wh_8` });
    const removed = attro().delete(`${WEBHOOKS}/wh_8`).reply(204);
    await errorOf(subscribe());
    expect(removed.isDone()).toBe(true);
  });

  it('tells the first failure when the removal fails too', async () => {
    creating().reply(201, { id: 'wh_9', status: 'disabled' });
    attro().delete(`${WEBHOOKS}/wh_9`).reply(500);
    const error = await errorOf(subscribe());
    expect(messageOf(error).message).toMatch(/Its answer could not be read/);
  });

  it('passes on that a permission is missing', async () => {
    creating().reply(403, { error: 'Forbidden' });
    const error = await errorOf(subscribe());
    expect(messageOf(error).message).toMatch(/lacks the permission "webhooks:write"/);
  });

  it('refuses inputs that cannot work before it asks Attro', async () => {
    const error = await errorOf(
      callTrigger('new_conversion', 'performSubscribe', {
        targetUrl,
        inputData: { min_amount: 500 },
      }),
    );
    expect(messageOf(error).message).toMatch(/Fill in Currency/);
  });

  it('never logs the secret', async () => {
    creating().reply(201, { id: 'wh_1' });
    const { results, logs } = await subscribe();
    expect(logs.join('\n')).toContain('201 POST https://get-attro.com/api/v1/webhooks');
    expect(logs.join('\n')).not.toContain(results.secret);
  });
});

describe('unsubscribing', () => {
  it.each([204, 200, 404, 410])('is done when Attro answers %i', async (status) => {
    attro().delete(`${WEBHOOKS}/wh_1`).reply(status);
    const { results } = await unsubscribe({ id: 'wh_1', secret: SECRET });
    expect(results).toEqual({});
  });

  it.each([undefined, null, {}, { id: '' }, { secret: SECRET }, 'text'])(
    'is done at once when %j is stored',
    async (stored) => {
      const { results, logs } = await unsubscribe(stored);
      expect(results).toEqual({});
      expect(logs.join('\n')).toMatch(/Nothing to unsubscribe/);
    },
  );

  it('does not let a stored id leave its place in the path', async () => {
    const removed = attro().delete(`${WEBHOOKS}/..%2Fme%3Fx`).reply(404);
    await unsubscribe({ id: '../me?x' });
    expect(removed.isDone()).toBe(true);
  });

  it('accepts an id that was stored as a number', async () => {
    attro().delete(`${WEBHOOKS}/7`).reply(204);
    await unsubscribe({ id: 7 });
  });

  it('says so when Attro is down', async () => {
    attro().delete(`${WEBHOOKS}/wh_1`).reply(503);
    const error = await errorOf(unsubscribe({ id: 'wh_1' }));
    expect(messageOf(error).message).toMatch(/could not turn off this Zap.*\(503\)/);
  });
});
