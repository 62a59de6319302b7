import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { numberFrom } from '../number-option.ts';
import { DataFolderError } from './database.ts';
import type { AttemptReport, SandboxOptions } from './index.ts';

/** ATTRO on the keys of a telephone. */
const DEFAULT_PORT = 28_876;

const YEAR_SECONDS = 365 * 86_400;

/** What a person gives on the command line. */
interface Given {
  port: number;
  data?: string;
  speed: number;
  redirectUri?: string[];
  accessTokenSeconds: number;
  seed: number;
  quiet?: boolean;
}

function redirectUriFrom(text: string, before: string[] = []): string[] {
  const { protocol, hostname, hash } = URL.canParse(text) ? new URL(text) : ({} as Partial<URL>);
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname ?? '');
  const isAllowed = protocol === 'https:' || (protocol === 'http:' && isLoopback);
  if (isAllowed && !hash) return [...before, text];
  throw new InvalidArgumentError(
    'It must be a whole https:// address, or http:// of this machine, without a fragment.',
  );
}

/** The command line. Whatever is wrong with it is said in one sentence. */
function commandLine(): Command {
  return new Command('npm run sandbox --')
    .description(
      'Keeps a local Attro running: OAuth2, the API, and webhooks with their deliveries.',
    )
    .option(
      '--port <n>',
      'where it listens, on this machine only',
      numberFrom(1, 65_535),
      DEFAULT_PORT,
    )
    .option('--data <folder>', 'keeps everything there; without it, all is gone when it stops')
    .option(
      '--speed <n>',
      'divides the delays before an attempt is made again',
      numberFrom(1, 1e6, 'any'),
      1,
    )
    .option('--redirect-uri <uri>', 'where codes may be sent; once for each', redirectUriFrom)
    .option(
      '--access-token-seconds <n>',
      'how long an access token is good for',
      numberFrom(1, YEAR_SECONDS),
      3600,
    )
    .option(
      '--seed <n>',
      'the records to begin with: the same for the same number',
      numberFrom(0, 1e9),
      0,
    )
    .option('--quiet', 'prints no line for each attempt to deliver')
    .helpOption('--help', 'shows this')
    .addHelpText(
      'after',
      `
Examples:
  --port 8080                                    http://127.0.0.1:8080
  --data .attro                                  the same client, key and endpoints the next time
  --speed 60                                     retries after 1, 5 and 30 seconds
  --redirect-uri https://zapier.com/callback     a connection made by Zapier itself
  --access-token-seconds 60                      refreshes to be seen every minute
  --seed 7                                       other affiliates and conversions
  --quiet                                        only what is needed to connect`,
    )
    .configureOutput({
      outputError: (text, write) => {
        write(`${text.trim().replace('. It', ': it').replace('\n', ' ')}\n`);
      },
    })
    .allowExcessArguments(false)
    .exitOverride();
}

/** A time as a person says it: `1 minute`, `90 seconds`, `250 ms`. */
function inWords(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  const seconds = Math.round(milliseconds / 1000);
  const [count, unit] = seconds % 60 === 0 ? [seconds / 60, 'minute'] : [seconds, 'second'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** An attempt as a line: event, endpoint, what came, how long it took, what follows. */
function lineFor({ event, endpointId, attempt, nextInMs, endpointIs }: AttemptReport): string {
  const { number, started_at, duration_ms, response_status, error } = attempt;
  const answer = response_status ?? error?.replaceAll('_', ' ') ?? 'no answer';
  const next = nextInMs === null ? '' : `, next attempt in ${inWords(nextInMs)}`;
  const end = endpointIs ? `, the endpoint is ${endpointIs}` : '';
  const time = started_at.slice(11, 19);
  return (
    `${time} ${event} to ${endpointId}: attempt ${number}, ${answer} in ` +
    `${inWords(duration_ms)}${next}${end}`
  );
}

function optionsFrom({ data, redirectUri, quiet, ...given }: Given): SandboxOptions {
  return {
    ...given,
    ...(data !== undefined && { dataFolder: data }),
    ...(redirectUri && { redirectUris: redirectUri }),
    ...(!quiet && {
      onAttempt: (report: AttemptReport) => {
        console.log(lineFor(report));
      },
    }),
  };
}

async function run(given: Given): Promise<void> {
  // Most of what there is to load, which help and a wrong option do without.
  const { startSandbox } = await import('./index.ts');
  const sandbox = await startSandbox(optionsFrom(given));
  const kept = given.data === undefined ? 'in memory only' : `in ${given.data}`;
  console.log(`A local Attro runs at ${sandbox.baseUrl} and keeps its data ${kept}.

Open it in a browser for webhooks and their deliveries, and to send events.
For an app, this is its .env:

ATTRO_BASE_URL=${sandbox.baseUrl}
CLIENT_ID=${sandbox.clientId}
CLIENT_SECRET=${sandbox.clientSecret}

Without OAuth2, a key that may do everything:

curl -H "Authorization: Bearer ${sandbox.apiKey}" "${sandbox.baseUrl}/api/v1/affiliates?limit=1"

Ctrl-C stops it.
`);

  const stop = (): void => {
    console.log('Stopping once what is being sent has its answer. Ctrl-C again stops at once.');
    // Who asks again does not want to wait for it.
    process.once('SIGINT', () => process.exit(130));
    sandbox.close(true).catch((error: unknown) => {
      console.error((error as Error).message);
      process.exitCode = 1;
    });
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

/** Why it could not be started, as a sentence; undefined for a defect of the sandbox. */
function reasonOf(error: unknown, { port }: Given): string | undefined {
  if (error instanceof DataFolderError) return error.message;
  const { code, error_description: description } = error as {
    code?: string;
    error_description?: string;
  };
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use: stop what uses it, or choose another --port.`;
  if (code === 'EACCES') return `Port ${port} may not be used here: choose another --port.`;
  return description && `A --redirect-uri is not allowed: ${description}.`;
}

const command = commandLine();
try {
  command.parse();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exit(error.exitCode === 0 ? 0 : 2);
}
const given = command.opts<Given>();
try {
  await run(given);
} catch (error) {
  const reason = reasonOf(error, given);
  if (reason === undefined) throw error;
  console.error(reason);
  process.exitCode = 2;
}
