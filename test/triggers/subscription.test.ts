import { describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { callTrigger, errorOf, messageOf } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { SECRET } from '../support/deliveries.ts';

mockNetwork();

const targetUrl = 'https://hooks.zapier.com/hooks/standard/1/abc/';
const WEBHOOKS = '/api/v1/webhooks';

/** Addresses of the same endpoint, to Zapier as to everybody. */
const SAME_URL = [
  'https://hooks.zapier.com/hooks/standard/1/abc',
  'https://hooks.zapier.com/hooks/standard/1/abc//',
  'https://HOOKS.Zapier.com/hooks/standard/1/abc/',
  'HTTPS://hooks.zapier.com:443/hooks/standard/1/abc/',
  'https://hooks.zapier.com/hooks/standard/1/abc/#top',
];
const TWO_EVENTS = ['payout.failed', 'affiliate.created'];

const UNREADABLE =
  'Attro could not turn on this Zap. Its answer could not be read. Try again in a few minutes; if that does not help, tell Attro support.';
const DOWN =
  'Attro could not turn on this Zap. Attro has a problem at the moment (500). Nothing is wrong with your Zap: try again in a few minutes.';

interface Stored {
  id: string;
  secret: string;
}

function creating(): nock.Interceptor {
  return attro().post(WEBHOOKS);
}

/** Has Attro list endpoints once, and notes which of them are removed. */
function endpoints(...pages: object[][]): { removed: string[]; listed: () => number } {
  const removed: string[] = [];
  let listed = 0;
  attro()
    .get(WEBHOOKS)
    .query(true)
    .times(Math.min(pages.length, 3))
    .reply(200, ({ url }: Request) => {
      // Each page is asked for by the cursor of the one before.
      const cursor = new URL(url).searchParams.get('cursor');
      expect(cursor).toBe(listed === 0 ? null : `page-${listed + 1}`);
      listed += 1;
      const isLast = listed === pages.length;
      return { data: pages[listed - 1], next_cursor: isLast ? null : `page-${listed + 1}` };
    });
  attro()
    .delete(/.*/)
    .times(99)
    .optionally()
    .reply(204, ({ url }: Request) => {
      removed.push(new URL(url).pathname.replace(`${WEBHOOKS}/`, ''));
    });
  return { removed, listed: () => listed };
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
    endpoints([]);
    endpoints([]);
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
    ['more events than one', { id: 'wh_1', events: TWO_EVENTS }, 'wh_1'],
    ['an id that begins with a dot', { id: '.wh' }, '.wh'],
    ['a long id', { id: 'w'.repeat(200) }, 'w'.repeat(200)],
  ])('accepts an answer with %s', async (_name, body, id) => {
    creating().reply(201, body);
    endpoints([]);
    expect((await subscribe()).results.id).toBe(id);
  });

  it.each(SAME_URL)('accepts an answer with %s', async (url) => {
    creating().reply(201, { id: 'wh_1', url });
    endpoints([]);
    expect((await subscribe()).results.id).toBe('wh_1');
  });

  it('accepts a URL without the slash at its end with one', async () => {
    const bare = 'https://hooks.zapier.com/hooks/standard/1/abc';
    creating().reply(201, { id: 'wh_1', url: `${bare}/` });
    endpoints([]);
    const { results } = await callTrigger<Stored>('new_affiliate', 'performSubscribe', {
      targetUrl: bare,
    });
    expect(results.id).toBe('wh_1');
  });

  it.each<[string, unknown]>([
    ['no id', {}],
    ['nothing', ''],
    ['HTML', '<html></html>'],
    ['a text', '"wh_9"'],
    ['an id that is not one', { id: { nested: true } }],
    ['an empty id', { id: '', data: { id: '' } }],
    ['an id that leads to another address', { id: '..' }],
    ['an id with a slash', { id: 'a/b' }],
    ['an id of any length', { id: 'w'.repeat(201) }],
    ['another URL', { id: 'wh_9', url: 'https://evil.example/' }],
    ['no web address', { id: 'wh_9', url: 'hooks.zapier.com' }],
    ['another path', { id: 'wh_9', url: `${targetUrl}more` }],
    ['a path in another case', { id: 'wh_9', url: targetUrl.replace('abc', 'ABC') }],
    ['another scheme', { id: 'wh_9', url: targetUrl.replace('https', 'http') }],
    ['another port', { id: 'wh_9', url: targetUrl.replace('.com', '.com:8443') }],
    ['a query', { id: 'wh_9', url: `${targetUrl}?to=me` }],
    ['other events', { id: 'wh_9', events: ['payout.failed'] }],
    ['events that are no list', { id: 'wh_9', events: 'affiliate.created' }],
    ['a subscription that is not active', { id: 'wh_9', status: 'disabled' }],
    ['an envelope of its own', { webhook: { id: 'wh_9' } }],
    ['a list', [{ id: 'wh_9' }]],
  ])(
    'fails readably when Attro answers with %s, and leaves nothing behind',
    async (_name, body) => {
      creating().reply(201, body as nock.Body);
      const { removed } = endpoints([{ id: 'wh_9', url: targetUrl }]);
      expect(messageOf(await errorOf(subscribe()))).toMatchObject({
        message: UNREADABLE,
        code: 'unreadable_answer',
      });
      expect(removed).toEqual(['wh_9']);
    },
  );

  it('leaves it to Zapier to renew a token that Attro refuses', async () => {
    creating().reply(401, {});
    const logs: string[] = [];
    const calling = callTrigger('new_affiliate', 'performSubscribe', { targetUrl }, { logs });
    expect((await errorOf(calling)).name).toBe('RefreshAuthError');
    // The token that is no good is asked for nothing else.
    expect(logs.join('\n')).not.toMatch(/GET https|could not be removed/);
  });

  it('never logs the secret', async () => {
    creating().reply(201, { id: 'wh_1' });
    endpoints([]);
    const { results, logs } = await subscribe();
    expect(logs.join('\n')).toContain('201 POST https://get-attro.com/api/v1/webhooks');
    expect(logs.join('\n')).not.toContain(results.secret);
  });
});

describe('after subscribing, endpoints at the same URL other than the one just made are removed', () => {
  const mine = (id: string | number, url = targetUrl) => ({ id, url, status: 'active' });

  it('and no other is touched', async () => {
    creating().reply(201, { id: 'wh_1' });
    const { removed } = endpoints([
      mine('wh_1'),
      mine('wh_2'),
      mine(3, 'HTTPS://hooks.zapier.com:443/hooks/standard/1/abc'),
      mine('wh_4', `${targetUrl}more`),
      mine('wh_5', targetUrl.replace('abc', 'abd')),
      mine('wh_6', targetUrl.replace('abc', 'ABC')),
      mine('wh_7', `${targetUrl}?to=me`),
      { id: 'wh_8' },
      { id: 'wh_9', url: null },
      mine('wh_10', 'hooks.zapier.com/hooks/standard/1/abc/'),
    ]);
    expect((await subscribe()).results.id).toBe('wh_1');
    expect(removed.sort()).toEqual(['3', 'wh_2']);
  });

  it.each<[string, (made: nock.Interceptor) => unknown, string | RegExp]>([
    ['was refused', (made) => made.reply(422, { error: 'No' }), /did not accept what was sent/],
    ['was forbidden', (made) => made.reply(403, {}), /lacks the permission "webhooks:write"/],
    ['failed', (made) => made.reply(500, {}), DOWN],
    ['was throttled', (made) => made.reply(429, {}), /too many requests/],
    ['was lost', (made) => made.replyWithError('socket hang up'), /did not answer in time/],
    ['was answered with an error', (made) => made.reply(200, { error: 'No' }), /Attro says: No\./],
  ])('also where it %s', async (_name, reply, message) => {
    reply(creating());
    const { removed } = endpoints([mine('wh_1'), mine('wh_2', `${targetUrl}2/`)]);
    expect(messageOf(await errorOf(subscribe())).message).toMatch(message);
    expect(removed).toEqual(['wh_1']);
  });

  it('one and all, and the log says where one of them could not be', async () => {
    creating().reply(201, { id: 'wh_0' });
    attro()
      .get(WEBHOOKS)
      .query(true)
      .reply(200, [mine('wh_1'), mine('wh_2')]);
    attro().delete(`${WEBHOOKS}/wh_1`).reply(500, {});
    attro().delete(`${WEBHOOKS}/wh_2`).reply(204);
    const { results, logs } = await subscribe();
    expect(results.id).toBe('wh_0');
    expect(logs.join('\n')).toContain('could not be removed');
  });

  it('on three pages at the most', async () => {
    creating().reply(201, { id: 'wh_0' });
    const { removed, listed } = endpoints(...[1, 2, 3, 4].map((page) => [mine(`wh_${page}`)]));
    const { logs } = await subscribe();
    expect(listed()).toBe(3);
    // A fourth request would find nobody to answer it.
    expect(logs.join('\n')).not.toContain('could not be removed');
    expect(removed.sort()).toEqual(['wh_1', 'wh_2', 'wh_3']);
  });

  it('and not more than ten', async () => {
    creating().reply(201, { id: 'wh_0' });
    const { removed } = endpoints(Array.from({ length: 12 }, (_, index) => mine(index + 1)));
    await subscribe();
    expect(removed.sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 10 }, (_, index) => String(index + 1)),
    );
  });

  it('those of one page, also where the next one cannot be had', async () => {
    creating().reply(201, { id: 'wh_0' });
    attro()
      .get(WEBHOOKS)
      .query(true)
      .reply(200, { data: [mine('wh_1')], next_cursor: 'more' });
    attro().get(WEBHOOKS).query(true).reply(500, {});
    const removal = attro().delete(`${WEBHOOKS}/wh_1`).reply(204);
    const { logs } = await subscribe();
    expect(removal.isDone()).toBe(true);
    expect(logs.join('\n')).toContain('could not be removed');
  });

  it.each([200, 404, 410])('by an answer of %i too', async (status) => {
    creating().reply(201, { id: 'wh_0' });
    attro()
      .get(WEBHOOKS)
      .query(true)
      .reply(200, [mine('wh_1')]);
    attro().delete(`${WEBHOOKS}/wh_1`).reply(status);
    const { results, logs } = await subscribe();
    expect(results.id).toBe('wh_0');
    expect(logs.join('\n')).not.toContain('could not be removed');
  });

  it.each([401, 403, 429, 500])(
    'which never keeps a Zap from being turned on: listing fails with %i',
    async (status) => {
      creating().reply(201, { id: 'wh_0' });
      attro().get(WEBHOOKS).query(true).reply(status, {});
      const { results, logs } = await subscribe();
      expect(results.id).toBe('wh_0');
      expect(logs.join('\n')).toContain(
        'Endpoints that may be left at the target URL of this Zap could not be removed.',
      );
    },
  );

  it.each([401, 403, 429, 500])(
    'nor hides why it could not be turned on: a removal fails with %i',
    async (status) => {
      creating().reply(500, {});
      attro()
        .get(WEBHOOKS)
        .query(true)
        .reply(200, [mine('wh_1')]);
      attro().delete(`${WEBHOOKS}/wh_1`).reply(status, {});
      expect(messageOf(await errorOf(subscribe())).message).toBe(DOWN);
    },
  );
});

describe('a subscription that ends is handed on with its end, so that Zapier subscribes anew', () => {
  it.each<[object, object]>([
    [{ expires_at: '2027-01-26T12:00:00Z' }, { expiration_date: '2027-01-26T12:00:00Z' }],
    [{ expiration_date: 1800000000 }, { expiration_date: '2027-01-15T08:00:00.000Z' }],
    [{ expires_at: null }, {}],
    [{ expires_at: 'never' }, {}],
  ])('%j', async (says, expected) => {
    creating().reply(201, { id: 'wh_1', ...says });
    endpoints([]);
    const { secret, ...results } = (await subscribe()).results;
    expect(secret).toMatch(/^whsec_[0-9a-f]{64}$/);
    expect(results).toEqual({ id: 'wh_1', filter_records: {}, ...expected });
  });
});

describe('unsubscribing', () => {
  it.each([204, 200, 404, 410])('is done when Attro answers %i', async (status) => {
    attro().delete(`${WEBHOOKS}/wh_1`).reply(status);
    const { results } = await unsubscribe({ id: 'wh_1', secret: SECRET });
    expect(results).toEqual({});
  });

  it.each([undefined, null, {}, { id: '', secret: SECRET }, { secret: SECRET }, 'text'])(
    'is done at once when %j is stored',
    async (stored) => {
      const { results, logs } = await unsubscribe(stored);
      expect(results).toEqual({});
      expect(logs.join('\n')).toMatch(/Nothing to unsubscribe/);
    },
  );

  it('does not let a stored id leave its place in the path', async () => {
    const removed = attro().delete(`${WEBHOOKS}/..%2Fme%3Fx`).reply(404);
    await unsubscribe({ id: '../me?x', secret: SECRET });
    expect(removed.isDone()).toBe(true);
  });

  it.each([
    [403, /turn off.*lacks the permission "webhooks:write"/],
    [503, /could not turn off this Zap.*\(503\)/],
  ])('says why it could not be done for a %i', async (status, said) => {
    attro().delete(`${WEBHOOKS}/wh_1`).reply(status);
    const error = await errorOf(unsubscribe({ id: 'wh_1', secret: SECRET }));
    expect(messageOf(error).message).toMatch(said);
  });
});
