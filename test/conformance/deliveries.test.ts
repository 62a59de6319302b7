import { describe, expect, it } from '@jest/globals';
import { EVENT_NAMES } from '../../attro/contract.ts';
import { everyField } from './deviating.ts';
import { startRelay, type RelayParts } from './relay.ts';
import { useWalker, type Walked } from './walks.ts';

const walker = useWalker();

/** Walks with a hook on a free port, to which deliveries come by a relay. */
async function walkThrough(parts: RelayParts, settings = {}): Promise<Walked> {
  const relay = await startRelay(parts);
  try {
    return await walker.walk(relay.deviation, {
      hook: { port: 0 },
      waitForRetry: true,
      timeoutMs: 2_000,
      ...settings,
    });
  } finally {
    await relay.close();
  }
}

const eventRows = (prefix = ''): string[] =>
  EVENT_NAMES.filter((event) => event.startsWith(prefix)).map(
    (event) => `deliveries.event.${event}`,
  );

const coped = (rows: readonly string[]): string[] => rows.map((row) => `~${row}`);

/** What the deliveries of some events tell of the change. */
const FACTS = ['previous_status', 'rejection_reason', 'failure_reason'].map(
  (fact) => `deliveries.tells.${fact}`,
);

const CASES: Readonly<Record<string, [parts: RelayParts, rows: readonly string[]]>> = {
  'bytes that are written anew once they are signed': [
    {
      carries: (carried) => {
        carried.body = JSON.stringify(JSON.parse(carried.body));
      },
    },
    ['deliveries.signature'],
  ],
  'no signature': [
    {
      carries: ({ headers }) => {
        delete headers['x-attro-signature'];
      },
    },
    ['deliveries.signature'],
  ],
  'text, by its Content-Type': [
    {
      carries: ({ headers }) => {
        headers['content-type'] = 'text/plain';
      },
    },
    ['~deliveries.arrives'],
  ],
  'amounts as text': [
    {
      carries: ({ change }) => {
        change((delivery) => everyField(delivery, ['amount', 'commission_amount'], String));
      },
    },
    coped([...eventRows('conversion'), ...eventRows('payout'), ...eventRows('fraud')]),
  ],
  'an envelope with other names': [
    {
      carries: ({ change }) => {
        change(({ event, timestamp, data }) => ({ type: event, time: timestamp, object: data }));
      },
    },
    [...eventRows(), ...FACTS],
  ],
  'nothing about the change': [
    {
      carries: ({ change }) => {
        change((delivery) => {
          const {
            previous_status: _s,
            rejection_reason: _r,
            failure_reason: _f,
            ...data
          } = delivery.data;
          return { ...delivery, data };
        });
      },
    },
    FACTS,
  ],
  'no second attempt': [
    { answers: (status) => (status === 500 ? 200 : status) },
    ['deliveries.attempts'],
  ],
  'other bytes in the second attempt': [
    {
      carries: (carried) => {
        if (carried.before > 0) carried.body = `${carried.body} `;
      },
    },
    ['deliveries.attempts', '~deliveries.retried'],
  ],
  'no heed of a 410': [
    { answers: (status) => (status === 410 ? 200 : status) },
    ['~deliveries.gone'],
  ],
  'redirects that are followed': [{ follows: true }, ['~deliveries.moved']],
};

describe('a server that delivers otherwise', () => {
  it('has every row hold where nothing is otherwise', async () => {
    const { findings, differing } = await walkThrough({});
    expect(differing).toEqual([]);
    const tried = findings.filter(({ id }) => id.startsWith('deliveries.'));
    expect(tried.filter(({ result }) => result !== 'holds')).toEqual([]);
  });

  it.each(Object.entries(CASES))('is told so: %s', async (_name, [parts, rows]) => {
    const { differing } = await walkThrough(parts);
    expect(differing.sort()).toEqual([...rows].sort());
  });

  it('is told for what else a signature would be right', async () => {
    const { row } = await walkThrough({
      carries: (carried) => {
        carried.change((delivery) => delivery);
        carried.body = JSON.stringify(JSON.parse(carried.body), null, 3);
      },
    });
    expect(row('deliveries.signature').came).toBe(
      'affiliate.created: its signature does not match; it would for the body parsed and written anew',
    );
  });
});
