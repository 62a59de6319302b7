import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EVENT_NAMES, EVENTS } from '../../attro/contract.ts';
import type { Finding } from '../../conformance/row.ts';
import { startSandbox, type Sandbox } from '../../local/attro/index.ts';
import { freePort } from '../local/attro/command.ts';
import { until } from '../local/attro/receiver.ts';
import { browse, callApi } from '../local/attro/sign-in.ts';
import {
  changeJson,
  everyField,
  everyObject,
  isList,
  startDeviating,
  type DeviatingServer,
  type Deviation,
} from './deviating.ts';
import { SPEED } from './walks.ts';

const COMMAND = path.resolve('conformance/main.ts');

interface End {
  status: number | null;
  stdout: string;
  stderr: string;
}

interface Running {
  process: ChildProcess;
  /** What it has said so far, beside the result. */
  said: () => string;
  end: Promise<End>;
}

/** Starts the command with nothing of this machine's environment. */
function start(args: readonly string[], environment: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    // A group of its own, as a terminal makes one for each command.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...environment },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  const end = async (): Promise<End> => {
    const [stdout, [status]] = await Promise.all([
      text(child.stdout),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { status, stdout, stderr: said };
  };
  return { process: child, said: () => said, end: end() };
}

let sandbox: Sandbox;
let server: DeviatingServer | undefined;

beforeEach(async () => {
  sandbox = await startSandbox({ speed: SPEED });
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  await sandbox.close();
});

async function deviating(deviation: Deviation): Promise<string> {
  server = await startDeviating(sandbox.baseUrl, deviation);
  return server.baseUrl;
}

/** Expects that the command has ended with one sentence, and no result. */
function expectSentence({ status, stdout, stderr }: End, said: RegExp): void {
  expect(stderr).toMatch(said);
  expect(status).toBe(2);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stdout).toBe('');
}

/** Rows of statuses that no record of the local Attro has, as after an event was added. */
async function rowsOfNoRecord(): Promise<string[]> {
  const rows: string[] = [];
  for (const { path: list, plural, status } of EVENT_NAMES.map((event) => EVENTS[event].list)) {
    if (status === undefined) continue;
    const { body } = await callApi(sandbox, `${list.slice('/api/v1'.length)}?status=${status}`, {
      token: sandbox.apiKey,
    });
    if ((body as { data: object[] }).data.length === 0) rows.push(`${plural}.status.${status}`);
  }
  return rows;
}

describe('against the local Attro', () => {
  it('has every row hold with everything turned on, and leaves none untried', async () => {
    const run = start(
      [
        ...['--base-url', sandbox.baseUrl, '--secrets-from-env', '--open=false'],
        ...['--redirect-port', '0', '--listen', '0', '--wait-for-retry', '--speed', String(SPEED)],
        ...['--writes', '--json'],
      ],
      {
        ATTRO_TOKEN: sandbox.apiKey,
        CLIENT_ID: sandbox.clientId,
        CLIENT_SECRET: sandbox.clientSecret,
      },
    );
    const signInUrl = (): string | undefined =>
      /^http\S+\/oauth\/authorize\S+$/m.exec(run.said())?.[0];
    await until(() => signInUrl() !== undefined);
    const back = await browse(sandbox, signInUrl() ?? '');
    if (!(back instanceof URL)) throw new Error('The sign-in has not come back.');
    await fetch(back);

    const { status, stdout, stderr } = await run.end;
    const rows = JSON.parse(stdout) as Finding[];
    const others = rows.filter(({ result }) => result !== 'holds').map(({ id }) => id);
    expect(others).toEqual(await rowsOfNoRecord());
    expect(rows.length).toBeGreaterThan(200);
    expect(status).toBe(0);
    expect(sandbox.subscriptions()).toEqual([]);
    const code = back.searchParams.get('code') ?? '';
    for (const secret of [sandbox.apiKey, sandbox.clientSecret, code]) {
      expect(secret.length).toBeGreaterThan(10);
      expect(stdout + stderr).not.toContain(secret);
    }
  });

  it('prints a table, and says which options would try the rest', async () => {
    const { status, stdout, stderr } = await start(['--base-url', sandbox.baseUrl], {
      ATTRO_TOKEN: sandbox.apiKey,
    }).end;
    expect(stdout).toMatch(/^holds +account\.bearer +GET \/me takes a bearer token/m);
    expect(stdout).toMatch(/^OAuth2 .*try --client-id and --client-secret$/m);
    expect(stdout).toMatch(/^Writes .*try --writes$/m);
    expect(stdout).toMatch(/^\d+ rows: \d+ hold, 0 differ, \d+ were not tried\.$/m);
    expect(stdout).not.toMatch(/ $/m);
    // No terminal, no progress.
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('makes one endpoint, to an address where nobody listens, and removes it', async () => {
    await start(['--base-url', sandbox.baseUrl, '--token', sandbox.apiKey]).end;
    const changes = sandbox.requests().filter(({ method }) => method !== 'GET');
    const made = changes.filter(({ status }) => status === 201);
    expect(made).toMatchObject([
      {
        method: 'POST',
        body: { url: expect.stringMatching(/^https:\/\/example\.com\//) as unknown },
      },
    ]);
    expect(sandbox.subscriptions()).toEqual([]);
  });
});

describe('against a server that differs', () => {
  it('ends with 1, and says all that docs/conformance.md shows of such a run', async () => {
    const baseUrl = await deviating({
      gives: (given, asked) => {
        if (asked.path !== '/api/v1/payouts' || !isList(asked)) return;
        const withoutZone = (time: unknown): string => String(time).replace('Z', '');
        changeJson(given, (json) =>
          everyObject(everyField(json, ['created_at', 'completed_at'], withoutZone), (object) => {
            const { method, ...others } = object;
            return method === undefined ? object : { ...others, payoutMethod: method };
          }),
        );
      },
    });
    const { status, stdout } = await start(['--base-url', baseUrl, '--token', sandbox.apiKey]).end;
    expect(status).toBe(1);
    expect(stdout).toMatch(/^payouts\.field\.method: differs$/m);
    // How many rows there are is of no account here.
    const lines = (text: string): string[] => text.replace(/\d+/g, 'N').trim().split('\n');
    const [, shown = ''] =
      /```text\n(.*?)```/s.exec(readFileSync('docs/conformance.md', 'utf8')) ?? [];
    expect(lines(shown).length).toBeGreaterThan(10);
    expect(lines(stdout)).toEqual(expect.arrayContaining(lines(shown)));
    // Neither a name nor an address of anybody's.
    expect(stdout).not.toMatch(/jane|smith|@example/i);
  });

  it('shows neither the token nor a secret, wherever the server puts them', async () => {
    const token = sandbox.apiKey;
    const baseUrl = await deviating({
      gives: (given) => {
        given.headers['x-token'] = token;
        if (given.status >= 400) given.headers['content-type'] = `text/${token}`;
        changeJson(given, (json) =>
          everyObject(json, (object) => ({
            ...object,
            [token]: token,
            ...(object['error'] !== undefined && { error: { [token]: token } }),
            ...(object['status'] !== undefined && { status: token }),
            ...(object['type'] !== undefined && { type: [token] }),
          })),
        );
      },
    });
    for (const option of [[], ['--json']]) {
      const run = start(['--base-url', baseUrl, '--token', token, '--timeout', '5', ...option]);
      const { status, stdout, stderr } = await run.end;
      expect(status).toBe(1);
      expect(stdout + stderr).not.toContain(token);
      for (let at = 0; at + 10 <= token.length; at += 1) {
        expect(stdout + stderr).not.toContain(token.slice(at, at + 10));
      }
    }
  });
});

describe('a run that cannot be', () => {
  it('says that there is no such server', async () => {
    const port = await freePort();
    const end = await start(['--base-url', `http://127.0.0.1:${port}`, '--token', 'sk_test_1']).end;
    expectSentence(end, /could not be reached: the connection was refused\.$/m);
  });

  it('says that the token is refused', async () => {
    const end = await start(['--base-url', sandbox.baseUrl, '--token', 'sk_test_of_nobody']).end;
    expectSentence(end, /refused the token \(401\)/);
    expect(end.stderr).not.toContain('sk_test_of_nobody');
  });

  it('says so where there is no /me, but other requests refuse the token', async () => {
    const baseUrl = await deviating({
      gives: (given, { path: asked }) => {
        if (asked === '/api/v1/me') given.status = 404;
      },
    });
    const end = await start(['--base-url', baseUrl, '--token', 'sk_test_of_nobody']).end;
    expectSentence(end, /refused the token \(401\)/);
  });

  it('says which port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const port = String((taken.address() as AddressInfo).port);
    const args = ['--base-url', sandbox.baseUrl, '--token', sandbox.apiKey, '--listen', port];
    const end = await start(args).end;
    taken.close();
    expectSentence(end, /Port \d+ cannot be listened on.*--listen/);
  });

  it('says what is wrong with the options', async () => {
    expectSentence(await start(['--base-url', 'nowhere', '--token', 'x']).end, /--base-url is not/);
  });

  it('prints its help, which is none', async () => {
    const { status, stdout, stderr } = await start(['--help']).end;
    expect(stdout).toContain('--wait-for-retry');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('a run that is stopped', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('on %s removes what it has made', async (signal, expected) => {
    let isReached = false;
    const baseUrl = await deviating({
      // It never hears of its endpoint.
      answers: ({ method, path: asked }) => {
        if (method !== 'GET' || !asked.startsWith('/api/v1/webhooks/')) return false;
        isReached = true;
        return true;
      },
    });
    const run = start(['--base-url', baseUrl, '--token', sandbox.apiKey]);
    await until(() => isReached);
    expect(sandbox.subscriptions()).toHaveLength(1);
    run.process.kill(signal);
    const { status, stdout, stderr } = await run.end;
    expect(sandbox.subscriptions()).toEqual([]);
    expect(status).toBe(expected);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Stopped\. /);
  });

  it('ends also where Ctrl-C reaches the app that works on answers, as in a terminal', async () => {
    let isReached = false;
    let isLate = false;
    const baseUrl = await deviating({
      // What differs first has the app started.
      gives: (given) => {
        delete given.headers['www-authenticate'];
      },
      answers: ({ method, path: asked }, response) => {
        if (!asked.startsWith('/api/v1/webhooks/')) return false;
        isReached = true;
        if (method === 'DELETE' && !isLate) {
          // By the time that this is answered the app is gone.
          isLate = true;
          setTimeout(() => {
            response.writeHead(429, { 'Retry-After': '1' }).end();
          }, 500);
          return true;
        }
        return method === 'GET';
      },
    });
    const run = start(['--base-url', baseUrl, '--token', sandbox.apiKey]);
    await until(() => isReached);
    process.kill(-(run.process.pid ?? 0), 'SIGINT');
    expect((await run.end).status).toBe(130);
    expect(sandbox.subscriptions()).toEqual([]);
  });

  it('removes also what it learns of only after it was stopped', async () => {
    let answer: (() => void) | undefined;
    const baseUrl = await deviating({
      answers: ({ method, path: asked, body, headers }, response) => {
        if (method !== 'POST' || asked !== '/api/v1/webhooks') return false;
        const passOn = async (): Promise<void> => {
          const given = await fetch(`${sandbox.baseUrl}${asked}`, {
            method,
            body,
            headers: {
              authorization: headers.authorization ?? '',
              'content-type': 'application/json',
            },
          });
          const made = await given.text();
          answer = () => {
            response.writeHead(201, { 'Content-Type': 'application/json' }).end(made);
          };
        };
        passOn().catch(() => response.destroy());
        return true;
      },
    });
    const run = start(['--base-url', baseUrl, '--token', sandbox.apiKey]);
    await until(() => answer !== undefined);
    expect(sandbox.subscriptions()).toHaveLength(1);
    run.process.kill('SIGINT');
    // Long enough for the signal to have come.
    setTimeout(() => answer?.(), 300);
    const { status } = await run.end;
    expect(sandbox.subscriptions()).toEqual([]);
    expect(status).toBe(130);
  });
});
