import { describe, expect, it } from '@jest/globals';
import { isDifferent } from '../../conformance/report.ts';
import { changeJson, everyField, isList, type Deviation } from './deviating.ts';
import { useWalker } from './walks.ts';

const walker = useWalker();

const AMOUNTS = ['amount', 'commission_amount'];

/** Whole amounts in lists, whatever else they are. */
const WHOLE_IN_LISTS: Deviation = {
  gives: (given, asked) => {
    const whole = (value: unknown): number => Math.ceil(Number(value));
    if (isList(asked)) changeJson(given, (json) => everyField(json, AMOUNTS, whole));
  },
};

const CASES: Readonly<Record<string, [deviation: Deviation, rows: readonly string[]]>> = {
  'an Idempotency-Key that is ignored': [
    {
      asks: ({ headers }) => {
        delete headers['idempotency-key'];
      },
    },
    [
      ...['writes.conversion.repeated', 'writes.conversion.conflict'],
      // It is there three times, then.
      ...['writes.conversion.found', 'writes.conversion.found-by-customer'],
    ],
  ],
  'a conversion in cents': [
    {
      gives: (given, { path }) => {
        const inCents = (value: unknown): number => Math.round(Number(value) * 100);
        if (path.startsWith('/api/v1/conversions')) {
          changeJson(given, (json) => everyField(json, AMOUNTS, inCents));
        }
      },
    },
    ['writes.conversion.amount', 'conversions.amounts'],
  ],
  'an amount as text': [
    {
      gives: (given, { method }) => {
        if (method === 'POST') changeJson(given, (json) => everyField(json, AMOUNTS, String));
      },
    },
    ['~writes.conversion.amount'],
  ],
  'another status for what exists already': [
    {
      gives: (given) => {
        if (given.status === 409) given.status = 400;
      },
    },
    ['writes.affiliate.taken', 'writes.conversion.conflict'],
  ],
  '200 for what was made': [
    {
      gives: (given, { path }) => {
        if (given.status === 201 && !path.includes('webhooks')) given.status = 200;
      },
    },
    ['writes.affiliate', 'writes.conversion', 'writes.conversion.repeated', 'writes.link'].map(
      (row) => `~${row}`,
    ),
  ],
  'a link without its offer': [
    {
      gives: (given, { path }) => {
        if (path.endsWith('/tracking-links')) {
          changeJson(given, (json) => ({ ...Object(json), offer: undefined }) as object);
        }
      },
    },
    ['writes.link.field.offer'],
  ],
  'changes that are told to nobody': [
    {
      asks: (asked) => {
        if (asked.path !== '/api/v1/webhooks' || !asked.body.includes('/changes"')) return;
        asked.body = asked.body.replace(/"events":\[[^\]]*\]/, '"events":["payout.failed"]');
      },
    },
    [
      ...['created', 'approved', 'suspended'].map((change) => `writes.event.affiliate.${change}`),
      ...['created', 'approved', 'rejected'].map((change) => `writes.event.conversion.${change}`),
    ],
  ],
};

describe('--writes', () => {
  it.each(Object.entries(CASES))(
    'names what a server does otherwise: %s',
    async (_name, [deviation, rows]) => {
      const { findings, differing } = await walker.walk(deviation, {
        ...{ writes: true, hook: { port: 0 }, timeoutMs: 2_000 },
      });
      expect(differing.sort()).toEqual([...rows].sort());
      expect(isDifferent(findings)).toBe(true);
    },
  );

  it('says what it makes before it does', async () => {
    const asked: string[] = [];
    let saidBefore = '';
    const { said } = await walker.walk(
      {
        asks: ({ method, path }) => {
          if (method === 'POST' && path === '/api/v1/affiliates') asked.push(saidBefore);
        },
      },
      { writes: true },
      (text) => {
        saidBefore += text;
      },
    );
    expect(said).toContain('makes an affiliate, two conversions and a tracking link, which stay');
    expect(asked[0]).toBe(said);
  });

  it('tells for sure whether amounts are in cents', async () => {
    const without = await walker.walk(WHOLE_IN_LISTS);
    expect(without.row('conversions.amounts')).toMatchObject({
      result: 'differs',
      came: expect.stringContaining('--writes') as unknown,
    });
    const sure = await walker.walk(WHOLE_IN_LISTS, { writes: true });
    expect(sure.row('conversions.amounts')).toMatchObject({ result: 'holds' });
    expect(sure.row('payouts.amounts')).toMatchObject({ result: 'differs' });
  });

  it('is not done unless it was asked for', async () => {
    const before = walker.sandbox().requests().length;
    const { findings } = await walker.walk();
    const asked = walker.sandbox().requests().slice(before);
    expect(
      asked.filter(({ method, path }) => method !== 'GET' && !path.startsWith('/api/v1/webhooks')),
    ).toEqual([]);
    const rows = findings.filter(({ id }) => id.startsWith('writes.'));
    expect(rows.map(({ result }) => result)).toEqual(rows.map(() => 'not tried'));
    expect(rows[0]).toMatchObject({ why: 'it was not asked for', option: '--writes' });
  });
});
