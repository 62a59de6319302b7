import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import nock from 'nock';
import { errors, type Bundle, type ZObject } from 'zapier-platform-core';
import { retryAfterSeconds } from '../../attro/errors.ts';
import {
  ACCESS_TOKEN,
  app,
  BASE_URL,
  call,
  callTrigger,
  errorOf,
  messageOf,
} from '../support/app.ts';
import { attro, mockNetwork, stranger } from '../support/attro.ts';
import { SECRET, SUBSCRIPTION } from '../support/deliveries.ts';

mockNetwork();

const AFFILIATES = '/api/v1/affiliates';
const sampleBundle = { meta: { isLoadingSample: true } };

function list(): nock.Interceptor {
  return attro().get(AFFILIATES).query(true);
}

async function listError(): Promise<Error> {
  return errorOf(callTrigger('new_affiliate', 'performList', sampleBundle));
}

const COULD_NOT = 'Attro could not list your affiliates. ';
const DOWN = (status: number) =>
  `Attro has a problem at the moment (${status}). Nothing is wrong with your Zap: try again in a few minutes.`;
const UNREADABLE =
  'Its answer could not be read. Try again in a few minutes; if that does not help, tell Attro support.';
const REFUSED = (said: string) =>
  `Attro did not accept what was sent.${said} Check the fields of this step.`;

describe('an answer of Attro becomes one readable error', () => {
  it.each<[number, unknown, string, string]>([
    [400, { error: 'Invalid query' }, REFUSED(' Attro says: Invalid query.'), 'invalid'],
    [400, { error: ' Not valid.. ' }, REFUSED(' Attro says: Not valid.'), 'invalid'],
    [400, { error: 'Must be < 5' }, REFUSED(' Attro says: Must be < 5.'), 'invalid'],
    [400, { error: ' {"raw":"json"}' }, REFUSED(''), 'invalid'],
    [
      400,
      { error: `key ${'k1-_'.repeat(8)} x` },
      REFUSED(' Attro says: key [hidden] x.'),
      'invalid',
    ],
    [
      422,
      { error: 'Validation failed', details: [{ path: ['url'], message: 'must be https' }] },
      REFUSED(' Attro says: url: must be https.'),
      'invalid',
    ],
    [
      422,
      { details: [{ path: [null, '<b', 'b>', 'a b', 'k'.repeat(61), 'ok', 0], message: 'bad' }] },
      REFUSED(' Attro says: ok.0: bad.'),
      'invalid',
    ],
    [
      403,
      { error: 'Forbidden' },
      'Your connection lacks the permission "affiliates:read". Reconnect Attro in Zapier and allow everything it asks for, as an administrator of your Attro organization.',
      'permission_missing',
    ],
    [
      404,
      { error: 'Not found' },
      'What it needs is no longer in Attro. Check that nothing this step refers to was deleted.',
      'not_found',
    ],
    [
      410,
      '',
      'What it needs is no longer in Attro. Check that nothing this step refers to was deleted.',
      'not_found',
    ],
    [
      409,
      { error: 'Already exists' },
      'It is in conflict with something in Attro already. Attro says: Already exists.',
      'conflict',
    ],
    [
      418,
      { error: 'Short and stout' },
      'Attro refused with status 418. Attro says: Short and stout.',
      'refused',
    ],
    [
      300,
      '',
      'It answered with a redirect to another address, which is not followed so that your connection stays private. Please tell Attro support.',
      'redirect',
    ],
    [500, { error: 'Internal' }, DOWN(500), 'unavailable'],
    [502, '<html>Bad gateway</html>', DOWN(502), 'unavailable'],
    [503, '', DOWN(503), 'unavailable'],
    [400, { error: 'Busy', retryable: true }, DOWN(400), 'unavailable'],
    [200, '<html>Welcome</html>', UNREADABLE, 'unreadable_answer'],
    [200, '', UNREADABLE, 'unreadable_answer'],
    [200, { data: 'none' }, UNREADABLE, 'unreadable_answer'],
    [200, '"text"', UNREADABLE, 'unreadable_answer'],
    [
      200,
      { error: 'Plan expired' },
      'It answered with an error. Attro says: Plan expired.',
      'refused',
    ],
    [
      200,
      { error: { message: 'Plan expired' }, data: [] },
      'It answered with an error. Attro says: Plan expired.',
      'refused',
    ],
    [200, { error: 'Busy', retryable: true }, DOWN(200), 'unavailable'],
  ])('%i %j', async (status, body, message, code) => {
    list().reply(status, body as nock.Body);
    const error = await listError();
    expect(error.name).toBe('AppError');
    expect(messageOf(error)).toMatchObject({ message: COULD_NOT + message, code });
  });

  it.each([
    ['a list', { error: 'Some are left out', data: [{ id: 'aff_1' }] }],
    ['no error', { error: null, data: [{ id: 'aff_1' }] }],
    ['a byte order mark', '\ufeff[{"id":"aff_1"}]'],
  ])('but not one that holds %s', async (_name, body) => {
    list().reply(200, body as nock.Body);
    const { results } = await callTrigger('new_affiliate', 'performList', sampleBundle);
    expect(results).toEqual([expect.objectContaining({ id: 'aff_1' })]);
  });

  it.each<[string, nock.Body, Record<string, string>]>([
    [
      'names it as RFC 6750 has it',
      {},
      { 'WWW-Authenticate': 'Bearer realm="attro", error="invalid_token"' },
    ],
    ['names it without quotes', {}, { 'WWW-Authenticate': 'Bearer error=invalid_token' }],
    ['names it in its body', { error: 'invalid_token' }, {}],
  ])('is an expired token for a 403 that %s', async (_name, body, headers) => {
    list().reply(403, body, headers);
    expect((await listError()).name).toBe('RefreshAuthError');
  });

  it('is a missing permission for a 403 that names another error', async () => {
    list().reply(403, {}, { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' });
    expect(messageOf(await listError())).toMatchObject({ code: 'permission_missing' });
  });

  it('is not throttling for a 500 that names a time to wait', async () => {
    list().reply(500, {}, { 'Retry-After': '30' });
    expect((await listError()).name).toBe('AppError');
  });

  it('names every field error, but not more than five', async () => {
    const details = Array.from({ length: 7 }, (_, index) => ({
      path: ['items', index, 'url'],
      message: `wrong ${index}`,
    }));
    list().reply(422, { error: 'Validation failed', details });
    const { message } = messageOf(await listError());
    expect(message).toContain('items.0.url: wrong 0; items.1.url: wrong 1');
    expect(message).toContain('wrong 4');
    expect(message).not.toContain('wrong 5');
  });

  it.each([
    [{ error: { nested: true }, details: 'none' }],
    [{ error: '{"raw":"json"}', details: [null, 7, { path: 'url' }, { path: ['<b>'] }] }],
    [['a list']],
    ['not JSON'],
  ])('says nothing of a body that is no readable message: %j', async (body) => {
    list().reply(400, body);
    const { message } = messageOf(await listError());
    expect(message).toBe(
      'Attro could not list your affiliates. Attro did not accept what was sent. Check the fields of this step.',
    );
  });

  it('cuts a long message, makes it one line and hides what looks like a secret', async () => {
    const error = `Line one\n\tline\u0000 two ${SECRET} sk_live_1234 Bearer ${ACCESS_TOKEN} ${'x '.repeat(500)}`;
    list().reply(400, { error });
    const { message } = messageOf(await listError());
    expect(message).toContain('Line one line two [hidden] [hidden] [hidden] x x');
    expect(message).not.toContain(SECRET);
    expect(message).not.toContain(ACCESS_TOKEN);
    expect(message.length).toBeLessThan(350);
  });

  it('says which permission is missing only where it knows', async () => {
    attro().get('/api/v1/me').reply(403, {});
    const { message } = messageOf(await errorOf(call('authentication.test')));
    expect(message).toBe(
      'Attro could not check your connection. Your connection is not allowed to do this. Reconnect Attro in Zapier as an administrator of your Attro organization.',
    );
  });

  it('says so when Attro cannot be reached', async () => {
    list().replyWithError('connect ECONNREFUSED 10.0.0.1:443');
    expect(messageOf(await listError())).toMatchObject({
      message: `${COULD_NOT}It did not answer in time or could not be reached. Try again in a few minutes.`,
      code: 'no_answer',
    });
  });

  it('gives up after 12 s, long before Zapier does', async () => {
    const asked = Promise.withResolvers<undefined>();
    const silent = createServer(() => {
      asked.resolve(undefined);
    }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    nock.enableNetConnect('127.0.0.1');
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const { port } = silent.address() as AddressInfo;
      const failing = errorOf(
        callTrigger('new_affiliate', 'performList', sampleBundle, {
          environment: { ATTRO_BASE_URL: `http://127.0.0.1:${port}` },
        }),
      );
      await asked.promise;
      await jest.advanceTimersByTimeAsync(12_000);
      expect(messageOf(await failing).message).toMatch(/did not answer in time/);
    } finally {
      jest.useRealTimers();
      delete process.env['ATTRO_BASE_URL'];
      silent.closeAllConnections();
      silent.close();
    }
  });
});

describe('a request to slow down', () => {
  it.each([
    ['seconds', 429, '17', 17],
    ['nothing', 429, undefined, 60],
    ['nonsense', 429, 'soon', 60],
    ['nought', 429, '0', 1],
    ['a week', 429, '604800', 86_400],
    ['seconds on a 503', 503, '30', 30],
  ])(
    'with %s in Retry-After is throttling with the right delay',
    async (_name, status, header, delay) => {
      list().reply(status, { error: 'Slow down' }, header ? { 'Retry-After': header } : {});
      const error = await listError();
      expect(error.name).toBe('ThrottledError');
      expect(messageOf(error).delay).toBe(delay);
      expect(messageOf(error).message).toMatch(/too many requests/);
    },
  );

  it('understands an HTTP date in Retry-After', async () => {
    const date = new Date(Date.now() + 90_000).toUTCString();
    list().reply(429, {}, { 'Retry-After': date });
    const { delay } = messageOf(await listError());
    expect(delay).toBeGreaterThan(80);
    expect(delay).toBeLessThanOrEqual(90);
  });

  it('never asks for a wait in the past', () => {
    const now = Date.parse('2026-01-26T12:00:00Z');
    expect(retryAfterSeconds('Mon, 26 Jan 2026 11:00:00 GMT', now)).toBe(1);
    expect(retryAfterSeconds('Mon, 26 Jan 2026 12:02:00 GMT', now)).toBe(120);
    expect(retryAfterSeconds('26 Jan 2026 12:02:00 GMT', now)).toBe(120);
    expect(retryAfterSeconds('Mon, 26 Jan 2026 12:02:00 +0000', now)).toBe(120);
    expect(retryAfterSeconds(' 5 ', now)).toBe(5);
    expect(retryAfterSeconds(' ', now)).toBeNull();
    expect(retryAfterSeconds(null, now)).toBeNull();
  });
});

describe('the token', () => {
  it.each([301, 302, 303, 307, 308])('does not follow a %i to another host', async (status) => {
    list().reply(status, '', { Location: 'https://evil.example/steal' });
    const evil = stranger('https://evil.example').get('/steal').reply(200, []);
    const { message } = messageOf(await listError());
    expect(message).toMatch(/redirect to another address, which is not followed/);
    expect(evil.isDone()).toBe(false);
    nock.cleanAll();
  });

  it('goes to the host of ATTRO_BASE_URL and to no other', async () => {
    attro(undefined, 'https://staging.get-attro.com').get(AFFILIATES).query(true).reply(200, []);
    const { results } = await callTrigger('new_affiliate', 'performList', sampleBundle, {
      environment: { ATTRO_BASE_URL: 'https://staging.get-attro.com/' },
    });
    expect(results).toEqual([]);
  });

  it.each(['http://get-attro.com', 'ftp://get-attro.com', 'nonsense', 'https://u:p@get-attro.com'])(
    'goes nowhere when ATTRO_BASE_URL is %s',
    async (url) => {
      const error = await errorOf(
        callTrigger('new_affiliate', 'performList', sampleBundle, {
          environment: { ATTRO_BASE_URL: url },
        }),
      );
      expect(messageOf(error).message).toMatch(/^ATTRO_BASE_URL /);
    },
  );

  afterEach(() => {
    delete process.env['ATTRO_BASE_URL'];
  });
});

describe('an error never holds the stored secret', () => {
  it.each([401, 403, 500])('on unsubscribing with a %i', async (status) => {
    attro()
      .delete('/api/v1/webhooks/wh_1')
      .reply(status, { error: `bad ${SECRET}` });
    const error = await errorOf(
      callTrigger('new_affiliate', 'performUnsubscribe', { subscribeData: SUBSCRIPTION }),
    );
    expect(`${error.message}${error.stack ?? ''}`).not.toContain(SECRET);
  });
});

describe('a defect of the integration itself', () => {
  it.each<[unknown, string]>([
    [new TypeError(`cannot read ${SECRET}`), 'TypeError'],
    [SECRET, 'String'],
    [null, 'Object'],
  ])('is told without what the bundle holds: %p', async (thrown, kind) => {
    const bundle = {
      subscribeData: SUBSCRIPTION,
      get rawRequest(): never {
        throw thrown;
      },
    } as unknown as Bundle;
    const z = { errors } as ZObject;
    const error = await errorOf(app.triggers.new_affiliate.operation.perform(z, bundle));
    expect(messageOf(error)).toMatchObject({
      message: `The Attro integration has run into a problem of its own (${kind}). Please tell Attro support.`,
      code: 'internal',
    });
    expect(error.message).not.toContain(SECRET);
  });
});

it('reaches Attro at its own address by default', () => {
  expect(BASE_URL).toBe('https://get-attro.com');
});
