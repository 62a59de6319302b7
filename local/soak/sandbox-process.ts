import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../attro/main.ts', import.meta.url));

/** What it prints last when it is ready. */
const READY = 'Ctrl-C stops it.';

/** How a process ended. */
export interface End {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The local Attro as its users start it: `npm run sandbox`, without npm, in a process of its own. */
export type SandboxProcess = Awaited<ReturnType<typeof startSandboxProcess>>;

/** Runs the command, maybe to its end. */
export function spawnSandbox(args: readonly string[]) {
  const command = ['--disable-warning=ExperimentalWarning', MAIN, ...args];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => (printed[stream] += text));
  }
  const end = once(child, 'close').then(([status, signal]): End => {
    return { status: status as number, signal: signal as NodeJS.Signals, ...printed };
  });
  return { child, printed, end };
}

/** Starts the command, and waits until it has said how to connect. @throws when it ends before. */
export async function startSandboxProcess(args: readonly string[]) {
  const { child, printed, end } = spawnSandbox(args);
  const { promise: ready, resolve } = Promise.withResolvers<undefined>();
  child.stdout.on('data', () => {
    if (printed.stdout.includes(READY)) resolve(undefined);
  });
  await Promise.race([ready, end]);
  const found = (pattern: RegExp): string => {
    const text = pattern.exec(printed.stdout)?.[1];
    if (text === undefined) {
      throw new Error(`The sandbox could not be started:\n${printed.stdout}${printed.stderr}`);
    }
    return text;
  };
  return {
    baseUrl: found(/^ATTRO_BASE_URL=(.+)$/m),
    clientId: found(/^CLIENT_ID=(.+)$/m),
    clientSecret: found(/^CLIENT_SECRET=(.+)$/m),
    apiKey: found(/Bearer (sk_test_\w+)/),
    /** What it has printed so far. */
    printed: () => printed.stdout,
    // It has printed something, so it has an id.
    pid: child.pid ?? NaN,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    end,
  };
}

/** Retries come after 0.1, 0.5 and 3 s. */
const SPEED = 600;

export type RestartableSandbox = Awaited<ReturnType<typeof startRestartable>>;

/** Starts one that can be killed and started again, on the same port and with the same data. */
export async function startRestartable(dataFolder: string, redirectUri: string) {
  const args = ['--quiet', '--speed', String(SPEED), '--data', dataFolder];
  const start = (port: string): Promise<SandboxProcess> =>
    startSandboxProcess([...args, '--redirect-uri', redirectUri, '--port', port]);
  const first = await start('0');
  const dead = new AbortController();
  /** Undefined while it is being restarted, and in the end. */
  let running: SandboxProcess | undefined;
  let kills = 0;
  const run = (sandbox: SandboxProcess): void => {
    running = sandbox;
    void sandbox.end.then(({ stderr }) => {
      if (running === sandbox) dead.abort(new Error(`The sandbox has ended:\n${stderr}`));
    });
  };
  const end = (signal: NodeJS.Signals): Promise<End> | undefined => {
    const ended = running;
    running = undefined;
    ended?.kill(signal);
    return ended?.end;
  };
  run(first);
  let up = Promise.resolve();
  // Nothing that it starts outlives this process.
  process.once('exit', () => running?.kill('SIGKILL'));

  return {
    ...first,
    /** Aborted when it ends by itself. */
    dead: dead.signal,
    /** Waits until it answers. @throws when it could not be started again. */
    up: () => up,
    /** How often it was killed and answered again. */
    kills: () => kills,
    /** NaN while it is being restarted. */
    pid: () => running?.pid ?? NaN,
    /** Kills it without any warning, and starts it again; `up` waits for that. */
    killAndRestart: (): void => {
      up = up.then(async () => {
        await end('SIGKILL');
        run(await start(new URL(first.baseUrl).port));
        kills += 1;
      });
      // Who waits for it is told.
      up.catch(() => undefined);
    },
    /** Ends it as Ctrl-C does. @throws when it has something to complain about. */
    stop: async (): Promise<void> => {
      await up.catch(() => undefined);
      const ended = await end('SIGTERM');
      if (ended?.status !== 0) throw new Error(`The sandbox has failed:\n${ended?.stderr}`);
    },
  };
}
