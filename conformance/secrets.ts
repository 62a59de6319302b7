const HIDDEN = '[hidden]';

/** Shorter than this, hiding a text everywhere would spoil what has nothing to do with it. */
const LEAST_LENGTH = 6;

/** What must never be shown: tokens, codes and secrets, also those that are learnt on the way. */
export class Secrets {
  readonly #known = new Set<string>();

  /** Notes a secret, in the ways in which a server may give it back. */
  add(secret: string | undefined): void {
    if (secret === undefined || secret.length < LEAST_LENGTH) return;
    this.#known.add(secret);
    this.#known.add(encodeURIComponent(secret));
    this.#known.add(JSON.stringify(secret).slice(1, -1));
  }

  /** A text without any of them. */
  hiddenIn(text: string): string {
    return [...this.#known].reduce((left, secret) => left.replaceAll(secret, HIDDEN), text);
  }
}
