import { describe, expect, it } from '@jest/globals';
import { call, errorOf } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { sample } from '../support/deliveries.ts';

mockNetwork();

interface Field {
  key: string;
  label: string;
  type: string;
}

const OUTPUT_FIELDS = 'triggers.conversion_approved.operation.outputFields';
const { data } = sample('conversion.created');

function recentConversions(metadata: unknown[]) {
  attro()
    .get('/api/v1/conversions')
    .query({ limit: 100 })
    .reply(
      200,
      metadata.map((entry, index) => ({ ...data, id: `conv_${index}`, metadata: entry })),
    );
}

async function metadataFields(): Promise<Field[]> {
  const { results } = await call<Field[]>(OUTPUT_FIELDS);
  return results.filter(({ key }) => key.startsWith('metadata_') && key !== 'metadata_summary');
}

describe("the metadata of the account's recent conversions", () => {
  it('can be mapped under readable names, with its types', async () => {
    recentConversions([
      { plan: 'pro', seats: 5, 'utm source': 'x' },
      { plan: 'team', seats: 12, nested: { deep: 1 }, mixed: 1 },
      { mixed: 'one', none: null },
      null,
    ]);
    expect(await metadataFields()).toEqual([
      { key: 'metadata_plan', label: 'Metadata Plan', type: 'string' },
      { key: 'metadata_seats', label: 'Metadata Seats', type: 'number' },
      { key: 'metadata_utm_source', label: 'Metadata Utm Source', type: 'string' },
      { key: 'metadata_nested_deep', label: 'Metadata Nested Deep', type: 'number' },
      { key: 'metadata_mixed', label: 'Metadata Mixed', type: 'string' },
      { key: 'metadata_none', label: 'Metadata None', type: 'string' },
    ]);
  });

  it('comes beside the declared fields, which do not change', async () => {
    recentConversions([{ summary: 'x' }]);
    const { results } = await call<Field[]>(OUTPUT_FIELDS);
    expect(results.filter(({ key }) => key === 'metadata_summary')).toHaveLength(1);
    expect(results.map(({ key }) => key)).toContain('amount_formatted');
  });

  it.each([403, 500])('is left out without a fuss when Attro answers %i', async (status) => {
    attro().get('/api/v1/conversions').query(true).reply(status, 'no');
    const { results, logs } = await call<Field[]>(OUTPUT_FIELDS);
    expect(results.map(({ key }) => key)).toContain('metadata_summary');
    expect(logs.join('\n')).toMatch(/metadata of recent conversions could not be loaded/);
  });

  it('lets Zapier refresh an expired token', async () => {
    attro().get('/api/v1/conversions').query(true).reply(401, {});
    expect((await errorOf(call(OUTPUT_FIELDS))).name).toBe('RefreshAuthError');
  });

  it('is not looked for where there is none', async () => {
    const { results } = await call<Field[]>('triggers.payout_sent.operation.outputFields');
    expect(results.map(({ key }) => key)).not.toContain('metadata_summary');
  });
});
