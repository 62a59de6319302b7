import type { Adapter, AdapterPayload } from 'oidc-provider';

import type { Database } from '../database.ts';

/** How long a refresh token that was rotated stays good: two workers may refresh at the same time. */
const ROTATED_MS = 60_000;

/** The authorization server's memory. What has expired is not found any more. */
export class OauthStore {
  readonly #database: Database;
  readonly #clock: () => number;

  constructor(database: Database, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Where one model (`AccessToken`, `Session`, …) keeps its entries. */
  adapter(model: string): Adapter {
    const database = this.#database;
    const clock = this.#clock;
    const findWhere = (
      column: 'id' | 'uid',
      value: string,
    ): Promise<AdapterPayload | undefined> => {
      const [row] = database.all<{ payload: string }>(
        `SELECT payload FROM oauth_entries
         WHERE model = ? AND ${column} = ? AND ifnull(expires_at > ?, TRUE)`,
        ...[model, value, clock()],
      );
      return Promise.resolve(row && (JSON.parse(row.payload) as AdapterPayload));
    };
    const change = (sql: string, ...values: (string | number | null)[]): Promise<void> => {
      database.run(sql, ...values);
      return Promise.resolve();
    };
    return {
      upsert(id, payload, expiresIn) {
        void change('DELETE FROM oauth_entries WHERE expires_at <= ?', clock());
        return change(
          `INSERT OR REPLACE INTO oauth_entries (model, id, payload, grant_id, uid, expires_at)
           VALUES (?, ?, ?, ?, ?, ?)`,
          ...[model, id, JSON.stringify(payload), payload.grantId ?? null, payload.uid ?? null],
          expiresIn === undefined ? null : clock() + expiresIn * 1000,
        );
      },
      find: (id) => findWhere('id', id),
      findByUid: (uid) => findWhere('uid', uid),
      // Codes for devices are not offered.
      findByUserCode: () => Promise.resolve(undefined),
      consume: (id) =>
        model === 'RefreshToken'
          ? change(
              'UPDATE oauth_entries SET expires_at = min(expires_at, ?) WHERE model = ? AND id = ?',
              ...[clock() + ROTATED_MS, model, id],
            )
          : change(
              `UPDATE oauth_entries SET payload = json_set(payload, '$.consumed', unixepoch())
               WHERE model = ? AND id = ?`,
              ...[model, id],
            ),
      destroy: (id) => change('DELETE FROM oauth_entries WHERE model = ? AND id = ?', model, id),
      revokeByGrantId: (grantId) =>
        change('DELETE FROM oauth_entries WHERE model = ? AND grant_id = ?', model, grantId),
    };
  }

  /** Forgets every entry of a model: tokens of that kind are unknown from then on. */
  forget(model: 'AccessToken' | 'RefreshToken'): void {
    this.#database.run('DELETE FROM oauth_entries WHERE model = ?', model);
  }
}
