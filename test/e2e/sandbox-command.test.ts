import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startSandbox } from '../../local/attro/index.ts';
import type { Endpoint } from '../../local/attro/index.ts';
import { runSandbox, startProcess } from '../local/attro/command.ts';
import type { SandboxProcess } from '../local/attro/command.ts';
import { hang, startReceiver, until } from '../local/attro/receiver.ts';
import type { Receiver } from '../local/attro/receiver.ts';
import { authorizeUrl, browse, ownerOf, pkcePair, signIn } from '../local/attro/sign-in.ts';

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
    ['half a port', ['--port', '80.5'], /--port.*'80.5'.*whole number from 0 to 65535/],
    ['no data folder', ['--data'], /--data.*missing/],
    ['a speed that is no number', ['--speed', 'fast'], /--speed.*a number from 1/],
    ['a redirect URI that is none', ['--redirect-uri', 'callback'], /--redirect-uri.*not allowed/],
    ['http elsewhere', ['--redirect-uri', 'http://example.com/'], /--redirect-uri.*not allowed/],
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
    expect(await runSandbox('--data', file)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: `The folder ${file} cannot be written: choose one that can.\n`,
    });
    const used = path.join(folder, 'used');
    const first = await startProcess('--data', used);
    expect(await runSandbox('--port', '0', '--data', used)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: `Another sandbox is using ${used}: stop it, or use another folder.\n`,
    });
    first.kill('SIGTERM');
    expect((await first.end).status).toBe(0);
  });
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
    sandbox = await startProcess(...args);
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
});
