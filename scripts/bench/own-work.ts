import { createHmac } from 'node:crypto';
import type { Bundle, ZObject } from 'zapier-platform-core';
import { median } from 'simple-statistics';
import { DEFAULT_BASE_URL } from '../../attro/contract.ts';
import { parseDelivery } from '../../deliveries/delivery.ts';
import { findSignatureProblem } from '../../deliveries/signature.ts';
import { createMapper } from '../../output/mapper.ts';
import { receivedSigned, SECRET } from '../../test/support/deliveries.ts';
import { judgeDelivery } from '../../triggers/filters.ts';
import { createPerform } from '../../triggers/perform.ts';
import { TRIGGER_TABLE } from '../../triggers/table.ts';
import { deliveryBody, TRIGGER_KEY } from './deliveries.ts';

/** What the integration's own code does with a delivery. */
export const STAGES = ['verification', 'reading', 'mapping', 'filtering'] as const;

/** In bytes. */
const SIZES = [1_000, 100_000, 10_000_000];

/** What makes a delivery large. An entry of metadata has 37 bytes. */
const FILLINGS: Readonly<Record<string, (size: number) => Record<string, unknown>>> = {
  'many metadata entries': (size) => {
    const names = Array.from({ length: Math.floor(size / 37) }, (_, at) => `entry${at + 1e7}`);
    return { metadata: Object.fromEntries(names.map((name) => [name, 'a value of twenty.'])) };
  },
  'one long text': (size) => ({ note: 'x'.repeat(size) }),
};

/** Measures the documented delivery first, then larger ones. */
export async function measureOwnWork(): Promise<OwnWork[]> {
  const work = [await measureDelivery('as documented', deliveryBody(1))];
  for (const [shape, filling] of Object.entries(FILLINGS)) {
    for (const size of SIZES) {
      const extra = filling(size - deliveryBody(1).length);
      work.push(await measureDelivery(shape, deliveryBody(1, extra)));
    }
  }
  return work;
}

/** Sizes in kB, and times in microseconds: of each part batch by batch, and the sum of the stages. */
export type OwnWork = Awaited<ReturnType<typeof measureDelivery>>;

async function measureDelivery(shape: string, body: string) {
  const row = TRIGGER_TABLE.find(({ key }) => key === TRIGGER_KEY);
  const reading = parseDelivery(body);
  if (!row || 'problem' in reading) throw new Error('The delivery cannot be read.');
  const { data, timestamp } = reading.delivery;
  const occasion = { timestamp, baseUrl: DEFAULT_BASE_URL };
  const map = createMapper(row.event);
  const { fields } = map(data, occasion);
  const perform = createPerform(row, map);
  // Filters as a careful user fills them in, and as much of `z` as a new delivery needs.
  const inputData = { offer_id: 'off_def456', min_amount: '50', currency: 'USD' };
  const z = { cache: { set: () => Promise.resolve(true) }, console: { log: () => undefined } };
  const bundle = (await receivedSigned(body, { inputData })) as unknown as Bundle;
  const headers: unknown = bundle.rawRequest?.headers;
  const hmac = (): Buffer => createHmac('sha256', SECRET).update(body).digest();
  const times = {
    verification: await timesOf(() => findSignatureProblem(body, headers, SECRET)),
    reading: await timesOf(() => parseDelivery(body)),
    // One record again and again, whose keys are looked up once; the whole function starts from the bytes.
    mapping: await timesOf(() => map(data, occasion)),
    filtering: await timesOf(() => judgeDelivery(row.filters, fields, inputData, {})),
    // With a cache that answers at once.
    whole: await timesOf(() => perform(z as unknown as ZObject, bundle)),
    // What cannot be left out.
    floor: await timesOf(() => [hmac(), JSON.parse(body) as unknown]),
  };
  const sum = STAGES.reduce((so, stage) => so + median(times[stage]), 0);
  const size = Buffer.byteLength(body) / 1000;
  return { shape, size, sum, perKb: sum / size, times };
}

/** The time of a call in microseconds, batch by batch of 2 ms, once its code is compiled. */
async function timesOf(call: () => unknown): Promise<number[]> {
  const times: number[] = [];
  const from = performance.now() + 300;
  let calls = 1;
  while (times.length < 7 || performance.now() < from + 400) {
    const before = performance.now();
    for (let index = 0; index < calls; index += 1) await call();
    const took = performance.now() - before;
    if (took < 2) calls *= 2;
    else if (before > from) times.push((took / calls) * 1000);
  }
  return times;
}
