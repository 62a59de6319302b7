import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startSandbox } from '../../../local/attro/index.ts';
import type { Endpoint } from '../../../local/attro/index.ts';
import { freePort, runSandbox, startProcess } from './command.ts';
import type { SandboxProcess } from './command.ts';
import { hang, startReceiver, until } from './receiver.ts';
import type { Receiver } from './receiver.ts';
import { authorizeUrl, browse, ownerOf, pkcePair, signIn } from './sign-in.ts';
import type { Running } from './sign-in.ts';

/** `npm run sandbox` as a person meets it, in processes of its own. */

const EVENT = 'payout.completed';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'attro-command-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('what is wrong is said in one line, with status 2', () => {
  it.each<[string, string[], RegExp]>([
    ['a port that is no number', ['--port', 'x'], /--port.*'x'.*whole number from 1 to 65535/],
    ['a port of none', ['--port', ''], /--port.*whole number from 1 to 65535/],
    ['a port that is too high', ['--port', '65536'], /--port.*from 1 to 65535/],
    ['half a port', ['--port', '80.5'], /--port.*whole number/],
    ['no port', ['--port'], /--port.*missing/],
    ['no data folder', ['--data'], /--data.*missing/],
    ['a speed of 0', ['--speed', '0'], /--speed.*from 1 to/],
    ['a speed that is no number', ['--speed', 'fast'], /--speed.*a number from 1/],
    ['a redirect URI that is none', ['--redirect-uri', 'callback'], /--redirect-uri.*https:\/\//],
    ['http elsewhere', ['--redirect-uri', 'http://example.com/'], /--redirect-uri.*this machine/],
    ['a fragment', ['--redirect-uri', 'https://a.example/#x'], /--redirect-uri.*fragment/],
    ['another scheme', ['--redirect-uri', 'ftp://localhost/'], /--redirect-uri.*https/],
    [
      'tokens that never were good',
      ['--access-token-seconds', '0'],
      /--access-token-seconds.*from 1/,
    ],
    ['a negative seed', ['--seed', '-1'], /--seed.*from 0/],
    ['an unknown option, with the one that may be meant', ['--prot', '1'], /--prot.*--port/],
    ['a word too many', ['start'], /too many arguments/],
  ])('such as %s', async (_case, args, said) => {
    const { status, stdout, stderr } = await runSandbox(...args);
    expect(stderr).toMatch(said);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  it('such as a port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(await runSandbox('--port', String(port))).toEqual({
      status: 2,
      signal: null,
      stdout: '',
      stderr: `Port ${port} is in use: stop what uses it, or choose another --port.\n`,
    });
    other.close();
  });

  it('such as a folder that cannot be written, or is used by another sandbox', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    const port = String(await freePort());
    // In the second nobody may make a folder, not even who may do everything.
    for (const unusable of [file, '/proc/attro']) {
      expect(await runSandbox('--port', port, '--data', unusable)).toMatchObject({
        status: 2,
        stdout: '',
        stderr: `The folder ${unusable} cannot be written: choose one that can.\n`,
      });
    }
    const used = path.join(folder, 'used');
    const first = await startProcess('--port', port, '--data', used);
    expect(await runSandbox('--port', String(await freePort()), '--data', used)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: `Another sandbox is using ${used}: stop it, or use another folder.\n`,
    });
    first.kill('SIGTERM');
    expect((await first.end).status).toBe(0);
  });
});

it('--help names each option with an example, and starts nothing', async () => {
  const { status, stdout, stderr } = await runSandbox('--help');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const options = [...stdout.matchAll(/^ {2}(--[a-z-]+)[ <].* {2}\S/gm)].map(([, name]) => name);
  const examples = stdout.slice(stdout.indexOf('Examples:'));
  for (const name of [
    ...['--port', '--data', '--speed', '--redirect-uri', '--access-token-seconds', '--seed'],
    '--quiet',
  ]) {
    expect(options).toContain(name);
    expect(examples).toContain(`  ${name}`);
  }
});

describe('a sandbox that runs', () => {
  let receiver: Receiver;
  let sandbox: SandboxProcess;

  beforeEach(async () => {
    receiver = await startReceiver();
  });

  afterEach(async () => {
    sandbox.kill('SIGKILL');
    await sandbox.end;
    await receiver.close();
  });

  async function start(...args: string[]): Promise<ReturnType<typeof ownerOf>> {
    sandbox = await startProcess('--port', String(await freePort()), ...args);
    return ownerOf(sandbox);
  }

  async function add(call: ReturnType<typeof ownerOf>, at = ''): Promise<string> {
    const json = { url: `${receiver.url}${at}`, events: [EVENT], secret: 'whsec_of_the_tests' };
    return ((await call('POST', '/webhooks', json)).body as Endpoint).id;
  }

  async function emit(copies = 1): Promise<void> {
    const { status } = await fetch(`${sandbox.baseUrl}/sandbox/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ event: EVENT, copies }),
    });
    expect(status).toBe(202);
  }

  const lines = () =>
    sandbox
      .printed()
      .split('\n')
      .filter((line) => line.includes(EVENT));

  it('prints how to connect: a .env that can be pasted, and a key that works here alone', async () => {
    const call = await start();
    expect(parseEnv(sandbox.dotEnv)).toEqual({
      ATTRO_BASE_URL: sandbox.baseUrl,
      CLIENT_ID: sandbox.clientId,
      CLIENT_SECRET: sandbox.clientSecret,
    });
    expect(sandbox.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await call('GET', '/me')).status).toBe(200);
    const { access_token } = await signIn(sandbox);
    expect(access_token).toMatch(/./);
    expect(sandbox.printed()).toContain('in memory only');
    // It listens on loopback alone.
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, scopeid }) => !internal && !scopeid);
    for (const { address } of others) {
      const socket = connect(Number(new URL(sandbox.baseUrl).port), address);
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
      expect(error.code).toBe('ECONNREFUSED');
    }
  });

  it('has what was made before with the same --data, and says where', async () => {
    const data = path.join(folder, 'kept');
    const id = await add(await start('--data', data));
    const { clientId, clientSecret, apiKey } = sandbox;
    expect(sandbox.printed()).toContain(`keeps its data in ${data}.`);
    sandbox.kill('SIGTERM');
    await sandbox.end;
    const again = await startSandbox({ dataFolder: data });
    expect(again).toMatchObject({ clientId, clientSecret, apiKey });
    expect(again.subscriptions().map((endpoint) => endpoint.id)).toEqual([id]);
    await again.close();
  });

  it('has the same records for the same --seed, and others for another', async () => {
    const lists = ['affiliates', 'conversions', 'payouts', 'offers'];
    const recordsOf = async (running: Running) => {
      const pages = lists.map((list) => ownerOf(running)('GET', `/${list}?limit=100`));
      return (await Promise.all(pages)).map(({ body }) => body);
    };
    await start('--seed', '7');
    const same = await startSandbox({ seed: 7 });
    const other = await startSandbox({ seed: 8 });
    const records = await recordsOf(sandbox);
    expect(await recordsOf(same)).toEqual(records);
    const others = await recordsOf(other);
    for (const [index, list] of records.entries()) expect(others[index]).not.toEqual(list);
    await Promise.all([same.close(), other.close()]);
  });

  it('divides the delays by --speed and nothing else, and tells of each attempt', async () => {
    const call = await start('--speed', '20');
    const id = await add(call);
    receiver.reactions = [
      (response) => setTimeout(() => response.writeHead(503).end(), 1200),
      (response) => response.destroy(),
    ];
    await emit();
    await until(() => lines().length === 2);
    const duration = '\\d+ (ms|seconds?)';
    const line = (rest: string) =>
      expect.stringMatching(new RegExp(`^\\d\\d:\\d\\d:\\d\\d ${EVENT} to ${id}: ${rest}$`));
    expect(lines()).toEqual([
      line('attempt 1, 503 in 1 second, next attempt in 3 seconds'),
      line(`attempt 2, connection reset in ${duration}, next attempt in 15 seconds`),
    ]);
    const { body } = await call('GET', `/webhooks/${id}/deliveries`);
    const [delivery] = (body as { data: { id: string }[] }).data;
    await call('POST', `/webhooks/${id}/deliveries/${delivery?.id}/retry`);
    await until(() => lines().length === 3);
    expect(lines()[2]).toEqual(line(`attempt 3, 200 in ${duration}`));
  });

  it('tells when an endpoint is disabled or removed', async () => {
    const call = await start('--speed', '1000000');
    const failing = await add(call, '/failing');
    receiver.otherwise = 500;
    await emit();
    await until(() => lines().length === 4);
    expect(lines()[2]).toMatch(/attempt 3, 500 in \d+ ms, next attempt in 2 ms$/);
    expect(lines()[3]).toMatch(/attempt 4, 500 in \d+ ms, the endpoint is disabled$/);
    const gone = await add(call, '/gone');
    receiver.otherwise = 410;
    await emit();
    await until(() => lines().length === 5);
    expect(lines()[4]).toMatch(
      new RegExp(`to ${gone}: attempt 1, 410 in \\d+ ms, the endpoint is removed$`),
    );
    expect((await call('GET', `/webhooks/${failing}`)).body).toMatchObject({ status: 'disabled' });
    // No secret has got into it.
    expect(sandbox.printed()).not.toContain('whsec_');
  });

  it('tells nothing of attempts with --quiet', async () => {
    const call = await start('--quiet');
    const id = await add(call);
    await emit();
    await until(async () => {
      const { body } = await call('GET', `/webhooks/${id}/health`);
      return (body as { attempts: { succeeded: number } }).attempts.succeeded === 1;
    });
    sandbox.kill('SIGTERM');
    const { stdout } = await sandbox.end;
    expect(stdout).toContain('CLIENT_ID=');
    expect(stdout).not.toContain(EVENT);
  });

  it('sends codes to each --redirect-uri and to the Zapier CLI, and gives tokens for a time', async () => {
    const uris = ['https://a.example/one', 'http://127.0.0.1/callback'];
    const options = uris.flatMap((uri) => ['--redirect-uri', uri]);
    await start('--access-token-seconds', '90', ...options);
    const endOf = async (redirect_uri: string) => {
      const { challenge } = pkcePair();
      const end = await browse(sandbox, authorizeUrl(sandbox, challenge, { redirect_uri }));
      return end instanceof URL ? `${end.origin}${end.pathname}` : end.status;
    };
    for (const uri of uris) expect(await endOf(uri)).toBe(uri);
    expect(await endOf('http://localhost:9000')).toBe('http://localhost:9000/');
    expect(await endOf('https://a.example/other')).toBe(400);
    expect((await signIn(sandbox)).expires_in).toBe(90);
  });

  it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])(
    'finishes what is being sent at %s, and exits with 0',
    async (signal) => {
      const data = path.join(folder, `stopped-by-${signal}`);
      const id = await add(await start('--data', data));
      let answer: () => void = () => undefined;
      receiver.reactions = [(response) => (answer = () => response.end('finished'))];
      await emit();
      await until(() => receiver.received.length === 1);
      sandbox.kill(signal);
      await until(() => sandbox.printed().includes('Stopping'));
      answer();
      expect(await sandbox.end).toMatchObject({ status: 0, signal: null, stderr: '' });
      expect(lines()).toHaveLength(1);
      const again = await startSandbox({ dataFolder: data });
      const { body } = await ownerOf(again)('GET', `/webhooks/${id}/deliveries`);
      expect(body).toMatchObject({
        data: [{ status: 'succeeded', attempts: [{ response_body: 'finished' }] }],
      });
      await again.close();
    },
  );

  it('ends at once when it is asked a second time, with nothing lost', async () => {
    const data = path.join(folder, 'stopped-twice');
    const id = await add(await start('--data', data));
    receiver.reactions = [hang];
    await emit();
    await until(() => receiver.received.length === 1);
    sandbox.kill('SIGINT');
    await until(() => sandbox.printed().includes('Stopping'));
    sandbox.kill('SIGINT');
    expect(await sandbox.end).toMatchObject({ status: 130, stderr: '' });
    const again = await startSandbox({ dataFolder: data });
    await again.settled();
    expect(receiver.received).toHaveLength(2);
    const { body } = await ownerOf(again)('GET', `/webhooks/${id}/health`);
    expect(body).toMatchObject({ deliveries: { succeeded: 1, pending: 0 } });
    await again.close();
  });

  it('stops without a word of complaint while it is answering', async () => {
    const call = await start('--quiet');
    await add(call);
    const { access_token } = await signIn(sandbox);
    let isStopping = false;
    const busy = Array.from({ length: 8 }, async (_, index) => {
      while (!isStopping) {
        const headers = { authorization: `Bearer ${access_token}`, accept: 'text/html' };
        const address =
          index % 2 ? authorizeUrl(sandbox, pkcePair().challenge) : `${sandbox.baseUrl}/api/v1/me`;
        await fetch(address, { headers, redirect: 'manual' }).then(
          (response) => response.text(),
          () => (isStopping = true),
        );
      }
    });
    await emit(200);
    await until(() => receiver.received.length > 50);
    sandbox.kill('SIGTERM');
    expect(await sandbox.end).toMatchObject({ status: 0, stderr: '' });
    isStopping = true;
    await Promise.all(busy);
  });

  it('answers what comes before it is ready', async () => {
    const port = await freePort();
    const started = performance.now();
    const starting = startProcess('--port', String(port));
    let answered: Response | undefined;
    await until(async () => {
      answered = await fetch(`http://127.0.0.1:${port}/api/v1/me`).catch(() => undefined);
      return answered !== undefined;
    });
    const took = Math.round(performance.now() - started);
    // For who measures it; a slow machine must not decide a test.
    process.stdout.write(`The first answer of a sandbox came ${took} ms after its start.\n`);
    expect(answered?.status).toBe(401);
    sandbox = await starting;
  });
});
