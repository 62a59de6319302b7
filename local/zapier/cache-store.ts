/** Whose call it is, as far as the scope of a key can tell. */
export interface Caller {
  user: string;
  connection: string;
}

/** What a key can be kept apart by; without a scope, all users of the app share it. */
export type Scope = 'user' | 'auth';

/** What Zapier's cache holds: texts with a time to live, keys that can be claimed once. */
export interface CacheStore {
  get: (caller: Caller, key: string, scope: readonly Scope[] | null) => string | null;
  /**
   * @param ttl in seconds; null keeps the value for good.
   * @param nx sets the key only if it is free.
   * @returns whether the key was set.
   */
  set: (
    caller: Caller,
    key: string,
    value: string,
    ttl: number | null,
    scope: readonly Scope[] | null,
    nx: boolean,
  ) => boolean;
  /** @returns whether there was something to delete. */
  delete: (caller: Caller, key: string, scope: readonly Scope[] | null) => boolean;
  /** What is held now, by the names of the keys, whatever their scope. */
  entries: () => [key: string, value: string][];
}

interface Entry {
  key: string;
  value: string;
  /** In milliseconds of the clock. */
  expiresAt: number;
}

/** @param now the time in milliseconds. */
export function createCacheStore(now: () => number): CacheStore {
  const entries = new Map<string, Entry>();

  const placeOf = (
    { user, connection }: Caller,
    key: string,
    scope: readonly Scope[] | null,
  ): string =>
    JSON.stringify([
      key,
      scope?.includes('user') ? user : null,
      scope?.includes('auth') ? connection : null,
    ]);

  const entryAt = (place: string): Entry | undefined => {
    const entry = entries.get(place);
    if (entry && entry.expiresAt <= now()) entries.delete(place);
    return entries.get(place);
  };

  return {
    get: (caller, key, scope) => entryAt(placeOf(caller, key, scope))?.value ?? null,
    set: (caller, key, value, ttl, scope, nx) => {
      const place = placeOf(caller, key, scope);
      if (nx && entryAt(place)) return false;
      entries.set(place, { key, value, expiresAt: ttl === null ? Infinity : now() + ttl * 1000 });
      return true;
    },
    delete: (caller, key, scope) => {
      const place = placeOf(caller, key, scope);
      return entryAt(place) !== undefined && entries.delete(place);
    },
    entries: () =>
      [...entries.keys()].flatMap((place): [string, string][] => {
        const entry = entryAt(place);
        return entry ? [[entry.key, entry.value]] : [];
      }),
  };
}
