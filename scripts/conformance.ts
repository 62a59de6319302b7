import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { Command, CommanderError } from 'commander';
import { parse } from 'yaml';
import { REQUEST_TIMEOUT_MS } from '../attro/client.ts';
import { baseUrl as checkedBaseUrl, BaseUrlError, PATHS } from '../attro/contract.ts';
import { numberFrom } from '../local/number-option.ts';
import type { Ask } from './conformance-deliveries.ts';

/**
 * Holds a server against attro/openapi.yaml: `redocly respect` runs attro/workflows.arazzo.yaml, and the
 * stand-in for Zapier receives deliveries. Whatever happens, the subscriptions made are removed.
 */

const WORKFLOWS = 'attro/workflows.arazzo.yaml';

const CANNOT_RUN = 2;

/** Why nothing can be checked, as a sentence. */
class CannotRun extends Error {}

interface Given {
  baseUrl: string;
  writes?: boolean;
  hookUrl?: string;
  listen?: number;
}

const command = new Command('npm run conformance --')
  .description(
    "Holds a server against the contract that the integration has with Attro's API.\n\n" +
      'ATTRO_TOKEN is an access token or an API key. With CLIENT_ID, CLIENT_SECRET and REFRESH_TOKEN, which is ' +
      'used up, refreshing is checked too.',
  )
  .requiredOption('--base-url <url>', 'the server, such as https://get-attro.com')
  .option('--writes', 'adds what creates affiliates, conversions and tracking links, which stay')
  .option('--hook-url <url>', 'adds deliveries, to this public address of this machine')
  .option(
    '--listen <port>',
    'the port that --hook-url leads to; default: its own',
    numberFrom(1, 65_535),
  )
  .helpOption('--help', 'shows this')
  .allowExcessArguments(false)
  .exitOverride();

/** What the command line and the environment ask for. */
function settings(environment: NodeJS.ProcessEnv) {
  const { baseUrl: given, writes = false, hookUrl, listen } = command.parse().opts<Given>();
  const token = environment['ATTRO_TOKEN'] ?? '';
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new CannotRun('Set ATTRO_TOKEN to an access token or an API key.');
  }
  const hook = hookUrl !== undefined && URL.canParse(hookUrl) ? new URL(hookUrl) : undefined;
  const port = listen ?? Number(hook?.port);
  if (hookUrl !== undefined && !(hook && port > 0)) {
    throw new CannotRun(
      '--hook-url must be a web address, and needs --listen unless it has a port.',
    );
  }
  try {
    return {
      baseUrl: checkedBaseUrl({ ATTRO_BASE_URL: given }),
      ...{ token, writes },
      ...(hookUrl !== undefined && { hook: { url: hookUrl.replace(/\/+$/, ''), port } }),
    };
  } catch (error) {
    if (!(error instanceof BaseUrlError)) throw error;
    throw new CannotRun(error.message.replaceAll('ATTRO_BASE_URL', '--base-url'));
  }
}

/** Says in a sentence what every step would fail because of. */
async function checkServer(ask: Ask, baseUrl: string): Promise<void> {
  const answer = await ask('GET', PATHS.me).catch(() => undefined);
  if (!answer) throw new CannotRun(`No server answers at ${baseUrl}.`);
  if (answer.status === 401) throw new CannotRun('The server refuses the token in ATTRO_TOKEN.');
  if (answer.status >= 300 && answer.status < 400) {
    throw new CannotRun(
      `${baseUrl} redirects, which the contract rules out: give the address itself.`,
    );
  }
}

/** The workflows that are not to run; says why. */
function leftOut(writes: boolean, hasClient: boolean): string[] {
  const { workflows } = parse(readFileSync(WORKFLOWS, 'utf8')) as {
    workflows: { workflowId: string }[];
  };
  const ids = (prefix: string): string[] =>
    workflows.map(({ workflowId }) => workflowId).filter((id) => id.startsWith(prefix));
  if (!writes) console.log('Not checked without --writes: what creates records.');
  if (!hasClient) {
    console.log(
      'Not checked without CLIENT_ID, CLIENT_SECRET and REFRESH_TOKEN: refreshing a token.',
    );
  }
  return [...(writes ? [] : ids('write-')), ...(hasClient ? [] : ids('oauth-'))];
}

/** Runs the workflows. No input stands among the arguments, where other users of the machine see it. */
async function runWorkflows(
  { baseUrl, token, writes }: ReturnType<typeof settings>,
  { run, targetUrl, signal }: { run: string; targetUrl: string; signal: AbortSignal },
): Promise<boolean> {
  const { CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN } = process.env;
  const client = {
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    refresh_token: REFRESH_TOKEN,
  };
  const skipped = leftOut(writes, Object.values(client).every(Boolean));
  const child = spawn(
    process.execPath,
    [
      ...['node_modules/@redocly/cli/bin/cli.js', 'respect', WORKFLOWS],
      ...['--max-fetch-timeout', String(REQUEST_TIMEOUT_MS)],
      ...skipped.flatMap((id) => ['--skip', id]),
    ],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        REDOCLY_TELEMETRY: 'off',
        REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
        REDOCLY_CLI_RESPECT_INPUT: JSON.stringify({ token, run, target_url: targetUrl, ...client }),
        REDOCLY_CLI_RESPECT_SERVER: JSON.stringify({ attro: `${baseUrl}/api/v1`, oauth: baseUrl }),
      },
    },
  );
  signal.addEventListener('abort', () => child.kill());
  const [status] = (await once(child, 'close')) as [number | null];
  return status === 0;
}

/** Removes the subscriptions of this run that are still there, as after a step that failed. */
async function removeSubscriptions(ask: Ask, prefixes: readonly string[]): Promise<void> {
  const remove = async (): Promise<void> => {
    // The newest come first, so these are among them.
    const answer = await ask('GET', `${PATHS.webhooks}?limit=100`);
    const { data } = (await answer.json()) as { data: { id: string; url: string }[] };
    const left = data.filter(({ url }) => prefixes.some((each) => url.startsWith(each)));
    for (const { id, url } of left) {
      const { status } = await ask('DELETE', `${PATHS.webhooks}/${id}`);
      if (status !== 204) throw new Error(`The subscription to ${url} is still there.`);
    }
  };
  await remove().catch(() => {
    console.error(
      `Subscriptions could not be looked through: remove those to ${prefixes.join(' and ')}, if there are any.`,
    );
  });
}

async function main(): Promise<number> {
  const given = settings(process.env);
  const { baseUrl, token, hook } = given;
  const ask: Ask = (method, path, body) =>
    fetch(`${baseUrl}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  await checkServer(ask, baseUrl);

  const stopping = new AbortController();
  const { signal } = stopping;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      stopping.abort(128 + constants.signals[name]);
    });
  }
  const run = `${Date.now()}${randomInt(100, 1000)}`;
  const targetUrl = `https://example.com/attro-conformance/${run}`;
  const hooks = hook && { url: `${hook.url}/${run}`, port: hook.port };
  try {
    let holds = await runWorkflows(given, { run, targetUrl, signal });
    if (!hooks) console.log('Not checked without --hook-url: deliveries.');
    else if (!signal.aborted) {
      // The app, which takes long to load.
      const { checkDeliveries } = await import('./conformance-deliveries.ts');
      holds = (await checkDeliveries({ baseUrl, token, hooks, ask, signal })) && holds;
    }
    return signal.aborted ? Number(signal.reason) : Number(!holds);
  } finally {
    await removeSubscriptions(ask, [targetUrl, ...(hooks ? [hooks.url] : [])]);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = CANNOT_RUN;
  const isInUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  if (isInUse) console.error('The port of --listen is in use: choose another.');
  else if (error instanceof CannotRun) console.error(error.message);
  else if (!(error instanceof CommanderError)) throw error;
  else if (error.exitCode === 0) process.exitCode = 0;
}
