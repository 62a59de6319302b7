import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { EVENT_NAMES } from '../../attro/contract.ts';
import { startSandbox, type Sandbox } from '../../local/attro/index.ts';
import { freePort } from '../local/attro/command.ts';
import { ownerOf, signIn } from '../local/attro/sign-in.ts';
import { startDeviating, type Asked, type Deviation } from './deviating-server.ts';

/** The command against the local Attro, and against servers that are it but for one thing. */

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});

afterEach(() => {
  expect(sandbox.subscriptions()).toEqual([]);
});

afterAll(() => sandbox.close());

interface Run {
  child: ChildProcess;
  end: Promise<{ status: number | null; printed: string }>;
}

function start(baseUrl: string, options: string[] = [], environment: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(
    process.execPath,
    ['scripts/conformance.ts', '--base-url', baseUrl, ...options],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', ATTRO_TOKEN: sandbox.apiKey, ...environment },
    },
  );
  const end = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([stdout, stderr, [status]]) => ({
      status: status as number | null,
      printed: stripVTControlCharacters(stdout + stderr),
    }),
  );
  return { child, end };
}

/** Runs the command against the local Attro but for what deviates. */
async function against(deviation: Deviation, ...options: string[]): Run['end'] {
  const server = await startDeviating(sandbox.baseUrl, deviation);
  try {
    return await start(server.baseUrl, options).end;
  } finally {
    server.close();
  }
}

/** Changes the JSON of answers to some requests. */
function giving([method, path]: [string, RegExp], change: (text: string) => string): Deviation {
  return {
    answers: (answered, asked) => {
      if (asked.method === method && path.test(asked.path) && answered.status < 300) {
        answered.body = change(answered.body);
      }
    },
  };
}

const asking = (change: (asked: Asked) => void): Deviation => ({ asks: change });

/** Leaves a filter of a list out of account. */
const leavingOut = (filter: string, list: string): Deviation =>
  asking(({ path, query }) => {
    if (path.endsWith(list)) query.delete(filter);
  });

describe('the local Attro', () => {
  it('holds to all of it, and to what is added: writes, OAuth2 and deliveries', async () => {
    const { refresh_token: REFRESH_TOKEN } = await signIn(sandbox);
    const hook = `http://127.0.0.1:${await freePort()}`;
    const { status, printed } = await start(sandbox.baseUrl, ['--writes', '--hook-url', hook], {
      CLIENT_ID: sandbox.clientId,
      CLIENT_SECRET: sandbox.clientSecret,
      REFRESH_TOKEN,
    }).end;
    expect({ status, failures: printed.match(/^.*✗.*$/gm) }).toEqual({ status: 0, failures: null });
    expect(printed).toMatch(/Workflows: (\d+) passed, \1 total/);
    expect(printed).not.toContain('Not checked');
    for (const event of EVENT_NAMES) {
      expect(printed).toContain(`✓ ${event} - received, verified and read`);
    }
    for (const secret of [sandbox.apiKey, sandbox.clientSecret, REFRESH_TOKEN]) {
      expect(printed).not.toContain(secret);
    }
  });

  it('is left as it was, with its token in the arguments of no process', async () => {
    const newest = () => ownerOf(sandbox)('GET', '/affiliates?limit=1');
    const { body: before } = await newest();
    const seen: string[] = [];
    const looking = asking(() => {
      seen.push(...globSync('/proc/[0-9]*/cmdline').map(textIfThere));
    });
    const { status, printed } = await against(looking);
    expect(status).toBe(0);
    expect(printed.match(/^Not checked without .*:/gm)).toHaveLength(3);
    expect((await newest()).body).toEqual(before);
    if (process.platform === 'linux') expect(seen.join()).toContain('workflows.arazzo.yaml');
    expect(seen.join()).not.toContain(sandbox.apiKey);
  });
});

/** How a server deviates, and the steps that must be named for it. */
type Way = [deviation: string, steps: string[], Deviation];

/** Servers that deviate in one way in each workflow, which ends with the step that tells it. */
const SERVERS: Way[][] = [
  [
    [
      'an account without an id',
      ['GET /me - step me'],
      giving(['GET', /\/me$/], (body) => body.replace(/"id":"[^"]*",/, '')),
    ],
    [
      'webhooks at another path',
      ['POST /webhooks - step subscribe', 'POST /webhooks - step unknown-event'],
      asking((asked) => (asked.path = asked.path.replace('/webhooks', '/hooks'))),
    ],
    [
      'records in camel case',
      ['GET /affiliates - step first-page', 'GET /affiliates - step find'],
      giving(['GET', /\/affiliates$/], (body) => body.replaceAll('display_name', 'displayName')),
    ],
    [
      'oldest records first',
      ['GET /conversions - step first-page'],
      giving(['GET', /\/conversions$/], (body) => {
        const page = JSON.parse(body) as { data: unknown[] };
        return JSON.stringify({ ...page, data: page.data.toReversed() });
      }),
    ],
    [
      'amounts as texts',
      ['GET /payouts - step first-page'],
      giving(['GET', /\/payouts$/], (body) => body.replace(/"amount":([\d.]+)/g, '"amount":"$1"')),
    ],
    [
      'a list in another envelope',
      ['GET /offers - step first-page', 'GET /offers - step first-offer'],
      giving(['GET', /\/offers$/], (body) => body.replace('"data":', '"items":')),
    ],
    [
      'an Idempotency-Key that is left out of account',
      ['POST /conversions - step create-again'],
      asking(({ headers }) => {
        delete headers['idempotency-key'];
      }),
    ],
  ],
  [
    [
      'a wrong token that is let in',
      ['GET /me - step wrong-token'],
      asking(({ headers }) => {
        if (headers['authorization'] !== 'Bearer not-a-token') return;
        headers['authorization'] = `Bearer ${sandbox.apiKey}`;
      }),
    ],
    [
      'a subscription without an id',
      ['POST /webhooks - step subscribe'],
      giving(['POST', /\/webhooks$/], (body) => body.replace(/"id":"[^"]*",/, '')),
    ],
    [
      'a filter that is left out of account',
      ['GET /affiliates - step by-status'],
      leavingOut('status', '/affiliates'),
    ],
    [
      'a cursor that is left out of account',
      ['GET /payouts - step next-page'],
      asking(({ path, query }) => {
        if (path.endsWith('/payouts') && query.has('limit')) query.delete('cursor');
      }),
    ],
    [
      'HTML for JSON',
      ['GET /offers - step first-page', 'GET /offers - step first-offer'],
      {
        answers: (answered, { path }) => {
          if (!path.endsWith('/offers')) return;
          Object.assign(answered, { headers: { 'content-type': 'text/html' }, body: '<html>' });
        },
      },
    ],
  ],
  [
    [
      'a second unsubscribe that fails',
      ['DELETE /webhooks/{id} - step unsubscribe-again'],
      {
        answers: (answered, { method }) => {
          if (method === 'DELETE' && answered.status === 404) answered.status = 500;
        },
      },
    ],
    [
      'payouts of every affiliate',
      ['GET /payouts - step by-affiliate'],
      leavingOut('affiliate_id', '/payouts'),
    ],
    [
      'offers of every name',
      ['GET /offers - step by-imagined-name'],
      leavingOut('search', '/offers'),
    ],
    [
      'a website that cannot be changed',
      ['PATCH /affiliates/{id} - step change-website'],
      asking((asked) => (asked.body = asked.body.replace('/partners', ''))),
    ],
  ],
];

describe('a server is told by its steps, and by no other, that has', () => {
  it.each(SERVERS.map((ways) => [ways.map(([name]) => name).join('; '), ways] as const))(
    '%s',
    async (_name, ways) => {
      const { status, printed } = await against(
        {
          asks: (asked) => {
            for (const [, , { asks }] of ways) asks?.(asked);
          },
          answers: (answered, asked) => {
            for (const [, , { answers }] of ways) answers?.(answered, asked);
          },
        },
        '--writes',
      );
      const told = [...printed.matchAll(/✗ (.* - step \S+)/g)].map(([, step]) => step);
      expect(told.sort()).toEqual(ways.flatMap(([, steps]) => steps).sort());
      expect(printed).not.toContain(sandbox.apiKey);
      expect(status).toBe(1);
    },
  );
});

describe('a delivery', () => {
  it('that is forged, or never sent, is told with the reason, and the others hold', async () => {
    const forging = asking((asked) => {
      if (asked.path.endsWith('/test') && asked.body.includes('fraud.detected')) asked.path += 's';
      if (!asked.body.includes('payout.failed')) return;
      asked.body = asked.body.replace(/"secret":"[^"]*"/, '"secret":"whsec_of_somebody_else"');
    });
    const hook = `http://127.0.0.1:${await freePort()}`;
    const { status, printed } = await against(forging, '--hook-url', hook);
    expect(status).toBe(1);
    expect(printed).toMatch(/✗ payout\.failed - received, but: .*signature/);
    expect(printed).toMatch(/✗ fraud\.detected - not sent: POST \S+\/test was answered with 404/);
    expect(printed.match(/received, verified and read/g)).toHaveLength(EVENT_NAMES.length - 2);
  });
});

describe('the command', () => {
  it.each([
    ['a server that is not there', 'http://127.0.0.1:9', 'a1', /^No server answers at .+\n$/],
    ['an address that is none', 'attro', 'a1', /^--base-url is not a web address\. .+\n$/],
    ['a token that is refused', '', 'a1', /^The server refuses the token in .+\n$/],
    ['no token', '', '', /^Set ATTRO_TOKEN to .+\n$/],
  ])('says in a sentence what is wrong with %s', async (_name, address, token, said) => {
    const run = start(address || sandbox.baseUrl, [], { ATTRO_TOKEN: token });
    const { status, printed } = await run.end;
    expect(printed).toMatch(said);
    expect(status).toBe(2);
  });

  it('removes its subscription when it is stopped', async () => {
    const server = await startDeviating(sandbox.baseUrl, {
      answers: (_answered, { method, path }) => {
        if (method === 'POST' && path.endsWith('/webhooks')) run.child.kill('SIGINT');
      },
    });
    const run = start(server.baseUrl);
    expect((await run.end).status).toBe(130);
    server.close();
  });
});

/** What a file holds that may be gone by now. */
function textIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
