import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath, URL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { apiEndpoint } from './access.ts';
import { noAnswer, refusal, ReleaseFailure } from './failure.ts';

const CLI = fileURLToPath(
  new URL('../../node_modules/zapier-platform-cli/src/bin/run', import.meta.url),
);

/** How long a command may take when ZAPIER_TIMEOUT_SECONDS says nothing, in seconds. */
const DEFAULT_LIMIT_SECONDS = 300;

/** How long a command that was asked to end may take before it is made to, in milliseconds. */
const GRACE_MS = 2_000;

export interface CliOptions {
  /** The folder of the app. */
  folder: string;
  /** Where the CLI puts its temporary files; what it leaves there is its caller's to remove. */
  temp?: string;
  /** Ends the command. */
  signal?: AbortSignal;
}

export interface CliAnswer {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** How long to wait for Zapier, in milliseconds. */
export function timeLimit(environment: NodeJS.ProcessEnv = process.env): number {
  const seconds = Number(environment['ZAPIER_TIMEOUT_SECONDS'] || DEFAULT_LIMIT_SECONDS);
  if (seconds > 0 && seconds < 86_400) return seconds * 1_000;
  throw new ReleaseFailure('ZAPIER_TIMEOUT_SECONDS must be a number of seconds, such as 300.');
}

/**
 * Runs one command of the Zapier CLI to its end, with nobody there to be asked anything.
 *
 * @throws {ReleaseFailure} when it takes longer than the time limit.
 * @throws the signal's reason when it is ended by it.
 */
export async function runZapierCli(
  args: readonly string[],
  { folder, temp, signal }: CliOptions,
): Promise<CliAnswer> {
  signal?.throwIfAborted();
  const limit = timeLimit();
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...(temp && { TMPDIR: temp, TEMP: temp }),
      // The bundle is in place already; the name keeps the CLI from running the build script again.
      npm_lifecycle_event: '_zapier-build',
      DISABLE_ZAPIER_ANALYTICS: '1',
      NO_UPDATE_NOTIFIER: '1',
      FORCE_COLOR: '0',
    },
  });
  const late = AbortSignal.timeout(limit);
  const ended = signal ? AbortSignal.any([signal, late]) : late;
  ended.addEventListener('abort', () => {
    child.kill();
    setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
  });
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    child.exitCode === null && child.signalCode === null ? once(child, 'close') : null,
  ]);
  signal?.throwIfAborted();
  if (late.aborted) {
    throw noAnswer(new URL(apiEndpoint()).host, `no answer within ${limit / 1_000} s`);
  }
  return { status: child.exitCode, stdout, stderr };
}

/**
 * What the CLI's own words about a failure come down to.
 *
 * @param doing what was being done, so that "Zapier did not {doing}" reads well.
 */
export function cliFailure({ stderr, stdout }: CliAnswer, doing: string): ReleaseFailure {
  const said = cliMessage(stderr) || cliMessage(stdout) || 'it said nothing';
  const answer = /returned "(\d{3})" saying "(.*)"/.exec(said);
  if (answer) return refusal(Number(answer[1]), answer[2] ?? '', doing);
  if (said.includes('credentials are present, but invalid')) return refusal(401, '', doing);
  if (said.includes("don't have access to integration")) return refusal(404, '', doing);
  if (said.includes('fetch failed')) {
    return noAnswer(new URL(apiEndpoint()).host, 'the connection failed');
  }
  // Of its own reading of an answer, as in env:set, where it expects every refusal to be of one form.
  if (said.startsWith('Cannot read properties')) {
    return new ReleaseFailure(
      `Zapier did not ${doing}, and its CLI could not read why. Run the same command again in a few ` +
        'minutes.',
    );
  }
  return new ReleaseFailure(`The Zapier CLI could not ${doing}: ${said}`);
}

/** The error in what the CLI printed, as one line: without its marks, wraps, progress and hints. */
function cliMessage(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.trim());
  const marked = lines.filter((line) => line.startsWith('›')).map((line) => line.slice(1).trim());
  return (marked.length > 0 ? marked : lines)
    .filter((line) => !/^[-✔✖⠋]|re-run this command with `--debug`/.test(line))
    .join(' ')
    .replace(/^Error: /, '')
    .replace(/\s+/g, ' ')
    .trim();
}
