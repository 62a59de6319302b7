import { describe, expect, it } from '@jest/globals';
import { createMapper } from '../../output/mapper.ts';

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
