import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { baseUrl as checkedBaseUrl, BaseUrlError } from '../attro/contract.ts';
import { REQUEST_TIMEOUT_MS } from '../attro/client.ts';
import { numberFrom } from '../local/number-option.ts';
import { CannotRun } from './cannot-run.ts';
import type { Settings } from './settings.ts';

/** What the command was asked for. */
export type Options = { help: string } | { settings: Settings; isJson: boolean };

/** The port that the browser comes back to, unless another one is given. */
const REDIRECT_PORT = 8976;

interface Given {
  baseUrl?: string;
  token?: string;
  secretsFromEnv?: boolean;
  clientId?: string;
  clientSecret?: string;
  redirectPort: number;
  open: boolean;
  hookUrl?: string;
  listen?: number;
  waitForRetry?: boolean;
  speed: number;
  writes?: boolean;
  timeout: number;
  json?: boolean;
}

const readPort = numberFrom(0, 65_535);

const DESCRIPTION = `Holds a server against what the integration takes for granted about Attro, row by row. It
changes nothing but a webhook endpoint to an address where nobody listens, which it
removes again; what --hook-url, --listen and --writes add is said below.

It ends with 0 when nothing differs, 1 when something does, and 2 when it could not be run.`;

const EXAMPLES = `
Examples:
  npm run conformance -- --base-url https://staging.get-attro.com --secrets-from-env
  npm run conformance -- --base-url http://127.0.0.1:4000 --token sk_test_1 --listen 0 --writes
  npm run --silent conformance -- --base-url https://get-attro.com --json > rows.json`;

function createCommand(): Command {
  return new Command('npm run conformance --')
    .description(DESCRIPTION)
    .option('--base-url <url>', 'the server, such as https://get-attro.com; or ATTRO_BASE_URL')
    .option('--token <token>', 'an access token or API key; or ATTRO_TOKEN')
    .option(
      '--secrets-from-env',
      'read ATTRO_TOKEN, and CLIENT_ID and CLIENT_SECRET where they are set, from the environment alone',
    )
    .option('--client-id <id>', 'an OAuth2 client; adds signing in through your browser')
    .option('--client-secret <secret>', 'its secret')
    .option(
      '--redirect-port <port>',
      'where the browser comes back to: register http://127.0.0.1:<port>/callback for the client',
      readPort,
      REDIRECT_PORT,
    )
    .option(
      '--open <true|false>',
      'open a browser, or only print the address to open',
      yesOrNo,
      true,
    )
    .option('--hook-url <url>', 'a public address that leads to --listen; adds deliveries to it')
    .option(
      '--listen <port>',
      'where deliveries arrive on this machine; 0 takes a free port',
      readPort,
    )
    .option('--wait-for-retry', 'wait for the second attempt of a delivery, which takes a minute')
    .option(
      '--speed <factor>',
      "how much faster than the guide's the retry schedule runs",
      numberFrom(0.001, 1e6, 'any'),
      1,
    )
    .option('--writes', 'make an affiliate, two conversions and a tracking link, which stay')
    .option(
      '--timeout <seconds>',
      'how long an answer may take',
      numberFrom(0.1, 600, 'any'),
      REQUEST_TIMEOUT_MS / 1000,
    )
    .option('--json', 'print the rows as JSON, and nothing else')
    .addHelpText('after', EXAMPLES);
}

/**
 * Reads the command line.
 *
 * @throws {CannotRun} when it cannot be used; the message never repeats a value.
 */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options {
  const command = createCommand();
  command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      return { help };
    }
    throw new CannotRun(`${problemOf(error, args)} See --help.`);
  }
  const given = command.opts<Given>();
  return { settings: settingsOf(given, environment), isJson: given.json === true };
}

/** What is wrong with a command line. The parser's own words may repeat a value, which may be a secret. */
function problemOf({ code, message }: CommanderError, args: readonly string[]): string {
  const option = /--[a-z-]+/.exec(message)?.[0] ?? '';
  switch (code) {
    case 'commander.unknownOption':
      return option ? `There is no option ${option}.` : 'There is an unknown option.';
    case 'commander.optionMissingArgument':
      return `${option} needs a value.`;
    case 'commander.excessArguments':
      return `There are only options, and nothing belongs behind them (${args.length} words were given).`;
    case 'commander.invalidArgument':
      return `${option} has a value that it cannot have. ${message.split('is invalid. ')[1] ?? ''}`.trim();
    default:
      return 'The options could not be read.';
  }
}

function settingsOf(given: Given, environment: NodeJS.ProcessEnv): Settings {
  const { redirectPort, open, waitForRetry = false, speed, writes = false, timeout } = given;
  const { token, clientId, clientSecret } = secretsOf(given, environment);
  if (!token) {
    throw new CannotRun(
      'A token or an API key is needed: set ATTRO_TOKEN, or give --token. See --help.',
    );
  }
  if (Boolean(clientId) !== Boolean(clientSecret)) {
    throw new CannotRun('A client needs both its id and its secret. See --help.');
  }
  const baseUrl = baseUrlOf(given.baseUrl || environment['ATTRO_BASE_URL']);
  const hook = hookOf(given);
  if (hook && !hook.url && !isLoopback(baseUrl)) {
    throw new CannotRun(
      '--listen alone is for a server on this machine: give --hook-url too, a public address that leads to it.',
    );
  }
  if (waitForRetry && !hook) {
    throw new CannotRun('--wait-for-retry needs --hook-url or --listen, where deliveries arrive.');
  }
  return {
    baseUrl,
    token,
    ...(clientId &&
      clientSecret && {
        client: { id: clientId, secret: clientSecret, redirectPort, opensBrowser: open },
      }),
    ...(hook && { hook }),
    ...{ waitForRetry, speed, writes, timeoutMs: timeout * 1000 },
  };
}

function secretsOf(
  { token, clientId, clientSecret, secretsFromEnv }: Given,
  environment: NodeJS.ProcessEnv,
): Pick<Given, 'token' | 'clientId' | 'clientSecret'> {
  const { ATTRO_TOKEN, CLIENT_ID, CLIENT_SECRET } = environment;
  if (!secretsFromEnv) {
    const known = token || ATTRO_TOKEN;
    return {
      ...(known && { token: known }),
      ...(clientId && { clientId }),
      ...(clientSecret && { clientSecret }),
    };
  }
  if (token || clientId || clientSecret) {
    throw new CannotRun(
      'With --secrets-from-env, give ATTRO_TOKEN, CLIENT_ID and CLIENT_SECRET in the environment only.',
    );
  }
  if (!ATTRO_TOKEN) throw new CannotRun('--secrets-from-env needs ATTRO_TOKEN in the environment.');
  return {
    token: ATTRO_TOKEN,
    ...(CLIENT_ID && { clientId: CLIENT_ID }),
    ...(CLIENT_SECRET && { clientSecret: CLIENT_SECRET }),
  };
}

function baseUrlOf(value: string | undefined): string {
  if (!value) {
    throw new CannotRun(
      'A server is needed: give --base-url, such as https://get-attro.com, or set ATTRO_BASE_URL.',
    );
  }
  try {
    return checkedBaseUrl({ ATTRO_BASE_URL: value });
  } catch (error) {
    if (!(error instanceof BaseUrlError)) throw error;
    throw new CannotRun(error.message.replaceAll('ATTRO_BASE_URL', '--base-url'));
  }
}

function isLoopback(baseUrl: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(baseUrl).hostname);
}

function hookOf({ hookUrl, listen }: Given): Settings['hook'] {
  if (hookUrl === undefined) return listen === undefined ? undefined : { port: listen };
  const url = URL.canParse(hookUrl) ? new URL(hookUrl) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw new CannotRun('--hook-url must be a web address such as https://hook.example.com.');
  }
  const own = listen ?? (url.port ? Number(url.port) : undefined);
  if (own === undefined) {
    throw new CannotRun('--hook-url needs --listen: the port on this machine that it leads to.');
  }
  return { url: hookUrl.replace(/\/+$/, ''), port: own };
}

function yesOrNo(value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw new InvalidArgumentError('It is true or false.');
}
