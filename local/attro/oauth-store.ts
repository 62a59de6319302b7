import type { Adapter, AdapterPayload } from 'oidc-provider';

/** The authorization server's memory, gone when the sandbox stops. Expiry is the server's to check. */
export class OauthStore {
  readonly #models = new Map<string, Map<string, AdapterPayload>>();

  /** Where one model (`AccessToken`, `Session`, …) keeps its entries. */
  adapter(model: string): Adapter {
    const entries = this.#entries(model);
    const findWhere = (key: 'uid' | 'userCode', value: string) =>
      [...entries.values()].find((entry) => entry[key] === value);
    return {
      upsert(id, payload) {
        entries.set(id, payload);
        return Promise.resolve();
      },
      find: (id) => Promise.resolve(entries.get(id)),
      findByUid: (uid) => Promise.resolve(findWhere('uid', uid)),
      findByUserCode: (userCode) => Promise.resolve(findWhere('userCode', userCode)),
      consume(id) {
        const entry = entries.get(id);
        if (entry) entry['consumed'] = Math.floor(Date.now() / 1000);
        return Promise.resolve();
      },
      destroy(id) {
        entries.delete(id);
        return Promise.resolve();
      },
      revokeByGrantId(grantId) {
        for (const [id, entry] of entries) {
          if (entry.grantId === grantId) entries.delete(id);
        }
        return Promise.resolve();
      },
    };
  }

  /** Forgets every entry of a model: tokens of that kind are unknown from then on. */
  forget(model: 'AccessToken' | 'RefreshToken'): void {
    this.#entries(model).clear();
  }

  #entries(model: string): Map<string, AdapterPayload> {
    const entries = this.#models.get(model) ?? new Map<string, AdapterPayload>();
    this.#models.set(model, entries);
    return entries;
  }
}
