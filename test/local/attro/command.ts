import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { SCOPES } from '../../../attro/contract.ts';
import { until } from './receiver.ts';
import type { Running } from './sign-in.ts';

/** How a process ended. */
export interface End {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** `npm run sandbox`, without npm, in a process of its own. */
export interface SandboxProcess extends Running {
  /** What it has printed so far. */
  printed: () => string;
  /** What was printed as a `.env`. */
  dotEnv: string;
  kill: (signal: NodeJS.Signals) => boolean;
  end: Promise<End>;
}

/** A port that is free. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function spawnSandbox(args: readonly string[]) {
  const command = ['--disable-warning=ExperimentalWarning', 'local/attro/main.ts', ...args];
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

/** Runs the command to its end. */
export function runSandbox(...args: string[]): Promise<End> {
  return spawnSandbox(args).end;
}

/** Starts the command, on a free port, and waits until it has said how to connect. */
export async function startProcess(...args: string[]): Promise<SandboxProcess> {
  const { child, printed, end } = spawnSandbox(['--port', '0', ...args]);
  await until(() => printed.stdout.includes('Ctrl-C stops it.') || child.exitCode !== null);
  const found = (pattern: RegExp): string => {
    const text = pattern.exec(printed.stdout)?.[1];
    if (text === undefined)
      throw new Error(`No ${pattern.source} in: ${printed.stdout}${printed.stderr}`);
    return text;
  };
  const baseUrl = found(/^ATTRO_BASE_URL=(.+)$/m);
  return {
    baseUrl,
    clientId: found(/^CLIENT_ID=(.+)$/m),
    clientSecret: found(/^CLIENT_SECRET=(.+)$/m),
    scope: SCOPES.join(' '),
    apiKey: found(/(sk_test_\w+)/),
    dotEnv: found(/((?:^[A-Z_]+=.*\n)+)/m),
    printed: () => printed.stdout,
    kill: (signal) => child.kill(signal),
    end,
  };
}
