import type { Adapter, AdapterPayload } from 'oidc-provider';

import type { Database } from '../database.ts';

/** The authorization server's memory. Expiry is the server's to check; what has expired is cleared. */
export class OauthStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Where one model (`AccessToken`, `Session`, …) keeps its entries. */
  adapter(model: string): Adapter {
    const database = this.#database;
    const findWhere = (
      column: 'id' | 'uid',
      value: string,
    ): Promise<AdapterPayload | undefined> => {
      const [row] = database.all<{ payload: string }>(
        `SELECT payload FROM oauth_entries WHERE model = ? AND ${column} = ?`,
        model,
        value,
      );
      return Promise.resolve(row && (JSON.parse(row.payload) as AdapterPayload));
    };
    return {
      upsert(id, payload, expiresIn) {
        database.run('DELETE FROM oauth_entries WHERE expires_at < ?', Date.now() - CLEAR_AFTER_MS);
        database.run(
          `INSERT OR REPLACE INTO oauth_entries (model, id, payload, grant_id, uid, expires_at)
           VALUES (?, ?, ?, ?, ?, ?)`,
          ...[model, id, JSON.stringify(payload), payload.grantId ?? null, payload.uid ?? null],
          expiresIn === undefined ? null : Date.now() + expiresIn * 1000,
        );
        return Promise.resolve();
      },
      find: (id) => findWhere('id', id),
      findByUid: (uid) => findWhere('uid', uid),
      // Codes for devices are not offered.
      findByUserCode: () => Promise.resolve(undefined),
      consume(id) {
        // A refresh token is used once, and would be kept for a year.
        database.run(
          `UPDATE oauth_entries SET payload = json_set(payload, '$.consumed', unixepoch()),
             expires_at = ? WHERE model = ? AND id = ?`,
          ...[Date.now(), model, id],
        );
        return Promise.resolve();
      },
      destroy(id) {
        database.run('DELETE FROM oauth_entries WHERE model = ? AND id = ?', model, id);
        return Promise.resolve();
      },
      revokeByGrantId(grantId) {
        database.run('DELETE FROM oauth_entries WHERE model = ? AND grant_id = ?', model, grantId);
        return Promise.resolve();
      },
    };
  }

  /** Forgets every entry of a model: tokens of that kind are unknown from then on. */
  forget(model: 'AccessToken' | 'RefreshToken'): void {
    this.#database.run('DELETE FROM oauth_entries WHERE model = ?', model);
  }
}

/** What has expired or was used is kept a while, so that its page can say so. */
const CLEAR_AFTER_MS = 3_600_000;
