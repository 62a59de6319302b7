import { EVENT_NAMES } from '../attro/contract.ts';
import { isRecord, toText } from '../attro/values.ts';
import { idsOfMade } from '../triggers/subscription-answer.ts';
import type { AttroClient, Exchange } from './attro-client.ts';
import { recordsIn } from './pages.ts';

/** An endpoint that a request may have made. */
interface Asked {
  url: string;
  exchange: Promise<Exchange>;
}

/** How many pages of a server's endpoints are looked through for one without a known id. */
const MAX_PAGES = 10;

/** The webhook endpoints that the walk has asked a server for, so that none is left behind. */
export class Endpoints {
  readonly #attro: AttroClient;
  readonly #asked = new Set<Asked>();

  constructor(attro: AttroClient) {
    this.#attro = attro;
  }

  /**
   * Asks for an endpoint. Whatever the answer, it is removed at the latest by `removeAll`.
   *
   * @throws the signal's reason once the walk was stopped.
   */
  async create(body: { url: string } & Record<string, unknown>): Promise<Exchange> {
    // Noted before it is answered: the walk can be stopped at any time.
    const exchange = this.#attro.askToMake({ operation: 'createWebhook', body });
    const asked = { url: body.url, exchange };
    this.#asked.add(asked);
    try {
      const { outcome } = await exchange;
      const isRefused = 'status' in outcome && outcome.status >= 400 && outcome.status < 500;
      if (isRefused) this.#asked.delete(asked);
    } catch (error) {
      // It was never sent.
      this.#asked.delete(asked);
      throw error;
    }
    return exchange;
  }

  /** Asks to remove an endpoint. */
  async remove(id: string): Promise<Exchange> {
    const exchange = await this.#attro.askToRemove({ operation: 'deleteWebhook', path: { id } });
    for (const asked of isGone(exchange) ? this.#asked : []) {
      if (endpointId(await asked.exchange) === id) this.#asked.delete(asked);
    }
    return exchange;
  }

  /**
   * Removes every endpoint that is left.
   *
   * @returns the URLs of those that may be there still.
   */
  async removeAll(): Promise<string[]> {
    const left: string[] = [];
    for (const { url, exchange } of [...this.#asked]) {
      const asked = await exchange;
      const id = endpointId(asked) ?? (await this.#find(url)) ?? likelyId(asked, url);
      const isLeft = id === null ? mayHaveMade(asked) : !isGone(await this.remove(id));
      if (isLeft) left.push(url);
    }
    this.#asked.clear();
    return left;
  }

  /** Looks for an endpoint whose id the answer did not tell. */
  async #find(url: string): Promise<string | null> {
    let cursor: string | null = null;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = { limit: 100, ...(cursor !== null && { cursor }) };
      const { outcome } = await this.#attro.askToRemove({ operation: 'listWebhooks', query });
      if (!('status' in outcome)) return null;
      const found = recordsIn(outcome.json).find((each) => each['url'] === url);
      if (found) return toText(found['id']);
      cursor = isRecord(outcome.json) ? toText(outcome.json['next_cursor']) : null;
      if (cursor === null) return null;
    }
    return null;
  }
}

/** Whether an endpoint is gone, by the answer to the request that removes it. */
function isGone({ outcome }: Exchange): boolean {
  return 'status' in outcome && (outcome.status < 300 || [404, 410].includes(outcome.status));
}

/** Whether a server may have made an endpoint that it does not list. */
function mayHaveMade({ outcome }: Exchange): boolean {
  return 'status' in outcome ? outcome.status < 300 : outcome.problem === 'timeout';
}

/** The id that the app itself would remove, had it got this answer. */
function likelyId({ outcome }: Exchange, url: string): string | null {
  if (!('status' in outcome) || outcome.status >= 400) return null;
  const wanted = { url, event: EVENT_NAMES[0] ?? 'affiliate.created' };
  return idsOfMade(outcome.json, outcome.headers['location'], wanted)[0] ?? null;
}

/** The id of the endpoint that an answer tells of, also where it is of another kind than it should. */
export function endpointId({ outcome }: Exchange): string | null {
  if (!('status' in outcome) || outcome.status >= 300 || !isRecord(outcome.json)) return null;
  const { data } = outcome.json;
  return toText(outcome.json['id']) ?? (isRecord(data) ? toText(data['id']) : null);
}
