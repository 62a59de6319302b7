import { describe, expect, it } from '@jest/globals';
import { MAX_EXTRA_FIELDS } from '../../output/flatten.ts';
import { callTrigger, errorOf, messageOf } from '../support/app.ts';
import { receivedSigned, sampleWith } from '../support/deliveries.ts';

const MB = 1024 * 1024;

async function deliver(body: string) {
  return callTrigger('new_conversion', 'perform', await receivedSigned(body));
}

describe('a large delivery', () => {
  it.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
  ])(
    'of 10 MB with millions of nested %s is refused with the reason',
    async (_name, open, close) => {
      const depth = Math.floor((9.9 * MB) / (open.length + close.length));
      const deep = `${open.repeat(depth)}1${close.repeat(depth)}`;
      const body = sampleWith('conversion.created', { deep: 0 });
      const error = await errorOf(deliver(body.replace('"deep":0', `"deep":${deep}`)));
      expect(messageOf(error).message).toMatch(/nested more than 100 levels deep/);
    },
  );

  it('of 10 MB nested as deep as is allowed is handled', async () => {
    const branch = JSON.parse(`${'['.repeat(90)}1${']'.repeat(90)}`) as unknown;
    const size = JSON.stringify(branch).length + 1;
    const deep = Array<unknown>(Math.floor((9.9 * MB) / size)).fill(branch);
    const { results } = await deliver(sampleWith('conversion.created', { deep }));
    expect(results).toHaveLength(1);
    expect(Object.keys(results[0] ?? {}).length).toBeLessThan(40);
  });

  it('with 10,000 keys of metadata yields a bounded number of fields and says that it cut', async () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`key_${index}`, index]),
    );
    const { results, logs } = await deliver(sampleWith('conversion.created', { metadata }));
    const keys = Object.keys(results[0] ?? {});
    expect(keys.filter((key) => key.startsWith('metadata_key_'))).toHaveLength(MAX_EXTRA_FIELDS);
    expect(results[0]?.['metadata_summary']).toMatch(/^key_0: 0, .*, and 9980 more$/);
    expect(logs.join('\n')).toMatch(/Cut: the delivery has 9900 values more than a Zap can show/);
  });

  it('with one very long text keeps its beginning', async () => {
    const { results } = await deliver(
      sampleWith('conversion.created', { note: 'x'.repeat(MB), customer_email: 'y'.repeat(MB) }),
    );
    expect(String(results[0]?.['note'])).toHaveLength(50_001);
    expect(results[0]?.['note']).toMatch(/x…$/);
    expect(String(results[0]?.['customer_email'])).toHaveLength(50_001);
  });
});
