import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../attro/main.ts', import.meta.url));

/** What it prints last when it is ready. */
const READY = 'Ctrl-C stops it.';

/** Retries come after 0.1, 0.5 and 3 s. */
const SPEED = 600;

/** The local Attro as its users start it: a process of its own, on the same port after every restart. */
export class SandboxProcess {
  readonly baseUrl: string;
  readonly #arguments: readonly string[];
  readonly #dead = new AbortController();
  #child: ChildProcess | undefined;
  #kills = 0;
  #output = '';
  #errors = '';
  /** Resolved while it answers. */
  #up: Promise<void>;

  /** @param dataFolder where it keeps everything, so that it can be killed and started again. */
  static async start(dataFolder: string, redirectUri: string): Promise<SandboxProcess> {
    const sandbox = new SandboxProcess(await freePort(), dataFolder, redirectUri);
    await sandbox.up();
    return sandbox;
  }

  private constructor(port: number, dataFolder: string, redirectUri: string) {
    this.#arguments = [
      ...['--disable-warning=ExperimentalWarning', MAIN, '--quiet', '--speed', String(SPEED)],
      ...['--port', String(port), '--data', dataFolder, '--redirect-uri', redirectUri],
    ];
    this.baseUrl = `http://127.0.0.1:${port}`;
    this.#up = this.#launch();
    // Nothing that it starts outlives this process.
    process.once('exit', () => this.#child?.kill('SIGKILL'));
  }

  /** Aborted when it ends by itself. */
  get dead(): AbortSignal {
    return this.#dead.signal;
  }

  /** Waits until it answers. @throws when it could not be started. */
  up(): Promise<void> {
    return this.#up;
  }

  /** How often it was killed and answered again. */
  get kills(): number {
    return this.#kills;
  }

  /** NaN while it is being restarted. */
  get pid(): number {
    return this.#child?.pid ?? NaN;
  }

  get clientId(): string {
    return this.#printed(/^CLIENT_ID=(.+)$/m);
  }

  get clientSecret(): string {
    return this.#printed(/^CLIENT_SECRET=(.+)$/m);
  }

  get apiKey(): string {
    return this.#printed(/Bearer (sk_test_\w+)/);
  }

  /** Kills it without any warning, and starts it again on the same data; `up` waits for that. */
  killAndRestart(): void {
    this.#up = this.#up.then(async () => {
      await this.#end('SIGKILL');
      await this.#launch();
      this.#kills += 1;
    });
    // Who waits for it is told.
    this.#up.catch(() => undefined);
  }

  /** Ends it as Ctrl-C does. @throws when it has something to complain about. */
  async stop(): Promise<void> {
    await this.#up.catch(() => undefined);
    const exitCode = await this.#end('SIGTERM');
    if (exitCode !== 0) throw new Error(`The sandbox has failed:\n${this.#errors}`);
  }

  /** @returns its exit code, where it has one. */
  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    // False for one that has ended already.
    if (child?.kill(signal)) await once(child, 'exit');
    return child?.exitCode ?? null;
  }

  async #launch(): Promise<void> {
    const child = spawn(process.execPath, this.#arguments, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#output = '';
    const { promise: ready, resolve } = Promise.withResolvers<'ready'>();
    child.stdout.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString();
      if (this.#output.includes(READY)) resolve('ready');
    });
    child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    child.once('exit', () => {
      // One that was told to end is nobody's child any more.
      if (this.#child === child)
        this.#dead.abort(new Error(`The sandbox has ended:\n${this.#errors}`));
    });
    const what = await Promise.race([ready, once(child, 'exit')]);
    if (what !== 'ready') throw new Error(`The sandbox could not be started:\n${this.#errors}`);
  }

  #printed(expression: RegExp): string {
    const value = expression.exec(this.#output)?.[1];
    if (value === undefined) throw new Error(`The sandbox did not print ${expression.source}.`);
    return value;
  }
}

/** A port that nobody uses now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
