import { randomBytes } from 'node:crypto';

/** A webhook subscription as others may see it: without its secret. */
export interface Subscription {
  id: string;
  url: string;
  events: readonly string[];
  /** `disabled` once a delivery has been given up. */
  status: 'active' | 'disabled';
  /** ISO 8601. */
  createdAt: string;
}

/** What the sandbox keeps of a subscription: also the key that its deliveries are signed with. */
export interface StoredSubscription extends Subscription {
  secret: string;
}

/** The subscriptions of the one organization that the sandbox has. */
export class Subscriptions {
  readonly #byId = new Map<string, StoredSubscription>();

  /** Adds an active subscription under a fresh id. */
  add({
    url,
    events,
    secret,
  }: Pick<StoredSubscription, 'url' | 'events' | 'secret'>): Subscription {
    const id = `wh_${randomBytes(8).toString('hex')}`;
    const stored: StoredSubscription = {
      id,
      url,
      events,
      status: 'active',
      createdAt: new Date().toISOString(),
      secret,
    };
    this.#byId.set(id, stored);
    return stored;
  }

  /** Removes a subscription; false when there is none of this id. */
  remove(id: string): boolean {
    return this.#byId.delete(id);
  }

  /** Stops deliveries to a subscription; it stays listed. */
  disable(id: string): void {
    const stored = this.#byId.get(id);
    if (stored) stored.status = 'disabled';
  }

  /** Whether deliveries still go to this subscription. */
  isActive(id: string): boolean {
    return this.#byId.get(id)?.status === 'active';
  }

  /** The active subscriptions that chose this event, oldest first. */
  activeFor(event: string): StoredSubscription[] {
    return [...this.#byId.values()].filter(
      ({ status, events }) => status === 'active' && events.includes(event),
    );
  }

  /** Copies of all subscriptions, oldest first, without their secrets. */
  list(): Subscription[] {
    return [...this.#byId.values()].map(({ id, url, events, status, createdAt }) => ({
      id,
      url,
      events,
      status,
      createdAt,
    }));
  }
}
