import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import open from 'open';
import { PATHS, SCOPES } from '../attro/contract.ts';
import { CannotRun } from './cannot-run.ts';
import type { Secrets } from './secrets.ts';
import type { ClientSettings } from './settings.ts';

/** How long a person may take in the browser, in milliseconds. */
const SIGN_IN_MS = 5 * 60_000;

/** The path that the browser comes back to. */
const CALLBACK = '/callback';

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Conformance</title>
<p>That was all in the browser. Go back to the terminal.</p></html>`;

/** What the browser came back with. */
export interface Return {
  /** Its query; null where it never came back. */
  query: URLSearchParams | null;
  state: string;
  verifier: string;
}

/** Lets a person sign in with a browser of theirs. */
export interface SignIn {
  redirectUri: string;
  /**
   * Sends the browser to Attro, and waits for it to come back.
   *
   * @param why is told to the person before the address.
   */
  ask: (baseUrl: string, why: string) => Promise<Return>;
  close: () => Promise<void>;
}

/**
 * Listens for the browser on this machine.
 *
 * @param say tells the person where to go, in case no browser opens.
 * @throws {CannotRun} when the port cannot be listened on.
 */
export async function startSignIn(
  { id, redirectPort, opensBrowser }: ClientSettings,
  { secrets, say, signal }: { secrets: Secrets; say: (text: string) => void; signal: AbortSignal },
): Promise<SignIn> {
  let arrived: ((query: URLSearchParams) => void) | undefined;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname !== CALLBACK) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(PAGE);
    arrived?.(searchParams);
  });
  const redirectUri = `http://127.0.0.1:${await portOf(server, redirectPort)}${CALLBACK}`;

  return {
    redirectUri,
    ask: async (baseUrl, why) => {
      const state = randomBytes(16).toString('base64url');
      const verifier = randomBytes(48).toString('base64url');
      secrets.add(verifier);
      const url = `${baseUrl}${PATHS.authorize}?${new URLSearchParams({
        response_type: 'code',
        client_id: id,
        redirect_uri: redirectUri,
        state,
        scope: SCOPES.join(' '),
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      }).toString()}`;
      const back = new Promise<URLSearchParams>((resolve) => {
        arrived = resolve;
      });
      say(`${why} Sign in to Attro in a browser, and allow what is asked:\n${url}`);
      if (opensBrowser) await open(url).catch(() => undefined);
      const end = AbortSignal.any([AbortSignal.timeout(SIGN_IN_MS), signal]);
      const query = await Promise.race([back, once(end, 'abort').then(() => null)]);
      signal.throwIfAborted();
      secrets.add(query?.get('code') ?? undefined);
      return { query, state, verifier };
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function portOf(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    throw new CannotRun(
      `Port ${port} cannot be listened on: something else may use it. Choose another one with --redirect-port.`,
    );
  }
  return (server.address() as AddressInfo).port;
}
