import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSandbox } from '../../local/attro/index.ts';
import type { Delivery } from '../../local/attro/index.ts';
import { startProcess } from '../local/attro/command.ts';
import { hang, startReceiver, until } from '../local/attro/receiver.ts';
import type { Receiver } from '../local/attro/receiver.ts';
import { controlOf, everyOf, ownerOf, subscribe } from '../local/attro/sign-in.ts';
import type { Running } from '../local/attro/sign-in.ts';

/** A sandbox that ends as `kill -9` ends it: at any moment, and without a chance to do anything about it. */

const EVENT = 'payout.completed';

let folder: string;
let receiver: Receiver;
/** Ends it at once, and what it was doing with it. */
let crash: () => Promise<unknown>;
let sandbox: Running;
let call: ReturnType<typeof ownerOf>;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'attro-crash-'));
  receiver = await startReceiver();
  await start();
});

afterEach(async () => {
  await crash();
  await receiver.close();
  rmSync(folder, { recursive: true });
});

/** Starts the sandbox, as the command or, where it need not crash any more, in this process. */
async function start(isLast = false): Promise<void> {
  if (isLast) {
    const here = await startSandbox({ dataFolder: folder, speed: 1e6 });
    [sandbox, crash] = [here, () => here.close()];
  } else {
    const started = await startProcess('--data', folder, '--speed', '1000000', '--quiet');
    [sandbox, crash] = [started, () => (started.kill('SIGKILL'), started.end)];
  }
  call = ownerOf(sandbox);
}

const add = (events = [EVENT]) => subscribe(sandbox, receiver.url, events);

/** Has an event happen for a record of this id; gives the ids of its deliveries once that is promised. */
async function emit(id: string, copies = 1): Promise<string[]> {
  const asked = { event: EVENT, data: { id }, copies };
  const { status, body } = await controlOf(sandbox)('POST', '/events', asked);
  expect(status).toBe(202);
  const { deliveries } = body as { deliveries: { id: string }[] };
  return deliveries.map((delivery) => delivery.id);
}

/** Waits until nothing is pending any more. */
async function settled(endpoint: string): Promise<Delivery[]> {
  await until(async () => {
    const { body } = await call('GET', `/webhooks/${endpoint}/health`);
    return (body as { deliveries: { pending: number } }).deliveries.pending === 0;
  });
  return everyOf<Delivery>(sandbox, `/webhooks/${endpoint}/deliveries`);
}

/** The ids of the records that arrived. */
const arrived = () =>
  receiver.received.map(({ body }) => (JSON.parse(body) as { data: { id: string } }).data.id);

it('an attempt that nobody has answered is made again', async () => {
  const endpoint = await add();
  receiver.reactions = [hang];
  await emit('pay_1');
  await until(() => receiver.received.length === 1);
  await crash();
  await start(true);
  expect(await settled(endpoint)).toMatchObject([
    { status: 'succeeded', attempts: [{ number: 1, response_status: 200 }] },
  ]);
  expect(receiver.received).toHaveLength(2);
  expect(receiver.received[0]?.body).toBe(receiver.received[1]?.body);
});

it('a burst of 200 deliveries is delivered, each at least once', async () => {
  const endpoint = await add();
  const promised: string[] = [];
  for (let burst = 1; burst <= 4; burst += 1) promised.push(...(await emit(`pay_${burst}`, 50)));
  await until(() => receiver.received.length > 40);
  await crash();
  const before = receiver.received.length;
  await start();
  await until(() => receiver.received.length > before + 20);
  await crash();
  await start(true);
  const deliveries = await settled(endpoint);
  expect(deliveries.map(({ id }) => id).sort()).toEqual(promised.sort());
  for (const { status, attempts } of deliveries) {
    expect([status, attempts.length]).toEqual(['succeeded', 1]);
  }
  for (let burst = 1; burst <= 4; burst += 1) {
    const count = arrived().filter((id) => id === `pay_${burst}`).length;
    expect(count).toBeGreaterThanOrEqual(50);
    // Only those that were under way at a crash can have come twice.
    expect(count).toBeLessThanOrEqual(50 + 2 * 8);
  }
});

describe('what is written', () => {
  it('is there with its event, or neither is', async () => {
    const endpoint = await add(['affiliate.created']);
    const answered: string[] = [];
    let count = 0;
    // Until nobody answers any more.
    const write = async (): Promise<void> => {
      const json = { email: `crash-${(count += 1)}@example.com`, display_name: 'Crash' };
      const { status, body } = await call('POST', '/affiliates', json);
      expect(status).toBe(201);
      answered.push((body as { id: string }).id);
      await write();
    };
    const writing = Array.from({ length: 10 }, () => write());
    await until(() => answered.length > 30);
    await crash();
    for (const { reason } of (await Promise.allSettled(writing)) as { reason: unknown }[]) {
      expect(String(reason)).toMatch(/fetch failed|terminated/);
    }
    await start(true);
    await settled(endpoint);
    const affiliates = await everyOf<{ id: string; display_name: string }>(sandbox, '/affiliates');
    const written = affiliates.filter((each) => each.display_name === 'Crash').map(({ id }) => id);
    expect(written).toEqual(expect.arrayContaining(answered));
    expect(new Set(arrived())).toEqual(new Set(written));
  });
});
