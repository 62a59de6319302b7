import { describe, expect, it } from '@jest/globals';
import { app, call, errorOf, messageOf } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { sample } from '../support/deliveries.ts';
import type { ChoicesPage } from '../../inputs/pickers.ts';

mockNetwork();

/** The path of a dropdown's function in the definition, as Zapier calls it. */
function choicesOf(inputKey: string): string {
  const { inputFields } = app.triggers.new_conversion.operation;
  const index = inputFields.findIndex(({ key }) => key === inputKey);
  return `triggers.new_conversion.operation.inputFields.${index}.choices.perform`;
}

describe('the dropdown of affiliates', () => {
  const jane = { display_name: 'Jane Doe', email: 'jane@example.com' };

  it('shows names and tells namesakes apart, never by a bare id', async () => {
    attro()
      .get('/api/v1/affiliates')
      .query({ limit: 100 })
      .reply(200, {
        data: [
          { ...jane, id: 'aff_1', company_name: 'Acme Corp' },
          { ...jane, id: 'aff_2' },
          { id: 'aff_3', email: 'only@example.com' },
          { id: 'aff_4' },
        ],
        next_cursor: null,
      });
    const { results } = await call<ChoicesPage>(choicesOf('affiliate_id'));
    expect(results).toEqual({
      results: [
        { id: 'aff_1', label: 'Jane Doe (Acme Corp)' },
        { id: 'aff_2', label: 'Jane Doe (jane@example.com)' },
        { id: 'aff_3', label: 'only@example.com' },
        { id: 'aff_4', label: 'Unnamed affiliate' },
      ],
      paging_token: null,
    });
  });

  it('loads page after page', async () => {
    const names: string[] = [];
    const pages = ['first', 'second', 'third'];
    for (const [index, name] of pages.entries()) {
      attro()
        .get('/api/v1/affiliates')
        .query({ limit: 100, ...(index > 0 && { cursor: `cursor-${index}` }) })
        .reply(200, {
          data: Array.from({ length: 100 }, (_, item) => ({
            id: `aff_${index}_${item}`,
            display_name: name,
          })),
          next_cursor: index < 2 ? `cursor-${index + 1}` : null,
        });
    }
    let token: string | null | undefined;
    do {
      const meta = token ? { paging_token: token } : undefined;
      const page = await call<ChoicesPage>(choicesOf('affiliate_id'), { meta });
      names.push(...page.results.results.map(({ label }) => label));
      token = page.results.paging_token;
    } while (token);
    expect(names).toHaveLength(300);
    expect([...new Set(names)]).toEqual(pages);
  });
});

describe('the dropdown of offers', () => {
  it('shows names', async () => {
    attro()
      .get('/api/v1/offers')
      .query({ limit: 100 })
      .reply(200, [{ id: 'off_1', name: 'Pro Plan' }, { id: 'off_2' }]);
    const { results } = await call<ChoicesPage>(choicesOf('offer_id'));
    expect(results.results).toEqual([
      { id: 'off_1', label: 'Pro Plan' },
      { id: 'off_2', label: 'Unnamed offer' },
    ]);
  });
});

describe('the dropdown of conversions', () => {
  const { inputFields } = app.creates.update_conversion_status.operation;
  const path = 'creates.update_conversion_status.operation.inputFields.0.choices.perform';

  it('shows the recent ones by customer and amount, with the day, page by page', async () => {
    attro()
      .get('/api/v1/conversions')
      .query({ limit: 100, cursor: 'c1' })
      .reply(200, {
        data: [sample('conversion.created').data, { id: 'conv_2', amount: '5' }, { id: 3 }],
        next_cursor: 'c2',
      });
    const { results } = await call<ChoicesPage>(path, { meta: { paging_token: 'c1' } });
    expect(results).toEqual({
      results: [
        { id: 'conv_abc123', label: 'customer@example.com, $99.00, 2026-01-26' },
        { id: 'conv_2', label: 'Unknown customer, 5.00' },
        { id: '3', label: 'Unknown customer' },
      ],
      paging_token: 'c2',
    });
  });

  it('and of affiliates in actions offer a search step that fills them', () => {
    const searchable = [inputFields, app.creates.record_conversion.operation.inputFields]
      .flat()
      .filter(({ choices }) => choices && 'perform' in choices)
      .map(({ key, search }) => [key, search]);
    expect(searchable).toEqual([
      ['conversion_id', 'find_conversion.id'],
      ['affiliate_id', 'find_affiliate.id'],
      ['offer_id', 'find_offer.id'],
    ]);
  });
});

it('the dropdown of payouts shows whose it is, the amount and the day', async () => {
  const path = 'searches.find_payout.operation.inputFields.0.choices.perform';
  const { data: payout } = sample('payout.completed');
  attro()
    .get('/api/v1/payouts')
    .query({ limit: 100 })
    .reply(200, [payout, { id: 'pay_2' }]);
  const { results } = await call<ChoicesPage>(path);
  expect(results.results).toEqual([
    { id: 'pay_abc123', label: 'John Smith, $523.40, 2026-01-26' },
    { id: 'pay_2', label: 'Unnamed affiliate' },
  ]);
});

it('a dropdown that cannot be loaded says why, and nothing of the connection', async () => {
  attro().get('/api/v1/affiliates').query(true).reply(403, {});
  const error = await errorOf(call(choicesOf('affiliate_id')));
  expect(messageOf(error).message).toMatch(/lacks the permission "affiliates:read"/);
  expect(error).toMatchObject({ doNotContextify: true });
});
