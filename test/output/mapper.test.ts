import { describe, expect, it } from '@jest/globals';
import { EVENT_NAMES, EVENTS, recordKind } from '../../attro/contract.ts';
import { outputFieldsOf, type Shape } from '../../output/fields.ts';
import { createMapper } from '../../output/mapper.ts';
import { sample } from '../support/deliveries.ts';

const occasion = { timestamp: '2026-01-26T10:30:00Z', baseUrl: 'https://get-attro.com' };
const map = createMapper('affiliate.created');

/** What an affiliate of which Attro sends nothing but the id is mapped to. */
const NOTHING = {
  id: 'aff_1',
  event: 'affiliate.created',
  occurred_at: '2026-01-26T10:30:00Z',
  attro_url: 'https://get-attro.com/affiliates/aff_1',
  affiliate_id: 'aff_1',
  affiliate_name: null,
  affiliate_first_name: null,
  affiliate_last_name: null,
  affiliate_email: null,
  affiliate_company: null,
  affiliate_type: null,
  affiliate_status: null,
  affiliate_website: null,
  created_at: null,
};

describe('a field that is declared', () => {
  it('is not passed on a second time under the name it came with', () => {
    const record = { id: 'aff_1', display_name: 'Jane', email: 'j@example.com', url: 'nonsense' };
    expect(map(record, occasion)).toEqual({
      fields: {
        ...NOTHING,
        affiliate_name: 'Jane',
        affiliate_first_name: 'Jane',
        affiliate_email: 'j@example.com',
      },
      leftOut: 0,
    });
  });

  it('takes the parts of a name from where they are sent, before the words of the whole', () => {
    const record = { id: 'aff_1', display_name: 'Doe, J.', first_name: 'Jane', last_name: 'Doe' };
    expect(map(record, occasion)).toEqual({
      fields: {
        ...NOTHING,
        affiliate_name: 'Doe, J.',
        affiliate_first_name: 'Jane',
        affiliate_last_name: 'Doe',
      },
      leftOut: 0,
    });
  });

  it('takes a list of plain values as one text', () => {
    expect(
      map({ id: 'aff_1', website: ['https://a.example', 'https://b.example'] }, occasion),
    ).toEqual({
      fields: { ...NOTHING, affiliate_website: 'https://a.example, https://b.example' },
      leftOut: 0,
    });
  });

  it.each([
    [{ id: 'aff_1', website: [{ url: 'https://a.example' }] }, 'website_1_url'],
    [{ id: 'aff_1', website: { url: 'https://a.example' } }, 'website_url'],
  ])('is empty where something nested came, which is passed on: %j', (record, key) => {
    expect(map(record, occasion)).toEqual({
      fields: { ...NOTHING, [key]: 'https://a.example' },
      leftOut: 0,
    });
  });
});

it('counts what found no place', () => {
  expect(map({ id: 'aff_1', affiliate_name: 'taken', extra: 1 }, occasion)).toEqual({
    fields: { ...NOTHING, extra: 1 },
    leftOut: 1,
  });
});

describe('a record that was found or written', () => {
  const keysOf = (shape: Shape): string[] => outputFieldsOf(shape).map(({ key }) => key);

  it.each(['affiliate', 'conversion', 'payout'] as const)(
    '%s has every field of its events, but their name and time, and no other',
    (kind) => {
      const events = EVENT_NAMES.filter((event) => recordKind(EVENTS[event].family) === kind);
      const ofEvents = new Set(events.flatMap(keysOf));
      ofEvents.delete('event');
      ofEvents.delete('occurred_at');
      expect(new Set(keysOf(kind))).toEqual(ofEvents);
      expect(new Set(keysOf(kind)).size).toBe(keysOf(kind).length);
    },
  );

  it('reads a conversion as its deliveries are read, with null for what only some of them tell', () => {
    const { data } = sample('conversion.created');
    const { fields: delivered } = createMapper('conversion.created')(data, occasion);
    const { event: _event, occurred_at: _time, ...rest } = delivered;
    expect(createMapper('conversion')(data, occasion).fields).toEqual({
      ...rest,
      previous_status: null,
      rejection_reason: null,
      fraud_score: null,
      fraud_threshold: null,
      fraud_reasons: null,
    });
  });

  it.each([
    [{ offer: { id: 'off_1', name: 'Pro' } }, 'off_1', 'Pro'],
    [{ offer_id: 'off_1', offer_name: 'Pro' }, 'off_1', 'Pro'],
    [{ offer: null }, null, null],
    [{}, null, null],
  ])('reads a tracking link with the offer %j', (offer, offer_id, offer_name) => {
    const link = { id: 'link_1', code: 'abc', url: 'https://get-attro.com/r/abc', ...offer };
    expect(createMapper('tracking_link')(link, occasion).fields).toMatchObject({
      id: 'link_1',
      tracking_link_id: 'link_1',
      tracking_code: 'abc',
      tracking_url: 'https://get-attro.com/r/abc',
      affiliate_id: null,
      offer_id,
      offer_name,
      created_at: null,
    });
  });
});
