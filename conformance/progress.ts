import type { WriteStream } from 'node:tty';

const CLEAR_LINE = '\r\u001b[2K';

/** One line on a terminal that says what is being done; elsewhere nothing is written. */
export class Progress {
  readonly #stream: Pick<WriteStream, 'write' | 'isTTY'>;
  #part = '';
  #requests = 0;

  constructor(stream: Pick<WriteStream, 'write' | 'isTTY'>) {
    this.#stream = stream;
  }

  onPhase(title: string): void {
    this.#part = title;
  }

  onRequest(method: string, path: string): void {
    this.#requests += 1;
    if (!this.#stream.isTTY) return;
    // A line that wraps could not be cleared.
    const line = `${this.#part}: request ${this.#requests}, ${method} ${path}`.slice(0, 79);
    this.#stream.write(`${CLEAR_LINE}${line}`);
  }

  /** Makes room for what is written next. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write(CLEAR_LINE);
  }
}
