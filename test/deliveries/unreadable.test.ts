import { describe, expect, it } from '@jest/globals';
import { callTrigger, errorOf, messageOf, type Flat } from '../support/app.ts';
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

describe('a genuine delivery that cannot be read raises an error that names the field', () => {
  it.each([
    ['nothing', '', 'its body is not JSON.'],
    ['no JSON', 'customer@example.com', 'its body is not JSON.'],
    ['JSON cut short', '{"event":"conversion.created"', 'its body is not JSON.'],
    [
      'a text',
      '"customer@example.com"',
      'its body should be an object with event, timestamp and data.',
    ],
    ['a list', '[]', 'its body should be an object with event, timestamp and data.'],
    ['null', 'null', 'its body should be an object with event, timestamp and data.'],
    [
      'no event',
      JSON.stringify({ data }),
      'the field "event" should be the name of an event, as text.',
    ],
    [
      'neither event nor data',
      '{}',
      'the field "event" should be the name of an event, as text, and the field "data" should be an object with the record.',
    ],
    ['no data', JSON.stringify({ event }), 'the field "data" should be an object with the record.'],
    [
      'data that is a list',
      JSON.stringify({ event, data: [data] }),
      'the field "data" should be an object with the record.',
    ],
    [
      'no id',
      JSON.stringify({ event, timestamp, data: withoutId }),
      'the field "data.id" should be the id of the record, as text or a number.',
    ],
    [
      'an empty id',
      sampleWith('conversion.created', { id: '' }),
      'the field "data.id" should be the id of the record, as text or a number.',
    ],
    [
      'an id that is an object',
      sampleWith('conversion.created', { id: { value: 'customer@example.com' } }),
      'the field "data.id" should be the id of the record, as text or a number.',
    ],
  ])('%s', async (_name, body, expected) => {
    const error = await errorOf(deliver(body));
    expect(messageOf(error)).toMatchObject({
      message: `A delivery from Attro could not be read: ${expected}`,
      code: 'unreadable_delivery',
    });
    expect(`${error.message}${error.stack ?? ''}`).not.toContain('customer@');
    expect(`${error.message}${error.stack ?? ''}`).not.toContain(SECRET);
  });
});

describe('a genuine delivery is accepted', () => {
  it('with everything optional missing', async () => {
    const fields = await deliver(JSON.stringify({ event, data: { id: 'conv_1' } }));
    expect(fields).toMatchObject({ id: 'conv_1', conversion_id: 'conv_1', event });
    const rest = Object.entries(fields ?? {}).filter(
      ([key]) => !['id', 'conversion_id', 'event', 'attro_url'].includes(key),
    );
    expect(rest.length).toBeGreaterThan(10);
    expect(rest.filter(([, value]) => value !== null)).toEqual([]);
  });

  it('with everything optional null', async () => {
    const nulls = Object.fromEntries(Object.keys(withoutId).map((key) => [key, null]));
    const fields = await deliver(
      JSON.stringify({ event, timestamp: null, data: { ...nulls, id: 7 } }),
    );
    expect(fields).toMatchObject({ id: '7', affiliate_name: null, amount: null, created_at: null });
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['a status that nobody knows', { status: 'on_hold' }, { status: 'on_hold' }],
    [
      'numeric texts',
      { amount: '99.00', commission_amount: ' 19.8 ' },
      { amount: 99, amount_formatted: '$99.00', commission: 19.8 },
    ],
    ['a huge number', { amount: 1e21 }, { amount: 1e21 }],
    ['text where a number belongs', { amount: 'a lot' }, { amount: null, amount_formatted: null }],
    [
      'empty texts',
      { affiliate_name: '', customer_email: '' },
      { affiliate_name: '', affiliate_first_name: null, customer_email: '' },
    ],
    [
      'numbers where texts belong',
      { affiliate_id: 12, affiliate_name: 7 },
      { affiliate_id: '12', affiliate_name: '7' },
    ],
    [
      'a date with an offset',
      { created_at: '2026-01-26T12:00:00+02:00' },
      { created_at: '2026-01-26T12:00:00+02:00' },
    ],
    [
      'a date without a zone',
      { created_at: '2026-01-26 12:00:00' },
      { created_at: '2026-01-26T12:00:00Z' },
    ],
    ['a date alone', { created_at: '2026-01-26' }, { created_at: '2026-01-26T00:00:00Z' }],
    ['a date that is none', { created_at: 'yesterday' }, { created_at: null }],
    [
      'an e-mail in another script',
      { customer_email: 'почта@пример.рф' },
      { customer_email: 'почта@пример.рф' },
    ],
    [
      'an unknown plain field',
      { channel: 'newsletter', vip: true },
      { channel: 'newsletter', vip: true },
    ],
    [
      'an unknown nested field',
      { device: { os: 'iOS', screen: { width: 390 } } },
      { device_os: 'iOS', device_screen_width: 390 },
    ],
    [
      'a nested value where a plain one belongs',
      { customer_email: { home: 'a@example.com' } },
      { customer_email: null, customer_email_home: 'a@example.com' },
    ],
    [
      'a name part that Attro sends',
      { affiliate_first_name: 'Johnny' },
      { affiliate_first_name: 'Johnny', affiliate_last_name: 'Smith' },
    ],
    [
      'an address of its own',
      { url: 'https://app.get-attro.com/c/1' },
      { attro_url: 'https://app.get-attro.com/c/1' },
    ],
    [
      'an address that would run',
      { url: 'javascript:alert(1)' },
      { attro_url: 'https://get-attro.com/conversions/conv_abc123' },
    ],
    [
      'metadata that is a text',
      { metadata: 'gift' },
      { metadata_summary: 'gift', metadata: 'gift' },
    ],
    ['no metadata', { metadata: {} }, { metadata_summary: null }],
    [
      'a field named like a declared one',
      { amount_formatted: 'x', event: 'y' },
      { amount_formatted: '$99.00', event },
    ],
  ])('with %s', async (_name, change, expected) => {
    expect(await deliver(sampleWith('conversion.created', change))).toMatchObject(expected);
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
