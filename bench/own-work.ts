import { createHmac } from 'node:crypto';
import type { Bundle, ZObject } from 'zapier-platform-core';
import { DEFAULT_BASE_URL } from '../attro/contract.ts';
import { parseDelivery } from '../deliveries/delivery.ts';
import { findSignatureProblem } from '../deliveries/signature.ts';
import { createMapper } from '../output/mapper.ts';
import { judgeAll } from '../triggers/filters.ts';
import { createPerform } from '../triggers/perform.ts';
import { TRIGGER_TABLE } from '../triggers/table.ts';
import { deliveryBody, SECRET, sign, TRIGGER_KEY } from './deliveries.ts';
import { spreadOf, type Spread } from './statistics.ts';

export const STAGES = ['verification', 'reading', 'mapping', 'filtering'] as const;

export type Stage = (typeof STAGES)[number];

/** What the integration's own code takes for one delivery, in microseconds. */
export interface OwnWork {
  /** What the delivery consists of mostly. */
  shape: string;
  /** The size of the body in bytes. */
  size: number;
  stages: Record<Stage, number>;
  /** The whole of the trigger's function, which also looks for duplicates in a cache that is at hand. */
  perform: Spread;
  /** What cannot be done without: Node's own HMAC and JSON.parse of the same body. */
  floor: number;
}

/** In bytes. */
const SIZES = [1_000, 100_000, 10_000_000];

/** A metadata entry as it is written below, with its quotes and comma. */
const BYTES_PER_ENTRY = 37;

/** Which part of a delivery makes it large. */
const SHAPES: Readonly<Record<string, (size: number) => Record<string, unknown>>> = {
  'many metadata entries': (size) => ({
    metadata: Object.fromEntries(
      Array.from({ length: Math.floor(size / BYTES_PER_ENTRY) }, (_, index) => [
        `entry_${String(index).padStart(7, '0')}`,
        'a value of twenty.',
      ]),
    ),
  }),
  'one long text': (size) => ({ note: 'x'.repeat(size) }),
};

/** Filters as a careful user fills them in. */
const INPUT_DATA = { offer_id: 'off_def456', min_amount: '50', currency: 'USD' };

/** Measures each stage alone and all together: first the documented delivery, then larger ones. */
export async function measureOwnWork(): Promise<OwnWork[]> {
  const work = [await measureDelivery('as documented', deliveryBody(1))];
  const bare = deliveryBody(1).length;
  for (const [shape, filling] of Object.entries(SHAPES)) {
    for (const size of SIZES) {
      work.push(await measureDelivery(shape, deliveryBody(1, filling(size - bare))));
    }
  }
  return work;
}

async function measureDelivery(shape: string, body: string): Promise<OwnWork> {
  const row = TRIGGER_TABLE.find(({ key }) => key === TRIGGER_KEY);
  if (!row) throw new Error(`There is no trigger ${TRIGGER_KEY}.`);
  const map = createMapper(row.event);
  const { content, headers } = sign(body);
  const reading = parseDelivery(content);
  if ('problem' in reading) throw new Error(`The delivery cannot be read: ${reading.problem}.`);
  const { delivery } = reading;
  const occasion = { timestamp: delivery.timestamp, baseUrl: DEFAULT_BASE_URL };
  const { fields } = map(delivery.data, occasion);
  const perform = createPerform(row, map);
  const bundle = {
    inputData: INPUT_DATA,
    subscribeData: { id: 'sub_1', secret: SECRET },
    rawRequest: { content, headers },
  } as unknown as Bundle;

  return {
    shape,
    size: Buffer.byteLength(content),
    stages: {
      verification: await timeOf(() => findSignatureProblem(content, headers, SECRET)),
      reading: await timeOf(() => parseDelivery(content)),
      // One record again and again, whose keys are looked up once; `perform` starts from the bytes.
      mapping: await timeOf(() => map(delivery.data, occasion)),
      filtering: await timeOf(() => judgeAll(row.filters, fields, INPUT_DATA)),
    },
    perform: await spreadOfTimes(() => perform(emptyCacheZ(), bundle)),
    floor: await timeOf(() => [
      createHmac('sha256', SECRET).update(content).digest(),
      JSON.parse(content) as unknown,
    ]),
  };
}

/** As much of `z` as a delivery needs that runs a Zap. */
function emptyCacheZ(): ZObject {
  let stored: unknown = null;
  return {
    cache: {
      get: () => Promise.resolve(stored),
      set: (_key: string, value: unknown) => {
        stored = value;
        return Promise.resolve(true);
      },
    },
    console: { log: () => undefined },
  } as unknown as ZObject;
}

/** A batch is long enough for the clock, in milliseconds. */
const BATCH_MS = 2;
const WARM_UP_MS = 300;
const MEASURE_MS = 400;
const MIN_BATCHES = 7;

/** The time of a call in microseconds, batch by batch, after enough calls for the code to be compiled. */
async function spreadOfTimes(call: () => unknown): Promise<Spread> {
  const timeBatch = async (calls: number): Promise<number> => {
    const before = performance.now();
    for (let index = 0; index < calls; index += 1) await call();
    return performance.now() - before;
  };
  let calls = 1;
  while ((await timeBatch(calls)) < BATCH_MS) calls *= 2;

  const measureFrom = performance.now() + WARM_UP_MS;
  while (performance.now() < measureFrom) await timeBatch(calls);
  const times: number[] = [];
  const end = performance.now() + MEASURE_MS;
  while (times.length < MIN_BATCHES || performance.now() < end) {
    times.push(((await timeBatch(calls)) / calls) * 1000);
  }
  return spreadOf(times);
}

async function timeOf(call: () => unknown): Promise<number> {
  return (await spreadOfTimes(call)).median;
}
