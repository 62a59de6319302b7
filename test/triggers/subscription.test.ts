import { describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { callTrigger, errorOf, messageOf } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { SECRET } from '../support/deliveries.ts';

mockNetwork();

const targetUrl = 'https://hooks.zapier.com/hooks/standard/1/abc/';
const WEBHOOKS = '/api/v1/webhooks';

const UNREADABLE =
  'Attro could not turn on this Zap. Its answer could not be read. Try again in a few minutes; if that does not help, tell Attro support.';
const NOTHING_LEFT = 'Nothing was left behind in Attro.';
const MAY_BE_LEFT =
  'A subscription may be left behind in Attro: look under Settings → Webhooks for an endpoint that was made just now, and remove it.';

interface Stored {
  id: string;
  secret: string;
}

function creating(): nock.Interceptor {
  return attro().post(WEBHOOKS);
}

/** Has Attro know none of the subscriptions that are removed, and notes which those are. */
function removalsTried(): string[] {
  const tried: string[] = [];
  attro()
    .delete(/.*/)
    .times(9)
    .optionally()
    .reply(404, ({ url }: Request) => {
      tried.push(new URL(url).pathname);
      return {};
    });
  return tried;
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

  it.each<[string, Record<string, unknown>, string]>([
    ['an id that is a number', { id: 9 }, '9'],
    ['a number that is nought', { id: 0 }, '0'],
    ['an envelope around it', { data: { id: 'wh_1', url: targetUrl, status: 'active' } }, 'wh_1'],
    ['an envelope and a number', { data: { id: 9 } }, '9'],
    ['nothing said of the rest', { id: 'wh_1', url: null, events: null, status: null }, 'wh_1'],
    [
      'more events than one',
      { id: 'wh_1', events: ['payout.failed', 'affiliate.created'] },
      'wh_1',
    ],
    ['an id that begins with a dot', { id: '.wh' }, '.wh'],
    ['a long id', { id: 'w'.repeat(200) }, 'w'.repeat(200)],
    ...[
      'https://hooks.zapier.com/hooks/standard/1/abc',
      'https://hooks.zapier.com/hooks/standard/1/abc//',
      'https://HOOKS.Zapier.com/hooks/standard/1/abc/',
      'HTTPS://hooks.zapier.com:443/hooks/standard/1/abc/',
      'https://hooks.zapier.com/hooks/standard/1/abc/#top',
    ].map((url) => [url, { id: 'wh_1', url }, 'wh_1'] as [string, Record<string, unknown>, string]),
  ])('accepts an answer with %s', async (_name, body, id) => {
    creating().reply(201, body);
    const { results } = await subscribe();
    expect(results.id).toBe(id);
  });

  it('accepts a URL without the slash at its end with one', async () => {
    const bare = 'https://hooks.zapier.com/hooks/standard/1/abc';
    creating().reply(201, { id: 'wh_1', url: `${bare}/` });
    const { results } = await callTrigger<Stored>('new_affiliate', 'performSubscribe', {
      targetUrl: bare,
    });
    expect(results.id).toBe('wh_1');
  });

  it.each([
    ['has no id', {}],
    ['is empty', ''],
    ['is HTML', '<html></html>'],
    ['is a text', '"wh_9"'],
    ['has an id that is not one', { id: { nested: true } }],
    ['has an empty id', { id: '', data: { id: '' } }],
    ['has an id that leads to another address', { id: '..' }],
    ['has an id with a slash', { id: 'a/b' }],
    ['has an id of any length', { id: 'w'.repeat(201) }],
    ['tells more of it than its id', { webhook_secret: 'whsec_1', subscription_plan: 'pro' }],
    ['holds something else', { metadata: { id: 7 }, database: { id: 8 } }],
    ['names an organization', { organization: { id: 7 }, owner: { id: 'usr_1' } }],
    ['holds several subscriptions', { data: [{ id: 'wh_7' }, { id: 'wh_8' }] }],
    ['holds it too deep', { data: { data: { data: { data: { data: { id: 'wh_7' } } } } } }],
  ])('fails readably and removes nothing when the answer %s', async (_name, body) => {
    creating().reply(201, body);
    const tried = removalsTried();
    const error = await errorOf(subscribe());
    expect(tried).toEqual([]);
    expect(messageOf(error)).toMatchObject({
      message: `${UNREADABLE} ${MAY_BE_LEFT}`,
      code: 'unreadable_answer',
    });
  });

  const hook = { id: 'wh_9', status: 'disabled' };

  it.each<[string, unknown]>([
    ['another URL', { id: 'wh_9', url: 'https://evil.example/' }],
    ['no web address', { id: 'wh_9', url: 'hooks.zapier.com' }],
    ['another path', { id: 'wh_9', url: `${targetUrl}more` }],
    ['a path in another case', { id: 'wh_9', url: targetUrl.replace('abc', 'ABC') }],
    ['another scheme', { id: 'wh_9', url: targetUrl.replace('https', 'http') }],
    ['another port', { id: 'wh_9', url: targetUrl.replace('.com', '.com:8443') }],
    ['a query', { id: 'wh_9', url: `${targetUrl}?to=me` }],
    ['other events', { id: 'wh_9', events: ['payout.failed'] }],
    ['a subscription that is not active', hook],
    ['events that are no list', { id: 'wh_9', events: 'affiliate.created' }],
    ['an envelope around such a one', { data: hook }],
    ['an envelope named after it', { webhook: hook }],
    ['another such envelope', { subscription: hook }],
    ['one in capitals', { webhookEndpoint: hook }],
    ['two envelopes', { data: { webhook: hook } }],
    ['two envelopes the other way round', { webhook: { data: { id: 'wh_9' } } }],
    ['envelopes as deep as is looked', { data: { result: { response: { payload: hook } } } }],
    ['a list of one', [hook]],
    ['a list of one in an envelope', { webhooks: [hook] }],
    ['a list in which its URL tells it', { data: [{ id: 'wh_7' }, { ...hook, url: targetUrl }] }],
    ['its URL in an unknown place', { made: { id: 'wh_9', url: targetUrl } }],
    ['nothing but its id', { webhook_id: 'wh_9' }],
    ['nothing but its id, in the style of JavaScript', { ok: true, subscriptionId: 'wh_9' }],
    ['its id in the place of it', { endpoint: 'wh_9' }],
  ])('removes what Attro made when it answers with %s', async (_name, body) => {
    creating().reply(201, body as nock.Body);
    const removed = attro().delete(`${WEBHOOKS}/wh_9`).reply(204);
    const error = await errorOf(subscribe());
    expect(messageOf(error).message).toBe(`${UNREADABLE} ${NOTHING_LEFT}`);
    expect(removed.isDone()).toBe(true);
  });

  it.each([
    `https://get-attro.com${WEBHOOKS}/wh_9`,
    `${WEBHOOKS}/wh_9/`,
    `${WEBHOOKS}/wh_9?page=1`,
    '/hooks/wh_9#top',
    '/hook/wh_9',
  ])('removes what Attro made when only the Location header names it: %s', async (Location) => {
    creating().reply(201, '', { Location });
    const removed = attro().delete(`${WEBHOOKS}/wh_9`).reply(204);
    const error = await errorOf(subscribe());
    expect(messageOf(error).message).toBe(`${UNREADABLE} ${NOTHING_LEFT}`);
    expect(removed.isDone()).toBe(true);
  });

  it.each(['https://get-attro.com/', '/api/v1/organizations/7', `${WEBHOOKS}/`, WEBHOOKS])(
    'removes nothing that the Location header %s may name otherwise',
    async (Location) => {
      creating().reply(201, '', { Location });
      const tried = removalsTried();
      const error = await errorOf(subscribe());
      expect(tried).toEqual([]);
      expect(messageOf(error).message).toBe(`${UNREADABLE} ${MAY_BE_LEFT}`);
    },
  );

  it('removes a subscription whose id is a number of any length', async () => {
    creating().reply(201, '{"id":12345678901234567890,"status":"disabled"}', {
      'Content-Type': 'application/json',
    });
    const removed = attro().delete(`${WEBHOOKS}/12345678901234567890`).reply(204);
    await errorOf(subscribe());
    expect(removed.isDone()).toBe(true);
  });

  it('tries the likeliest id first, and the others where there is none by it', async () => {
    creating().reply(
      201,
      {
        id: 1,
        status: 'created',
        webhook: { id: 3 },
        webhooks: [{ id: 6 }, { id: 2, url: targetUrl }],
        organization: { id: 7 },
      },
      { Location: `${WEBHOOKS}/4` },
    );
    const tried = removalsTried();
    await errorOf(subscribe());
    expect(tried).toEqual(['2', '3', '4', '1'].map((id) => `${WEBHOOKS}/${id}`));
  });

  it('goes on past an id that Attro does not know to the one that it made', async () => {
    creating().reply(201, { id: 'evt_1', status: 'created', webhook: { id: 'none' }, hook });
    attro().delete(`${WEBHOOKS}/none`).reply(404);
    const removed = attro().delete(`${WEBHOOKS}/wh_9`).reply(204);
    const error = await errorOf(subscribe());
    expect(messageOf(error).message).toBe(`${UNREADABLE} ${NOTHING_LEFT}`);
    expect(removed.isDone()).toBe(true);
  });

  it('tries four ids at the most, each of them once', async () => {
    const webhooks = Array.from({ length: 6 }, (_, index) => ({ id: index, url: targetUrl }));
    creating().reply(201, { webhooks: [...webhooks, ...webhooks] });
    const tried = removalsTried();
    await errorOf(subscribe());
    expect(tried).toEqual([0, 1, 2, 3].map((id) => `${WEBHOOKS}/${id}`));
  });

  it.each([200, 204, 410])('is sure that nothing is left after a %i', async (status) => {
    creating().reply(201, hook);
    attro().delete(`${WEBHOOKS}/wh_9`).reply(status);
    const error = await errorOf(subscribe());
    expect(messageOf(error).message).toBe(`${UNREADABLE} ${NOTHING_LEFT}`);
  });

  it.each([400, 404, 422])('is not sure of it after a %i', async (status) => {
    creating().reply(201, hook);
    attro().delete(`${WEBHOOKS}/wh_9`).reply(status);
    const { message } = messageOf(await errorOf(subscribe()));
    expect(message).toBe(`${UNREADABLE} ${MAY_BE_LEFT}`);
  });

  it.each([401, 403, 429, 500])(
    'tells the first failure, and what to do, when the removal fails with a %i',
    async (status) => {
      creating().reply(201, hook);
      attro().delete(`${WEBHOOKS}/wh_9`).reply(status, {});
      const error = await errorOf(subscribe());
      expect(error.name).toBe('AppError');
      expect(messageOf(error).message).toBe(`${UNREADABLE} ${MAY_BE_LEFT}`);
    },
  );

  it('notes in the log that the removal failed', async () => {
    creating().reply(201, hook);
    attro().delete(`${WEBHOOKS}/wh_9`).reply(500);
    const logs: string[] = [];
    await errorOf(callTrigger('new_affiliate', 'performSubscribe', { targetUrl }, { logs }));
    expect(logs.join('\n')).toContain('A subscription that Attro made could not be removed again.');
  });

  it('leaves it to Zapier to renew a token that Attro refuses', async () => {
    creating().reply(401, {});
    expect((await errorOf(subscribe())).name).toBe('RefreshAuthError');
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

  it('passes on that a permission is missing', async () => {
    attro().delete(`${WEBHOOKS}/wh_1`).reply(403);
    const error = await errorOf(unsubscribe({ id: 'wh_1' }));
    expect(messageOf(error).message).toMatch(/turn off.*lacks the permission "webhooks:write"/);
  });

  it('says so when Attro is down', async () => {
    attro().delete(`${WEBHOOKS}/wh_1`).reply(503);
    const error = await errorOf(unsubscribe({ id: 'wh_1' }));
    expect(messageOf(error).message).toMatch(/could not turn off this Zap.*\(503\)/);
  });
});
