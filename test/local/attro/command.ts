import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { SCOPES } from '../../../attro/contract.ts';
import {
  spawnSandbox,
  startSandboxProcess,
  type End,
} from '../../../local/soak/sandbox-process.ts';

export type SandboxProcess = Awaited<ReturnType<typeof startProcess>>;

/** A port that is free. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs the command to its end. */
export function runSandbox(...args: string[]): Promise<End> {
  return spawnSandbox(args).end;
}

/** Starts the command, on a free port, and waits until it has said how to connect. */
export async function startProcess(...args: string[]) {
  const sandbox = await startSandboxProcess(['--port', '0', ...args]);
  /** What was printed as a `.env`. */
  const [dotEnv = ''] = /(?:^[A-Z_]+=.*\n)+/m.exec(sandbox.printed()) ?? [];
  return { ...sandbox, scope: SCOPES.join(' '), dotEnv };
}
