import { EventEmitter, once } from 'node:events';

import { cacheKey } from '../../deliveries/deduplicate.ts';
import type { CacheCall, CacheFault } from '../zapier/cache-rpc.ts';
import type { HookFault, ReceivedHook } from '../zapier/hook-server.ts';
import type { ZapRun } from '../zapier/index.ts';
import type { PlannedEvent, Trouble } from './plan.ts';

/** What was seen of one event on its way. Times are in milliseconds of `performance.now()`. */
export interface Entry {
  id: string;
  planned: PlannedEvent;
  /** Attro has said that it took the event. One that it did not say of may have been taken all the same. */
  accepted: boolean;
  sentAt: number;
  /** How often it was posted to the hook URL. */
  posts: number;
  /** How many of these posts the app has answered for, with a run or without. */
  answered: number;
  /** How many Zap runs it made. */
  runs: number;
  /** When the first of them was made. */
  ranAt?: number;
  /** What the app's answers ended with, where that was an error. */
  errors: string[];
  /** How often something went wrong with a call of the cache about it, as planned. */
  cacheFaults: number;
  /** How long the app took for the slowest of its answers, in milliseconds. */
  slowestMs: number;
}

/** What the sandbox adds to the record's id when it sends another body than was signed. */
const FORGED_SUFFIX = /_forged$/;

/**
 * Follows every event from its making to its runs, and has the troubles that were planned for it come at
 * the right requests. It keeps a few numbers for each, and nothing of what is sent.
 */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  /** Under which key the app claims a delivery of which event. */
  readonly #byCacheKey = new Map<string, Entry>();
  readonly #subscriptionIds = new Map<string, string>();
  /** The posts that the app has to answer for, and since when. */
  readonly #underWay = new WeakMap<ReceivedHook, number>();
  /** Emits an event's id when the app has answered for it. */
  readonly #answers = new EventEmitter().setMaxListeners(0);
  #lastPostAt = performance.now();
  /** The records that were delivered or run without having been sent. */
  readonly strangers: string[] = [];

  /** Says which subscription the deliveries to a Zap belong to. */
  addZap(zapId: string, subscriptionId: string): void {
    this.#subscriptionIds.set(zapId, subscriptionId);
  }

  /** Notes that an event is about to be sent. */
  open(planned: PlannedEvent, id: string): Entry {
    const entry: Entry = {
      ...{ id, planned, accepted: false, sentAt: performance.now() },
      ...{ posts: 0, answered: 0, runs: 0, errors: [], cacheFaults: 0, slowestMs: 0 },
    };
    this.#entries.set(id, entry);
    return entry;
  }

  /** Notes a post to a hook URL. @returns what goes wrong with it. */
  received(hook: ReceivedHook): HookFault | undefined {
    this.#lastPostAt = performance.now();
    const { event, timestamp, data } = JSON.parse(hook.content) as Delivered;
    const entry = this.#entryOf(data.id);
    if (!entry) return undefined;
    entry.posts += 1;
    const subscriptionId = this.#subscriptionIds.get(hook.zapId) ?? '';
    const identity = { subscriptionId, event, recordId: data.id, timestamp, body: hook.content };
    this.#byCacheKey.set(cacheKey(identity), entry);
    const fault = faultFor(entry.planned.hook, entry.posts);
    this.#underWay.set(hook, performance.now() + (fault?.delayMs ?? 0));
    return fault;
  }

  /** Notes a call of the cache. @returns what goes wrong with it. */
  asked({ key }: CacheCall): CacheFault | undefined {
    const entry = this.#byCacheKey.get(key);
    const fault = entry && faultFor(entry.planned.cache, entry.cacheFaults + 1);
    if (fault) entry.cacheFaults += 1;
    return fault;
  }

  /** Notes what the app made of a post. */
  ran({ received, records, error }: ZapRun): void {
    const now = performance.now();
    for (const { id } of records) {
      const entry = this.#entryOf(String(id));
      if (!entry) continue;
      entry.runs += 1;
      entry.ranAt ??= now;
    }
    const { data } = JSON.parse(received.content) as Delivered;
    const entry = this.#entries.get(nameOf(data.id));
    if (!entry) return;
    entry.answered += 1;
    if (error !== undefined) entry.errors.push(error);
    entry.slowestMs = Math.max(entry.slowestMs, now - (this.#underWay.get(received) ?? now));
    this.#answers.emit(entry.id);
  }

  /** Waits until the app has answered for an event, or for so many milliseconds. */
  async answered({ id, answered }: Entry, atMostMs: number): Promise<void> {
    if (answered > 0) return;
    await once(this.#answers, id, { signal: AbortSignal.timeout(atMostMs) }).catch(() => undefined);
  }

  /** For how many milliseconds nothing has been posted. */
  quietMs(): number {
    return performance.now() - this.#lastPostAt;
  }

  /** What was sent. */
  entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  #entryOf(recordId: string): Entry | undefined {
    const entry = this.#entries.get(nameOf(recordId));
    if (!entry) this.strangers.push(recordId);
    return entry;
  }
}

/** What a delivery says, as the sandbox sends it. */
interface Delivered {
  event: string;
  timestamp: string;
  data: { id: string };
}

function nameOf(recordId: string): string {
  return recordId.replace(FORGED_SUFFIX, '');
}

function faultFor<Fault>(trouble: Trouble<Fault> | undefined, nth: number): Fault | undefined {
  return trouble && nth <= trouble.times ? trouble.fault : undefined;
}
