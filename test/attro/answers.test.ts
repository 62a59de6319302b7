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
import { attro, mockNetwork } from '../support/attro.ts';
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

describe('an answer of Attro becomes one readable error', () => {
  it.each([
    [400, { error: 'Invalid query' }, /did not accept what was sent\. Attro says: Invalid query\./],
    [
      422,
      { error: 'Validation failed', details: [{ path: ['url'], message: 'must be https' }] },
      /Attro says: url: must be https\./,
    ],
    [403, { error: 'Forbidden' }, /lacks the permission "affiliates:read"\. Reconnect Attro/],
    [404, { error: 'Not found' }, /no longer in Attro/],
    [410, '', /no longer in Attro/],
    [409, { error: 'Already exists' }, /in conflict.*Attro says: Already exists\./],
    [418, { error: 'Short and stout' }, /refused with status 418\. Attro says: Short and stout\./],
    [500, { error: 'Internal' }, /problem at the moment \(500\)\. Nothing is wrong with your Zap/],
    [502, '<html>Bad gateway</html>', /problem at the moment \(502\)/],
    [503, '', /problem at the moment \(503\)/],
    [400, { error: 'Busy', retryable: true }, /problem at the moment \(400\)/],
    [200, '<html>Welcome</html>', /could not be read/],
    [200, '', /could not be read/],
    [200, { data: 'none' }, /could not be read/],
    [200, '"text"', /could not be read/],
  ])('%i %j', async (status, body, expected) => {
    list().reply(status, body);
    const error = await listError();
    expect(error.name).toBe('AppError');
    const { message } = messageOf(error);
    expect(message).toMatch(/^Attro could not list your affiliates\. /);
    expect(message).toMatch(expected);
    expect(message).not.toMatch(/[{}<>]|undefined|null/);
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
    expect(message).toMatch(/not allowed to do this\. Reconnect Attro/);
  });

  it('says so when Attro cannot be reached', async () => {
    list().replyWithError('connect ECONNREFUSED 10.0.0.1:443');
    const { message } = messageOf(await listError());
    expect(message).toMatch(/did not answer in time or could not be reached/);
    expect(message).not.toContain('10.0.0.1');
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
    expect(retryAfterSeconds(' ', now)).toBeNull();
    expect(retryAfterSeconds(null, now)).toBeNull();
  });
});

describe('the token', () => {
  it.each([301, 302, 303, 307, 308])('does not follow a %i to another host', async (status) => {
    list().reply(status, '', { Location: 'https://evil.example/steal' });
    const evil = nock('https://evil.example').get('/steal').reply(200, []);
    const { message } = messageOf(await listError());
    expect(message).toMatch(/redirect to another address, which is not followed/);
    expect(evil.isDone()).toBe(false);
    nock.cleanAll();
  });

  it('goes to the host of ATTRO_BASE_URL and to no other', async () => {
    nock('https://staging.get-attro.com', {
      reqheaders: { authorization: `Bearer ${ACCESS_TOKEN}` },
    })
      .get(AFFILIATES)
      .query(true)
      .reply(200, []);
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
    expect(messageOf(error).message).toMatch(new RegExp(`problem of its own \\(${kind}\\)`));
    expect(error.message).not.toContain(SECRET);
  });
});

it('reaches Attro at its own address by default', () => {
  expect(BASE_URL).toBe('https://get-attro.com');
});
