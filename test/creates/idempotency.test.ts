import { describe, expect, it } from '@jest/globals';
import { create } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { sample } from '../support/deliveries.ts';

mockNetwork();

const { data: conversion } = sample('conversion.created');
const INPUT = { affiliate_id: 'aff_1', amount: 5, currency: 'USD', external_id: 'order_1' };

/** The key that a conversion is recorded with. */
async function keyOf(
  inputData: Record<string, unknown>,
  authData?: Record<string, string>,
): Promise<string> {
  const keys: string[] = [];
  attro()
    .post('/api/v1/conversions')
    .matchHeader('idempotency-key', (value) => keys.push(String(value)) > 0)
    .reply(201, conversion);
  await create('record_conversion', inputData, authData);
  return keys[0] ?? '';
}

describe('a conversion is recorded with an Idempotency-Key', () => {
  it('that is a digest and tells nothing', async () => {
    const key = await keyOf(INPUT);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    // For ever: the same conversion must have the same key after an update of the integration.
    expect(key).toBe('089f66165c6f99aad061b612e02e5e4755ac1597adb2394f377eadf352d62928');
  });

  it('that is the same for the same account and external ID, whatever the token and the rest', async () => {
    const key = await keyOf(INPUT);
    expect(await keyOf({ ...INPUT, external_id: ' order_1 ' })).toBe(key);
    expect(await keyOf({ ...INPUT, amount: 6 })).toBe(key);
  });

  it('that is another for another external ID, and for another account', async () => {
    const key = await keyOf(INPUT);
    expect(await keyOf({ ...INPUT, external_id: 'order_2' })).not.toBe(key);
    expect(await keyOf(INPUT, { account_id: 'org_other' })).not.toBe(key);
  });
});

it('an action that runs again, also at the same time, sends the very same request', async () => {
  const keys: string[] = [];
  const bodies: unknown[] = [];
  attro()
    .post('/api/v1/conversions', (body: unknown) => bodies.push(body) > 0)
    .matchHeader('idempotency-key', (value) => keys.push(String(value)) > 0)
    .times(3)
    .reply(201, conversion);
  await Promise.all([create('record_conversion', INPUT), create('record_conversion', INPUT)]);
  await create('record_conversion', { ...INPUT, amount: '5.0', currency: ' usd ' });
  expect(bodies.length).toBeGreaterThanOrEqual(3);
  expect(new Set(keys).size).toBe(1);
  for (const body of bodies) expect(body).toEqual(INPUT);
});

it('no other action sends one', async () => {
  attro({ badheaders: ['idempotency-key'] })
    .post('/api/v1/affiliates')
    .reply(201, { id: 'aff_1' });
  const created = await create('create_affiliate', { email: 'j@example.com', display_name: 'J' });
  expect(created['id']).toBe('aff_1');
});
