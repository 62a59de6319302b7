import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { EVENT_NAMES } from '../../attro/contract.ts';
import { deliverySamples } from '../../scripts/api-page/code-samples.ts';
import { freePort } from '../local/attro/command.ts';
import { sample, sampleText, SECRET, sign } from '../support/deliveries.ts';

/** The examples of docs/api.html that receive a delivery and that send one. */

const ENVIRONMENT = { ...process.env, NODE_OPTIONS: '', ATTRO_WEBHOOK_SECRET: SECRET };

const isThere = (tool: string): boolean => spawnSync(tool, ['--help']).status !== null;

/** A test that needs tools of the machine; left out, with the reason in its name, where one is missing. */
function withTools(tools: readonly string[], name: string, test: () => Promise<void>): void {
  const missing = tools.filter((tool) => !isThere(tool));
  if (missing.length === 0) it(name, test);
  else it.skip(`${name} (not found: ${missing.join(', ')})`, test);
}

async function sourceOf(label: string, delivery: object = {}): Promise<string> {
  const found = (await deliverySamples(delivery)).find((each) => each.label === label);
  if (!found) throw new Error(`There is no example "${label}".`);
  return found.source;
}

async function post(url: string, body: string, signature?: string): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(signature !== undefined && { 'X-Attro-Signature': signature }),
    },
    body,
  });
  return response.status;
}

/** Runs a receiver, asks it for its judgement of every event, and gives what it has printed. */
async function judgements(command: string, args: readonly string[]): Promise<string> {
  const port = await freePort();
  const url = `http://localhost:${port}/`;
  const receiver = spawn(command, args, {
    env: { ...ENVIRONMENT, PORT: String(port), PYTHONUNBUFFERED: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const printed = text(receiver.stdout);
  try {
    while ((await post(url, '{}').catch(() => null)) === null) await sleep(20);
    for (const event of EVENT_NAMES) {
      const body = sampleText(event);
      const signature = await sign(body);
      expect(await post(url, body, signature)).toBe(200);
      expect(await post(url, body, await sign(body, `${SECRET}x`))).toBe(401);
      expect(await post(url, `${body} `, signature)).toBe(401);
      expect(await post(url, body, signature.slice(0, -1))).toBe(401);
      expect(await post(url, body)).toBe(401);
    }
  } finally {
    receiver.kill();
  }
  return printed;
}

const GENUINE = EVENT_NAMES.map((event) => `${event} ${sample(event).data.id}\n`).join('');

describe('the examples that receive', () => {
  it('take what is genuine with Node.js, and nothing else', async () => {
    const source = await sourceOf('Receive with Node.js');
    expect(await judgements(process.execPath, ['--input-type=module', '--eval', source])).toBe(
      GENUINE,
    );
  });

  withTools(['python3'], 'take what is genuine with Python, and nothing else', async () => {
    expect(await judgements('python3', ['-c', await sourceOf('Receive with Python')])).toBe(
      GENUINE,
    );
  });
});

describe('the example that sends', () => {
  withTools(['curl', 'openssl'], 'signs the very bytes that it sends', async () => {
    const received: { headers: IncomingHttpHeaders; body: string }[] = [];
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        received.push({ headers: request.headers, body });
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const hostile = { event: 'affiliate.created', data: { id: "it's $HOME `date` \\ ünï" } };
    for (const delivery of [sample('conversion.created'), hostile]) {
      const source = await sourceOf('Send with curl', delivery);
      const env = { ...ENVIRONMENT, TARGET_URL: `http://127.0.0.1:${port}/` };
      await promisify(execFile)('sh', ['-c', source], { env });
      const [{ headers, body } = { headers: {}, body: '' }] = received.splice(0);
      expect(JSON.parse(body)).toEqual(delivery);
      expect(headers['content-type']).toBe('application/json');
      expect(headers['x-attro-signature']).toBe(await sign(body));
    }
    server.close();
  });
});
