import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSandbox } from '../../../local/attro/index.ts';
import type { EventName, Sandbox } from '../../../local/attro/index.ts';
import { EVENT_NAMES } from '../../../attro/contract.ts';
import { startReceiver, until } from './receiver.ts';
import type { Receiver } from './receiver.ts';
import { controlOf, ownerOf, subscribe } from './sign-in.ts';

/** What is written, what is found of it afterwards, and which events it sends. */

type Fields = Record<string, unknown>;

let receiver: Receiver;
let sandbox: Sandbox;
let call: ReturnType<typeof ownerOf>;

beforeEach(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox();
  call = ownerOf(sandbox);
  await subscribe(sandbox, receiver.url, EVENT_NAMES);
});

afterEach(async () => {
  await sandbox.close();
  await receiver.close();
});

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** The events that were sent, once so many have arrived; and none comes after them. */
async function events(count: number): Promise<{ event: EventName; data: Fields }[]> {
  await until(() => receiver.received.length >= count);
  // Whatever else was sent before this has arrived by then, as events are sent in their order.
  const { body } = await controlOf(sandbox)('POST', '/events', { event: 'fraud.detected' });
  await until(() => receiver.received.some(({ body }) => body.includes('fraud.detected')));
  expect((body as { deliveries: unknown[] }).deliveries).toHaveLength(1);
  return receiver.received
    .map(({ body }) => JSON.parse(body) as { event: EventName; data: Fields })
    .filter(({ event }) => event !== 'fraud.detected');
}

async function found(path: string): Promise<Fields[]> {
  const { status, body } = await call('GET', path);
  expect(status).toBe(200);
  return (body as { data: Fields[] }).data;
}

/** A refusal, and where its faults are. */
function refused(status: number, ...paths: unknown[][]) {
  return {
    status,
    body: {
      error: expect.stringMatching(/./),
      retryable: false,
      ...(paths.length > 0 && {
        details: paths.map((path) => ({ path, message: expect.stringMatching(/./) })),
      }),
    },
  };
}

describe('POST /affiliates', () => {
  const NEW = { email: 'Zoe.New@example.com', display_name: 'Zoë 田中' };

  it('adds an affiliate who is found, listed first, and told of', async () => {
    const json = {
      ...NEW,
      company_name: 'Neue & Söhne',
      website: 'https://n.example',
      type: 'internal',
    };
    const { status, body } = await call('POST', '/affiliates', json);
    expect(status).toBe(201);
    const affiliate = body as Fields;
    expect(affiliate).toEqual({
      ...json,
      id: expect.stringMatching(/^aff_/),
      status: 'pending',
      created_at: expect.stringMatching(TIME),
    });
    expect((await call('GET', `/affiliates/${String(affiliate['id'])}`)).body).toEqual(affiliate);
    expect((await found('/affiliates?limit=1'))[0]).toEqual(affiliate);
    for (const query of [
      'email=zoe.new@EXAMPLE.com',
      'search=ZOË%20田',
      'search=söhne',
      'email=zoe.new@example.com&status=pending&type=internal',
    ]) {
      expect(await found(`/affiliates?${query}`)).toEqual([affiliate]);
    }
    expect(await found('/affiliates?search=zoë&status=active')).not.toContainEqual(affiliate);
    expect(await events(1)).toEqual([
      { event: 'affiliate.created', timestamp: expect.any(String), data: affiliate },
    ]);
  });

  it('refuses an address that there is, in any letter case, also when both come at once', async () => {
    const answers = await Promise.all(
      ['n@example.com', 'N@example.com', 'n@EXAMPLE.COM'].map((email) =>
        call('POST', '/affiliates', { ...NEW, email }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(answers.find(({ status }) => status === 409)).toMatchObject(refused(409));
    expect(await call('POST', '/affiliates', { ...NEW, email: 'JANE@example.com' })).toMatchObject(
      refused(409),
    );
    expect(await found('/affiliates?email=n@example.com')).toHaveLength(1);
    expect(await events(1)).toHaveLength(1);
  });

  it.each<[string, unknown, unknown[][]]>([
    ['missing fields', {}, [['email'], ['display_name']]],
    ['an empty name', { ...NEW, display_name: '' }, [['display_name']]],
    ['a website that is none', { ...NEW, website: 'acme.com' }, [['website']]],
    ['an unknown key', { ...NEW, status: 'active' }, [['status']]],
    ['no body', undefined, [[]]],
  ])('refuses %s', async (_case, json, paths) => {
    expect(await call('POST', '/affiliates', json)).toMatchObject(refused(422, ...paths));
    expect(await events(0)).toEqual([]);
  });
});

describe('PATCH /affiliates/{id}', () => {
  it('approves and suspends, and tells what was before', async () => {
    const id = String((await found('/affiliates?status=pending&limit=1'))[0]?.['id']);
    const approved = await call('PATCH', `/affiliates/${id}`, { status: 'active' });
    const suspended = await call('PATCH', `/affiliates/${id}`, { status: 'suspended' });
    expect(approved).toMatchObject({ status: 200, body: { id, status: 'active' } });
    expect((await call('GET', `/affiliates/${id}`)).body).toEqual(suspended.body);
    expect(approved.body).not.toHaveProperty('previous_status');
    expect(await events(2)).toMatchObject([
      {
        event: 'affiliate.approved',
        data: { ...(approved.body as Fields), previous_status: 'pending' },
      },
      {
        event: 'affiliate.suspended',
        data: { ...(suspended.body as Fields), previous_status: 'active' },
      },
    ]);
  });

  it.each([
    [{ display_name: 'Zoë Smith' }],
    [{ company_name: 'Neue & Söhne' }],
    [{ website: 'https://n.example' }],
    [{ type: 'internal' }],
  ])('changes %j alone, which is no event', async (json) => {
    const { body: before } = await call('GET', '/affiliates/aff_xyz789');
    const after = { status: 200, body: { ...(before as Fields), ...json } };
    expect(await call('PATCH', '/affiliates/aff_xyz789', json)).toMatchObject(after);
    expect(await call('GET', '/affiliates/aff_xyz789')).toMatchObject(after);
    expect(await events(0)).toEqual([]);
  });

  it.each<[string, unknown, unknown[][]]>([
    ['another status', { status: 'pending' }, [['status']]],
    ['another field', { status: 'active', email: 'x@example.com' }, [['email']]],
    ['nothing', {}, [[]]],
    ['an empty name', { display_name: '' }, [['display_name']]],
    ['a website that is none', { website: 'example.com' }, [['website']]],
  ])('refuses %s', async (_case, json, paths) => {
    expect(await call('PATCH', '/affiliates/aff_abc123', json)).toMatchObject(
      refused(422, ...paths),
    );
  });
});

const CONVERSION = {
  affiliate_id: 'aff_xyz789',
  offer_id: 'off_def456',
  amount: 12.5,
  currency: 'EUR',
  customer_email: 'New.Customer@example.com',
  external_id: 'order-1',
  metadata: { plan: 'pro', seats: 3, nested: { deep: [1, null] } },
};

describe('POST /conversions', () => {
  it('records a conversion that is found by all that it was recorded with, and told of', async () => {
    const { status, body } = await call('POST', '/conversions', CONVERSION);
    expect(status).toBe(201);
    const conversion = body as Fields;
    const { external_id: _, ...shown } = CONVERSION;
    expect(conversion).toEqual({
      ...shown,
      id: expect.stringMatching(/^conv_/),
      affiliate_name: 'John Smith',
      offer_name: 'Pro Plan',
      commission_amount: 2.5,
      status: 'pending',
      created_at: expect.stringMatching(TIME),
    });
    expect((await call('GET', `/conversions/${String(conversion['id'])}`)).body).toEqual(
      conversion,
    );
    expect((await found('/conversions?limit=1'))[0]).toEqual(conversion);
    for (const query of [
      'external_id=order-1',
      'customer_email=new.customer@EXAMPLE.com',
      'customer_email=new.customer@example.com&affiliate_id=aff_xyz789&status=pending',
      'external_id=order-1&offer_id=off_def456',
    ]) {
      expect(await found(`/conversions?${query}`)).toEqual([conversion]);
    }
    for (const query of ['external_id=ORDER-1', 'external_id=order-1&affiliate_id=aff_abc123']) {
      expect(await found(`/conversions?${query}`)).toEqual([]);
    }
    expect(await events(1)).toEqual([
      { event: 'conversion.created', timestamp: expect.any(String), data: conversion },
    ]);
  });

  it.each<[string, unknown, unknown[][]]>([
    ['missing fields', {}, [['affiliate_id'], ['amount'], ['currency']]],
    ['an amount that is text', { ...CONVERSION, amount: '12.5' }, [['amount']]],
    ['a negative amount', { ...CONVERSION, amount: -1 }, [['amount']]],
    ['an unknown key', { ...CONVERSION, status: 'approved' }, [['status']]],
    ['an unknown affiliate', { ...CONVERSION, affiliate_id: 'aff_none' }, [['affiliate_id']]],
  ])('refuses %s', async (_case, json, paths) => {
    expect(await call('POST', '/conversions', json)).toMatchObject(refused(422, ...paths));
    expect(await found('/conversions?external_id=order-1')).toEqual([]);
    expect(await events(0)).toEqual([]);
  });
});

describe('an Idempotency-Key', () => {
  async function record(key: string, json: object) {
    const { status, body } = await call('POST', '/conversions', json, { 'idempotency-key': key });
    return { status, body: body as Fields };
  }

  it('has the same body recorded once, with the first answer for each, also at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => record('key-1', CONVERSION)));
    const id = String(answers[0]?.body['id']);
    await call('PATCH', `/conversions/${id}`, { status: 'approved' });
    answers.push(await record('key-1', CONVERSION));
    for (const answer of answers) expect(answer).toEqual({ status: 201, body: answers[0]?.body });
    expect(await found('/conversions?external_id=order-1')).toHaveLength(1);
    expect((await events(2)).map(({ event }) => event)).toEqual([
      'conversion.created',
      'conversion.approved',
    ]);
  });

  it('is a conflict with another body, which is not recorded', async () => {
    const first = await record('key-1', CONVERSION);
    for (const change of [
      { amount: 12.51 },
      { external_id: 'order-2' },
      { metadata: { ...CONVERSION.metadata, seats: '3' } },
    ]) {
      const answer = await record('key-1', { ...CONVERSION, ...change });
      expect(answer).toMatchObject(refused(409));
    }
    expect(await found('/conversions?external_id=order-2')).toEqual([]);
    expect((await found('/conversions?limit=1'))[0]).toEqual(first.body);
  });

  it.each([
    ['', 'empty'],
    ['x'.repeat(256), 'too long'],
  ])('is refused where it is %#', async (key) => {
    expect((await record(key, CONVERSION)).status).toBe(422);
    expect(await found('/conversions?external_id=order-1')).toEqual([]);
  });
});

describe('PATCH /conversions/{id}', () => {
  it('approves and rejects, with the reason in what it tells', async () => {
    const id = String((await found('/conversions?status=pending&limit=1'))[0]?.['id']);
    const path = `/conversions/${id}`;
    const approved = await call('PATCH', path, { status: 'approved', reason: 'Not told' });
    const rejected = await call('PATCH', path, { status: 'rejected', reason: 'Refunded' });
    expect(approved).toMatchObject({ status: 200, body: { id, status: 'approved' } });
    expect(rejected).toMatchObject({ status: 200, body: { id, status: 'rejected' } });
    expect((await call('GET', path)).body).toEqual(rejected.body);
    const sent = await events(2);
    expect(sent).toMatchObject([
      {
        event: 'conversion.approved',
        data: { ...(approved.body as Fields), previous_status: 'pending' },
      },
      {
        event: 'conversion.rejected',
        data: {
          ...(rejected.body as Fields),
          previous_status: 'approved',
          rejection_reason: 'Refunded',
        },
      },
    ]);
    expect(sent[0]?.data).not.toHaveProperty('rejection_reason');
  });

  it.each<[string, unknown, unknown[][]]>([
    ['another status', { status: 'pending' }, [['status']]],
    ['an unknown key', { status: 'rejected', amount: 0 }, [['amount']]],
  ])('refuses %s', async (_case, json, paths) => {
    expect(await call('PATCH', '/conversions/conv_abc123', json)).toMatchObject(
      refused(422, ...paths),
    );
  });
});

describe('POST /tracking-links', () => {
  it('makes a link once, and gives the same again with 200, also at the same time', async () => {
    const json = { affiliate_id: 'aff_xyz789', offer_id: 'off_def456' };
    const answers = await Promise.all([1, 2, 3].map(() => call('POST', '/tracking-links', json)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    const link = answers[0]?.body;
    expect(link).toEqual({
      id: expect.stringMatching(/^link_/),
      code: expect.stringMatching(/^\w{8}$/),
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/r\/\w{8}$/),
      affiliate_id: 'aff_xyz789',
      offer: { id: 'off_def456', name: 'Pro Plan' },
      created_at: expect.stringMatching(TIME),
    });
    for (const { body } of answers) expect(body).toEqual(link);
    // Attro has no event for it.
    expect(await events(0)).toEqual([]);
  });

  it('makes another for another affiliate, another offer and no offer', async () => {
    const links = await Promise.all(
      [
        { affiliate_id: 'aff_xyz789', offer_id: 'off_def456' },
        { affiliate_id: 'aff_abc123', offer_id: 'off_def456' },
        { affiliate_id: 'aff_xyz789', offer_id: 'off_seed001' },
        { affiliate_id: 'aff_xyz789' },
      ].map((json) => call('POST', '/tracking-links', json)),
    );
    expect(links.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(links.map(({ body }) => (body as Fields)['url'])).size).toBe(4);
    expect(links[3]?.body).toMatchObject({ offer: null });
  });

  it('refuses what is unknown and what is no request', async () => {
    const make = (json: unknown) => call('POST', '/tracking-links', json);
    expect(await make({ affiliate_id: 'aff_none' })).toMatchObject(refused(404));
    expect(await make({ affiliate_id: 'aff_xyz789', offer_id: 'off_none' })).toMatchObject(
      refused(404),
    );
    expect(await make({})).toMatchObject(refused(422, ['affiliate_id']));
    expect(await make({ affiliate_id: 'aff_xyz789', colour: 'red' })).toMatchObject(
      refused(422, ['colour']),
    );
  });
});
