import { describe, expect, it } from '@jest/globals';
import { BASE_URL, callTrigger, errorOf, messageOf, type Flat } from '../support/app.ts';
import { receivedSigned, sample, sampleWith, SECRET } from '../support/deliveries.ts';

async function deliver(body: string): Promise<Flat | undefined> {
  const { results } = await callTrigger('new_conversion', 'perform', await receivedSigned(body));
  return results[0];
}

const { event, timestamp, data } = sample('conversion.created');
const { id: _id, ...withoutId } = data;

it('a byte order mark before the JSON is skipped, and signed with the rest', async () => {
  const text = `\ufeff${sampleWith('conversion.created', {})}`;
  expect(await deliver(text)).toMatchObject({ conversion_id: 'conv_abc123' });
});

const NOT_JSON = 'its body is not JSON';
const NO_ENVELOPE = 'its body should be an object with event, timestamp and data';
const NO_EVENT = 'the field "event" should be the name of an event, as text';
const NO_DATA = 'the field "data" should be an object with the record';
const NO_ID = 'the field "data.id" should be the id of the record, as text or a number';

describe('a genuine delivery that cannot be read raises an error that names the field', () => {
  it.each([
    ['nothing', '', NOT_JSON],
    ['no JSON', 'customer@example.com', NOT_JSON],
    ['JSON cut short', '{"event":"conversion.created"', NOT_JSON],
    ['a text', '"customer@example.com"', NO_ENVELOPE],
    ['a list', '[]', NO_ENVELOPE],
    ['null', 'null', NO_ENVELOPE],
    ['no event', JSON.stringify({ data }), NO_EVENT],
    ['neither event nor data', '{}', `${NO_EVENT}, and ${NO_DATA}`],
    ['no data', JSON.stringify({ event }), NO_DATA],
    ['data that is a list', JSON.stringify({ event, data: [data] }), NO_DATA],
    ['no id', JSON.stringify({ event, timestamp, data: withoutId }), NO_ID],
    ['an empty id', sampleWith('conversion.created', { id: '' }), NO_ID],
    ['an id of no use', sampleWith('conversion.created', { id: { at: 'customer@x.com' } }), NO_ID],
  ])('%s', async (_name, body, expected) => {
    const error = await errorOf(deliver(body));
    expect(messageOf(error)).toMatchObject({
      message: `A delivery from Attro could not be read: ${expected}.`,
      code: 'unreadable_delivery',
    });
    expect(`${error.message}${error.stack ?? ''}`).not.toContain('customer@');
    expect(`${error.message}${error.stack ?? ''}`).not.toContain(SECRET);
  });
});

describe('a genuine delivery is accepted', () => {
  const nulls = Object.fromEntries(Object.keys(withoutId).map((key) => [key, null]));

  it.each([
    ['missing', { event, data: { id: 7 } }],
    ['null', { event, timestamp: null, data: { ...nulls, id: 7 } }],
  ])('with everything optional %s', async (_name, body) => {
    const fields = (await deliver(JSON.stringify(body))) ?? {};
    const { id, conversion_id, event: name, attro_url, ...rest } = fields;
    expect([id, conversion_id, name]).toEqual(['7', '7', event]);
    expect(attro_url).toBe(`${BASE_URL}/conversions/7`);
    expect(Object.keys(rest).length).toBeGreaterThan(10);
    expect(Object.values(rest).filter((value) => value !== null)).toEqual([]);
  });

  it.each<[sent: Record<string, unknown>, read: Record<string, unknown>]>([
    [
      { status: 'on_hold', vip: true },
      { status: 'on_hold', vip: true },
    ],
    [{ amount: '99.00' }, { amount: 99, amount_formatted: '$99.00' }],
    [{ amount: 'a lot' }, { amount: null, amount_formatted: null }],
    [{ amount: 1e21 }, { amount: 1e21 }],
    [
      { affiliate_id: 12, affiliate_name: 7 },
      { affiliate_id: '12', affiliate_name: '7' },
    ],
    [{ affiliate_name: '' }, { affiliate_name: '', affiliate_first_name: null }],
    [{ affiliate_first_name: 'J.' }, { affiliate_first_name: 'J.', affiliate_last_name: 'Smith' }],
    [{ created_at: '2026-01-26' }, { created_at: '2026-01-26T00:00:00Z' }],
    [{ created_at: 'yesterday' }, { created_at: null }],
    [{ device: { screen: { width: 390 } } }, { device_screen_width: 390 }],
    [{ customer_email: { home: 'a@b.c' } }, { customer_email: null, customer_email_home: 'a@b.c' }],
    [{ metadata: 'gift' }, { metadata: 'gift', metadata_summary: 'gift' }],
    [{ metadata: {} }, { metadata_summary: null }],
    // A field of Attro's that is named like a declared one.
    [
      { amount_formatted: 'x', event: 'y' },
      { amount_formatted: '$99.00', event },
    ],
    // An address of Attro's own, and one that would run.
    [{ url: 'https://attro.app/c/1' }, { attro_url: 'https://attro.app/c/1' }],
    [{ url: 'javascript:alert(1)' }, { attro_url: `${BASE_URL}/conversions/conv_abc123` }],
  ])('with %j, which reads %j', async (sent, read) => {
    expect(await deliver(sampleWith('conversion.created', sent))).toMatchObject(read);
  });

  it('with a number that JSON allows and computers do not', async () => {
    const body = sampleWith('conversion.created', {}).replace('"amount":99', '"amount":1e999');
    expect(await deliver(body)).toMatchObject({ amount: null, amount_formatted: null });
  });

  it('with __proto__ and constructor among its fields, which do no harm', async () => {
    const body = sampleWith('conversion.created', {}).replace(
      '"metadata":{',
      '"__proto__":{"polluted":true},"constructor":"x","metadata":{"__proto__":"y","constructor":{"prototype":{"polluted":1}},',
    );
    const fields = await deliver(body);
    expect(fields).toMatchObject({ conversion_id: 'conv_abc123', metadata_plan: 'pro' });
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    expect(Object.hasOwn(fields ?? {}, 'constructor')).toBe(false);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
