import { describe, expect, it } from '@jest/globals';
import type { CreateRow } from '../../creates/create-row.ts';
import type { CreateKey } from '../../creates/index.ts';
import { CREATE_TABLE } from '../../creates/table.ts';
import { create, errorOf, messageOf } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';

mockNetwork();

const INPUTS = {
  create_affiliate: { email: 'jane@example.com', display_name: 'Jane' },
  update_affiliate: { affiliate_id: 'aff_1', company_name: 'Acme Corp' },
  update_affiliate_status: { affiliate_id: 'aff_1', status: 'active' },
  create_tracking_link: { affiliate_id: 'aff_1', offer_id: 'off_1' },
  record_conversion: { affiliate_id: 'aff_1', amount: 5, currency: 'USD', external_id: 'order_1' },
  update_conversion_status: { conversion_id: 'conv_1', status: 'rejected' },
} as const;

const ROWS: readonly CreateRow<CreateKey>[] = CREATE_TABLE;

const CERTAIN = /^Attro could not (create|update|record) the /;
const UNCERTAIN =
  /^It is not certain whether Attro could (create|update|record) the .*It may have happened all the same\. \S.{20,}\.$/;

describe.each(ROWS)('$label', ({ key, method, path, target, scope, look, inputs }) => {
  const address = target ? `${path}/${Object.values(INPUTS[key])[0]}` : path;

  /** What a user reads when Attro answers an action with something else than success. */
  async function messageFor(status: number, body: unknown, headers?: Record<string, string>) {
    attro().intercept(address, method).reply(status, body, headers);
    return messageOf(await errorOf(create(key, INPUTS[key])));
  }

  it('names the permission that is missing, and how to get it', async () => {
    const { message, code } = await messageFor(403, { error: 'Forbidden' });
    expect(code).toBe('permission_missing');
    expect(message).toMatch(CERTAIN);
    expect(message).toContain(`lacks the permission "${scope}". Reconnect Attro in Zapier`);
  });

  it('tells what is wrong with a field by its label and in the words of Attro', async () => {
    for (const { field, attroName } of inputs) {
      const details = [{ path: [attroName], message: 'is not good' }];
      const { message, code } = await messageFor(422, { error: 'Invalid', details });
      expect(code).toBe('invalid');
      expect(message).toContain(`Attro says: ${field.label}: is not good.`);
    }
  });

  it.each([500, 502, 504])('is not sure after a %i', async (status) => {
    const { message, code } = await messageFor(status, '<html>');
    expect(code).toBe('unavailable');
    expect(message).toMatch(UNCERTAIN);
    expect(message).toContain(`(${status})`);
    expect(message).toContain(look);
  });

  it.each([
    ['HTML', '<html>Welcome</html>'],
    ['nothing', ''],
    ['a record without an id', { status: 'active' }],
    ['a list', [{ id: 'x' }]],
    ['an envelope of nothing', { data: null }],
  ])('is not sure after a success with %s', async (_name, body) => {
    const { message, code } = await messageFor(200, body);
    expect(code).toBe('unreadable_answer');
    expect(message).toMatch(UNCERTAIN);
  });

  it('is not sure when no answer comes, and does not try again', async () => {
    let requests = 0;
    attro()
      .intercept(address, method, () => (requests += 1) > 0)
      .replyWithError('socket hang up')
      .persist();
    const { message, code } = messageOf(await errorOf(create(key, INPUTS[key])));
    expect(code).toBe('no_answer');
    expect(message).toMatch(UNCERTAIN);
    expect(requests).toBe(1);
  });

  it.each([429, 503])('leaves it to Zapier to wait for a %i that says how long', async (status) => {
    expect(await messageFor(status, {}, { 'Retry-After': '7' })).toMatchObject({ delay: 7 });
  });

  it.each([
    [302, 'redirect', /redirect to another address/],
    [404, 'not_found', key === 'create_affiliate' ? /no longer in Attro/ : /nothing by the ID in/],
    [409, 'conflict', /already|before/],
    [418, 'refused', /status 418/],
  ])('was refused for sure with a %i', async (status, code, words) => {
    const answer = await messageFor(status, {});
    expect(answer.code).toBe(code);
    expect(answer.message).toMatch(words);
    expect(answer.message).toMatch(CERTAIN);
  });

  it('leaves an expired token to Zapier, which then runs it again', async () => {
    attro().intercept(address, method).reply(401, {});
    expect((await errorOf(create(key, INPUTS[key]))).name).toBe('RefreshAuthError');
  });
});

it('an email that exists leads to Find or Create', async () => {
  attro().post('/api/v1/affiliates').reply(409, { error: 'Email is taken' });
  const error = await errorOf(create('create_affiliate', INPUTS.create_affiliate));
  expect(messageOf(error).message).toBe(
    'Attro could not create the affiliate. There is an affiliate with this Email already. Use the step ' +
      'Find or Create Affiliate, which takes the one that exists. Attro says: Email is taken.',
  );
});

it('an external ID with other values is explained', async () => {
  attro().post('/api/v1/conversions').reply(409, { error: 'Idempotency-Key was reused' });
  const error = await errorOf(create('record_conversion', INPUTS.record_conversion));
  expect(messageOf(error).message).toMatch(
    /A conversion with this External ID was recorded before with other values\. .*Attro says: Idempotency-Key was reused\.$/,
  );
});

it('a record that is gone is named by the label of its field', async () => {
  attro().patch('/api/v1/conversions/conv_1').reply(404, { error: 'Not found' });
  const error = await errorOf(create('update_conversion_status', INPUTS.update_conversion_status));
  expect(messageOf(error).message).toBe(
    'Attro could not update the conversion. It has nothing by the ID in Conversion: that may have been ' +
      'deleted since, or belong to another account. Pick it from the list, or find it with the step Find ' +
      'Conversion.',
  );
});

it('a detail deep in a field is told with the label and the rest of its path', async () => {
  const details = [
    { path: ['metadata', 'plan'], message: 'is too long' },
    { path: ['constructor'], message: 'is unknown' },
  ];
  attro().post('/api/v1/conversions').reply(422, { details });
  const error = await errorOf(create('record_conversion', INPUTS.record_conversion));
  expect(messageOf(error).message).toContain(
    'Attro says: Metadata.plan: is too long; constructor: is unknown.',
  );
});
