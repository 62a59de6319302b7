import { Command, CommanderError } from 'commander';
import { numberFrom } from '../number-option.ts';
import { lineFor } from './attempt-line.ts';
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

const PORT = numberFrom(0, 65_535);
const SPEED = numberFrom(1, 1e6, 'any');
const TOKEN_SECONDS = numberFrom(1, YEAR_SECONDS);
const SEED = numberFrom(0, 1e9);

/** The command line. Whatever is wrong with it is said in one sentence. */
function commandLine(): Command {
  return new Command('npm run sandbox --')
    .description(
      'Keeps a local Attro running: OAuth2, the API, and webhooks with their deliveries.',
    )
    .option(
      '--port <n>',
      'where it listens, on this machine only; 0 for a free one',
      PORT,
      DEFAULT_PORT,
    )
    .option('--data <folder>', 'keeps everything there; without it, all is gone when it stops')
    .option('--speed <n>', 'divides the delays before an attempt is made again', SPEED, 1)
    .option(
      '--redirect-uri <uri>',
      'where codes may be sent; once for each',
      (uri: string, before?: string[]) => [...(before ?? []), uri],
    )
    .option(
      '--access-token-seconds <n>',
      'how long an access token is good for',
      TOKEN_SECONDS,
      3600,
    )
    .option('--seed <n>', 'the records to begin with: the same for the same number', SEED, 0)
    .option('--quiet', 'prints no line for each attempt to deliver')
    .helpOption('--help', 'shows this')
    .configureOutput({
      outputError: (text, write) => {
        write(`${text.trim().replace('. It', ': it').replace('\n', ' ')}\n`);
      },
    })
    .allowExcessArguments(false)
    .exitOverride();
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
    // Who asks again does not want to wait for it.
    process.once('SIGINT', () => process.exit(130));
    console.log('Stopping once what is being sent has its answer. Ctrl-C again stops at once.');
    void sandbox.close(true);
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
