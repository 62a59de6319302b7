import { setTimeout as wait } from 'node:timers/promises';
import { EVENT_NAMES, RETRY_DELAYS_SECONDS, type EventName } from '../../attro/contract.ts';
import { isRecord, toText, type AttroRecord } from '../../attro/values.ts';
import type { Exchange } from '../attro-client.ts';
import { endpointId } from '../endpoints.ts';
import type { Arrival, Hook, HookAnswer } from '../hook.ts';
import { success } from '../judging.ts';
import { nextCursorIn, recordsIn } from '../pages.ts';
import type { Settings } from '../settings.ts';
import type { Walk } from '../walk.ts';
import { newSecret } from './subscription.ts';

/** What came of the test of one event. */
export interface Tested {
  exchange: Exchange;
  /** Null where nothing arrived in time. */
  arrival: Arrival | null;
}

export interface DeliveriesEvidence {
  created: Exchange;
  secret: string;
  /** When the second attempt should come, in milliseconds after the first. */
  due: { fromMs: number; toMs: number };
  /** By the event. */
  tested: ReadonlyMap<EventName, Tested>;
  /** The deliveries to the endpoint: all, those that have failed, the first, and the one behind it. */
  list?: Exchange;
  failed?: Exchange;
  first?: Exchange;
  second?: Exchange;
  health?: Exchange;
  /** A delivery that was sent once more. */
  retried?: { exchange: Exchange; before: Arrival; again: Arrival | null };
  /** The endpoint after a 410. */
  gone?: Exchange | undefined;
  moved?: Failed | undefined;
  dropped?: Failed | undefined;
  /** An attempt that was answered with 500, and the one after it. */
  repeated?: { list: Exchange; before: Arrival | null; again: Arrival | null } | undefined;
}

/** What came of a delivery that was not taken. */
export interface Failed {
  arrival: Arrival | null;
  /** The deliveries to the endpoint, once the attempt was noted. */
  list: Exchange;
  /** Whether a request came to where a redirect led. */
  isFollowed: boolean;
}

/** How long something may take that needs no attempt of its own, in milliseconds. */
const SOON_MS = 5_000;

const POLL_MS = 100;

const OK: HookAnswer = { status: 200 };

/** How late the second attempt may be, in milliseconds: half as long as it takes, but for a busy machine. */
const LATE_SHARE = 0.5;
const LEAST_LATE_MS = 5_000;

/** When the second attempt should come, in milliseconds after the first. */
function retryTime({ speed }: Settings): DeliveriesEvidence['due'] {
  const fromMs = (RETRY_DELAYS_SECONDS[1] * 1_000) / speed;
  return { fromMs, toMs: fromMs + Math.max(LATE_SHARE * fromMs, LEAST_LATE_MS) };
}

/**
 * Has each event's sample sent to an endpoint that takes them, and one to endpoints that do not. What the
 * walk has made is removed as soon as it is not needed any more.
 */
export async function askForDeliveries(walk: Walk, hook: Hook): Promise<DeliveriesEvidence> {
  const { attro, endpoints, secrets, settings } = walk;
  const receiver = new Receiver(walk, hook);
  const secret = newSecret();
  secrets.add(secret);
  const created = await endpoints.create({ url: hook.urlOf('all'), events: EVENT_NAMES, secret });
  const id = endpointId(created);
  const tested = new Map<EventName, Tested>();
  const evidence = { created, secret, tested, due: retryTime(settings) };
  if (id === null) return evidence;

  // It takes the longest, so it begins first.
  const failing = settings.waitForRetry && (await receiver.begin('failing', { status: 500 }, OK));
  for (const event of EVENT_NAMES) {
    const exchange = await attro.ask({ operation: 'testWebhook', path: { id }, body: { event } });
    const arrival = success(exchange) ? await receiver.next('all') : null;
    tested.set(event, { exchange, arrival });
    // What does not arrive once does not arrive ten times.
    if (!arrival) return evidence;
  }
  const health = await receiver.health(id);
  const retried = await receiver.retried(id, health.list, tested);
  await endpoints.remove(id);
  return {
    ...{ ...evidence, ...health, ...retried },
    gone: await receiver.afterGone(),
    moved: await receiver.failed('moved', { status: 302, location: hook.urlOf(MOVED_TO) }),
    dropped: await receiver.failed('dropped', 'dropped'),
    ...(failing && { repeated: await receiver.repeated(failing) }),
  };
}

/** The name of the hook that a redirect leads to. */
const MOVED_TO = 'moved-to';

/** An endpoint that a sample is on its way to. */
interface Begun {
  name: string;
  id: string;
}

/** Makes endpoints whose hooks answer as planned, and looks at what becomes of their deliveries. */
class Receiver {
  readonly #walk: Walk;
  readonly #hook: Hook;
  readonly #seen = new Set<Arrival>();

  constructor(walk: Walk, hook: Hook) {
    this.#walk = walk;
    this.#hook = hook;
  }

  /** The next request for a name that was not looked at yet. */
  async next(name: string, ms = this.#walk.settings.timeoutMs): Promise<Arrival | null> {
    const arrival = await this.#hook.wait(
      (each) => each.name === name && !this.#seen.has(each),
      ms,
    );
    if (arrival) this.#seen.add(arrival);
    return arrival;
  }

  /** Makes an endpoint and has a sample sent to it; null where either is refused. */
  async begin(name: string, ...answers: HookAnswer[]): Promise<Begun | null> {
    const { attro, endpoints, secrets } = this.#walk;
    this.#hook.plan(name, ...answers);
    const secret = newSecret();
    secrets.add(secret);
    const [event] = EVENT_NAMES;
    const url = this.#hook.urlOf(name);
    const id = endpointId(await endpoints.create({ url, events: [event], secret }));
    if (id === null) return null;
    const test = await attro.ask({ operation: 'testWebhook', path: { id }, body: { event } });
    return success(test) ? { name, id } : null;
  }

  /** What is known of an endpoint's deliveries once none is on its way any more. */
  async health(id: string): Promise<Health> {
    const { attro } = this.#walk;
    const path = { id };
    const ask = (query: Record<string, string | number>): Promise<Exchange> =>
      attro.ask({ operation: 'listDeliveries', path, query });
    const list = await this.#listOnce(id, (each) => each['status'] !== 'pending');
    const failed = await ask({ status: 'failed' });
    const first = await ask({ limit: 1 });
    const cursor = nextCursorIn(success(first)?.json);
    const second = cursor === null ? null : await ask({ limit: 1, cursor });
    const health = await attro.ask({ operation: 'getWebhookHealth', path });
    return { list, failed, first, ...(second && { second }), health };
  }

  /** Has the newest delivery sent once more. */
  async retried(
    id: string,
    list: Exchange,
    tested: ReadonlyMap<EventName, Tested>,
  ): Promise<Pick<DeliveriesEvidence, 'retried'>> {
    const delivery = toText(recordsIn(success(list)?.json)[0]?.['id']);
    const before = [...tested.values()].at(-1)?.arrival;
    if (delivery === null || !before) return {};
    const path = { id, delivery_id: delivery };
    const exchange = await this.#walk.attro.ask({ operation: 'retryDelivery', path });
    const again = success(exchange) ? await this.next('all') : null;
    return { retried: { exchange, before, again } };
  }

  /** Has a delivery answered with 410, and gives what the endpoint is soon after. */
  async afterGone(): Promise<Exchange | undefined> {
    const begun = await this.begin('gone', { status: 410 });
    if (!begun || !(await this.next('gone'))) return undefined;
    const path = { id: begun.id };
    return this.#until(
      () => this.#walk.attro.ask({ operation: 'getWebhook', path }),
      (exchange) => !success(exchange),
    );
  }

  /** Has a delivery answered so that it fails, and gives what is known of it then. */
  async failed(name: string, answer: HookAnswer): Promise<Failed | undefined> {
    const begun = await this.begin(name, answer);
    if (!begun) return undefined;
    const arrival = await this.next(name);
    const list = await this.#listOnce(begun.id, (each) => attemptsOf(each).length > 0);
    await this.#walk.endpoints.remove(begun.id);
    const isFollowed = this.#hook.arrivals.some((each) => each.name === MOVED_TO);
    return { arrival, list, isFollowed };
  }

  /** Waits for the second attempt of a delivery whose first one was answered with 500. */
  async repeated({ name, id }: Begun): Promise<DeliveriesEvidence['repeated']> {
    const before = await this.next(name);
    const again = before && (await this.next(name, retryTime(this.#walk.settings).toMs));
    const list = await this.#listOnce(id, (each) => each['status'] !== 'pending' || !again);
    await this.#walk.endpoints.remove(id);
    return { before, again, list };
  }

  /** The deliveries to an endpoint, once each is as it is waited for. */
  #listOnce(id: string, isReady: (delivery: AttroRecord) => boolean): Promise<Exchange> {
    const query = { limit: 100 };
    return this.#until(
      () => this.#walk.attro.ask({ operation: 'listDeliveries', path: { id }, query }),
      (exchange) => !success(exchange) || recordsIn(success(exchange)?.json).every(isReady),
    );
  }

  /** Asks again and again until an answer is as it is waited for, or soon is over. */
  async #until(
    ask: () => Promise<Exchange>,
    isReady: (exchange: Exchange) => boolean,
  ): Promise<Exchange> {
    const end = performance.now() + SOON_MS;
    for (;;) {
      const exchange = await ask();
      if (isReady(exchange) || performance.now() > end) return exchange;
      await wait(POLL_MS);
    }
  }
}

type Health = Required<Pick<DeliveriesEvidence, 'list' | 'failed' | 'first' | 'health'>> &
  Pick<DeliveriesEvidence, 'second'>;

/** The attempts that a delivery tells of. */
export function attemptsOf({ attempts }: AttroRecord): AttroRecord[] {
  return Array.isArray(attempts) ? attempts.filter(isRecord) : [];
}
