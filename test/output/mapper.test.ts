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

/** What a record with nothing but its id and these fields is mapped to, and how many are left out. */
function mapped(fields: Record<string, unknown>) {
  return map({ id: 'aff_1', ...fields }, occasion);
}

const result = (fields: Record<string, unknown>, leftOut = 0) => ({
  fields: { ...NOTHING, ...fields },
  leftOut,
});

describe('a field that is declared', () => {
  it('is not passed on a second time under the name it came with', () => {
    const names = { affiliate_name: 'Jane', affiliate_first_name: 'Jane' };
    expect(mapped({ display_name: 'Jane', email: 'j@example.com', url: 'nonsense' })).toEqual(
      result({ ...names, affiliate_email: 'j@example.com' }),
    );
  });

  it('takes the parts of a name from where they are sent, before the words of the whole', () => {
    const parts = { affiliate_first_name: 'Jane', affiliate_last_name: 'Doe' };
    expect(mapped({ display_name: 'Doe, J.', first_name: 'Jane', last_name: 'Doe' })).toEqual(
      result({ ...parts, affiliate_name: 'Doe, J.' }),
    );
  });

  it('takes a list of plain values as one text', () => {
    expect(mapped({ website: ['https://a.example', 'https://b.example'] })).toEqual(
      result({ affiliate_website: 'https://a.example, https://b.example' }),
    );
  });

  it.each([
    [{ website: [{ url: 'https://a.example' }] }, 'website_1_url'],
    [{ website: { url: 'https://a.example' } }, 'website_url'],
  ])('is empty where something nested came, which is passed on: %j', (record, key) => {
    expect(mapped(record)).toEqual(result({ [key]: 'https://a.example' }));
  });
});

it('counts what found no place', () => {
  expect(mapped({ affiliate_name: 'taken', extra: 1 })).toEqual(result({ extra: 1 }, 1));
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
