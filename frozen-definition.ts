/**
 * Two ways to spare the platform work that it does twice for every event: it copies, rebuilds and freezes
 * the whole definition, so that no event can change it. What is frozen already needs none of that.
 *
 * To everyone else the definition is the same. Zapier gets it to the letter, which a test holds on to;
 * should the platform go about it in another way some day, only the time comes back.
 */

/**
 * Freezes an object and keeps it out of the copy, which takes about as long as everything else together.
 * The platform copies with lodash's cloneDeep; that passes on as it is an object of a kind that it does
 * not know, told by a `Symbol.toStringTag` that it cannot overwrite.
 */
export function sparedFromCopying<T extends object>(definition: T): Readonly<T> {
  return Object.freeze({ ...definition, [Symbol.toStringTag]: 'Definition' });
}

/** What frozen parts inherit from. The platform rebuilds only objects whose constructor is Object's. */
const PART = Object.create(Object.prototype, {
  constructor: { value: sparedFromRebuilding },
}) as object;

/** Freezes a part that holds plain values and no function, and keeps it out of the rebuilding. */
export function sparedFromRebuilding<T extends object>(part: T): Readonly<T> {
  const copy: T = Object.assign(Object.create(PART) as object, part);
  return Object.freeze(copy);
}
