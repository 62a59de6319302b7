import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import nock from 'nock';
import { errors, type Bundle, type ZObject } from 'zapier-platform-core';
import { retryAfterSeconds } from '../../attro/errors.ts';
import { ACCESS_TOKEN, app, call, callTrigger, errorOf, messageOf } from '../support/app.ts';
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

/** What a user reads for each code, with what Attro says of it. */
const MESSAGES: Record<string, (said: string, status: number) => string> = {
  invalid: (said) => `Attro did not accept what was sent.${said} Check the fields of this step.`,
  permission_missing: () =>
    'Your connection lacks the permission "affiliates:read". Reconnect Attro in Zapier and allow everything it asks for, as an administrator of your Attro organization.',
  not_found: () =>
    'What it needs is no longer in Attro. Check that nothing this step refers to was deleted.',
  conflict: (said) => `It is in conflict with something in Attro already.${said}`,
  refused: (said, status) =>
    status < 300
      ? `It answered with an error.${said}`
      : `Attro refused with status ${status}.${said}`,
  redirect: () =>
    'It answered with a redirect to another address, which is not followed so that your connection stays private. Please tell Attro support.',
  unavailable: (_said, status) =>
    `Attro has a problem at the moment (${status}). Nothing is wrong with your Zap: try again in a few minutes.`,
  unreadable_answer: () =>
    'Its answer could not be read. Try again in a few minutes; if that does not help, tell Attro support.',
};

/** A path of which one part alone is a name, and is shown. */
const PATH = [null, '<b', 'b>', 'a b', 'k'.repeat(61), 'ok', 0];

/** More wrong fields than are named. */
const SEVEN_WRONG = [0, 1, 2, 3, 4, 5, 6].map((at) => ({ path: ['items', at], message: 'bad' }));
const FIVE_SAID = 'items.0: bad; items.1: bad; items.2: bad; items.3: bad; items.4: bad';

describe('an answer of Attro becomes one readable error', () => {
  it.each<[status: number, body: unknown, code: string, said?: string]>([
    [400, { error: 'Invalid query' }, 'invalid', 'Invalid query'],
    [400, { error: ' Not valid.. ' }, 'invalid', 'Not valid'],
    [400, { error: 'Must be < 5' }, 'invalid', 'Must be < 5'],
    [400, { error: ' {"raw":"json"}' }, 'invalid'],
    [400, { error: `key ${'k1-_'.repeat(8)} x` }, 'invalid', 'key [hidden] x'],
    [400, { error: { nested: true }, details: 'none' }, 'invalid'],
    [400, { details: [null, 7, { path: 'url' }, { path: ['<b>'] }] }, 'invalid'],
    [400, ['a list'], 'invalid'],
    [400, 'not JSON', 'invalid'],
    [422, { error: 'No', details: [{ path: ['url'], message: 'bad' }] }, 'invalid', 'url: bad'],
    [422, { details: [{ path: PATH, message: 'bad' }] }, 'invalid', 'ok.0: bad'],
    [422, { details: SEVEN_WRONG }, 'invalid', FIVE_SAID],
    [403, { error: 'Forbidden' }, 'permission_missing'],
    [404, { error: 'Not found' }, 'not_found'],
    [410, '', 'not_found'],
    [409, { error: 'Already exists' }, 'conflict', 'Already exists'],
    [418, { error: 'Short and stout' }, 'refused', 'Short and stout'],
    [300, '', 'redirect'],
    [500, { error: 'Internal' }, 'unavailable'],
    [502, '<html>Bad gateway</html>', 'unavailable'],
    [503, '', 'unavailable'],
    [400, { error: 'Busy', retryable: true }, 'unavailable'],
    [200, '<html>Welcome</html>', 'unreadable_answer'],
    [200, '', 'unreadable_answer'],
    [200, { data: 'none' }, 'unreadable_answer'],
    [200, '"text"', 'unreadable_answer'],
    [200, { error: 'Plan expired' }, 'refused', 'Plan expired'],
    [200, { error: { message: 'Plan expired' }, data: [] }, 'refused', 'Plan expired'],
    [200, { error: 'Busy', retryable: true }, 'unavailable'],
  ])('%i %j', async (status, body, code, said = '') => {
    list().reply(status, body as nock.Body);
    const error = await listError();
    const words = MESSAGES[code]?.(said ? ` Attro says: ${said}.` : '', status);
    expect(error.name).toBe('AppError');
    expect(messageOf(error)).toMatchObject({ message: `${COULD_NOT}${words}`, code });
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

  it.each<[string, nock.Body, header: string]>([
    ['names it as RFC 6750 has it', {}, 'Bearer realm="attro", error="invalid_token"'],
    ['names it without quotes', {}, 'Bearer error=invalid_token'],
    ['names it in its body', { error: 'invalid_token' }, 'Bearer'],
    ['names it as a code in its body', { error: { code: 'invalid_token' } }, 'Bearer'],
  ])('is an expired token for a 403 that %s', async (_name, body, header) => {
    list().reply(403, body, { 'WWW-Authenticate': header });
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

  it.each<[string, Parameters<typeof callTrigger>, [request: string, seconds: number][]]>([
    ['a list', ['new_affiliate', 'performList', sampleBundle], [['GET affiliates', 12]]],
    [
      'turning on a Zap',
      [
        'new_conversion',
        'performSubscribe',
        { targetUrl: 'https://hooks.zapier.com/1/', inputData: { offer_id: 'Pro Plan' } },
      ],
      [
        ['GET offers', 5],
        ['POST webhooks', 12],
        ['GET webhooks', 8],
      ],
    ],
  ])(
    'gives up on %s of a silent Attro before Zapier does',
    async (_name, [key, name, bundle], steps) => {
      const requests = new EventEmitter();
      const silent = createServer(({ method = '', url = '' }) => {
        requests.emit(`${method} ${url.split(/[/?]/)[3] ?? ''}`);
      }).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      nock.enableNetConnect('127.0.0.1');
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
      try {
        const { port } = silent.address() as AddressInfo;
        const asked = steps.map(([request]) => once(requests, request));
        const failing = errorOf(
          callTrigger(key, name, bundle, {
            environment: { ATTRO_BASE_URL: `http://127.0.0.1:${port}` },
          }),
        );
        for (const [index, [, seconds]] of steps.entries()) {
          await asked[index];
          await jest.advanceTimersByTimeAsync(seconds * 1_000);
        }
        expect(messageOf(await failing).message).toMatch(/did not answer in time/);
      } finally {
        jest.useRealTimers();
        delete process.env['ATTRO_BASE_URL'];
        silent.closeAllConnections();
        silent.close();
      }
    },
  );
});

describe('a request to slow down', () => {
  it.each([
    ['seconds', 429, '17', 17],
    ['nothing', 429, undefined, 60],
    ['nonsense', 429, 'soon', 60],
    ['nought', 429, '0', 1],
    ['a week', 429, '604800', 86_400],
    ['a date long past', 429, 'Mon, 26 Jan 2026 11:00:00 GMT', 1],
    ['a date far ahead', 429, 'Fri, 31 Dec 9999 23:59:59 GMT', 86_400],
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

  it.each([
    ['Mon, 26 Jan 2026 11:00:00 GMT', 1],
    ['Mon, 26 Jan 2026 12:02:00 GMT', 120],
    ['26 Jan 2026 12:02:00 GMT', 120],
    ['Mon, 26 Jan 2026 12:02:00 +0000', 120],
    [' 5 ', 5],
    [' ', null],
    [null, null],
  ])('at noon with %p means %p seconds', (header, seconds) => {
    expect(retryAfterSeconds(header, Date.parse('2026-01-26T12:00:00Z'))).toBe(seconds);
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

  it('goes nowhere when ATTRO_BASE_URL cannot be used', async () => {
    const environment = { ATTRO_BASE_URL: 'http://get-attro.com' };
    const error = await errorOf(
      callTrigger('new_affiliate', 'performList', sampleBundle, { environment }),
    );
    expect(messageOf(error).message).toMatch(/^ATTRO_BASE_URL /);
  });

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
