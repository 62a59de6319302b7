import { describe, expect, it } from '@jest/globals';
import type { PlainInputField } from 'zapier-platform-core';
import { CREATE_TABLE } from '../../creates/table.ts';
import type { ChoicesPage } from '../../inputs/pickers.ts';
import { SEARCH_TABLE } from '../../searches/table.ts';
import { app, call } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';

mockNetwork();

/** Every input of every step, by its path in the definition. */
const inputs = (['triggers', 'searches', 'creates'] as const).flatMap((kind) =>
  Object.values<{ key: string; operation: { inputFields: readonly PlainInputField[] } }>(
    app[kind],
  ).flatMap(({ key, operation }) =>
    operation.inputFields.map(
      (field, index) => [`${kind}.${key}.operation.inputFields.${index}`, field] as const,
    ),
  ),
);

describe('an input whose choices Attro lists is linked to what they are', () => {
  const listed = inputs.filter(([, { choices }]) => choices && 'perform' in choices);

  it.each(listed)('%s', async (path, { key, resource }) => {
    attro()
      .get(`/api/v1/${resource}s`)
      .query(true)
      .reply(200, { data: [{ id: 'x_1' }], next_cursor: null });
    const { results } = await call<ChoicesPage>(`${path}.choices.perform`);
    expect(results.results.map(({ id }) => id)).toEqual(['x_1']);
    expect(`${resource}_id`).toBe(key);
  });
});

/** What a form shows as an example, the same wherever the input is. Of the others the label says enough. */
const EXAMPLES: Readonly<Record<string, string>> = {
  email: 'jane@example.com',
  display_name: 'Jane Doe',
  website: 'https://acme.com',
  amount: '99.90',
  currency: 'USD',
  external_id: 'order_1001',
  customer_email: 'customer@example.com',
  reason: 'The order was refunded',
  method: 'paypal',
  min_amount: '500',
};

describe('an input shows as an example what it takes', () => {
  it.each(inputs)('%s', (_path, { key, placeholder }) => {
    expect(placeholder).toBe(EXAMPLES[key]);
  });

  const read = [...SEARCH_TABLE, ...CREATE_TABLE].flatMap((row) =>
    row.inputs.map((input) => [row.key, input.field.key, input] as const),
  );

  it.each(read.filter(([, key]) => key in EXAMPLES))('%s %s', (_step, key, input) => {
    expect(input.read(EXAMPLES[key])).toHaveProperty('value');
  });
});
