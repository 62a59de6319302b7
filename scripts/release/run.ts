import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { storedDeployKey } from './access.ts';
import { ReleaseFailure, withoutKey } from './failure.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The person who runs a script has ended it. */
class Stopped extends Error {
  readonly status: number;

  constructor(name: (typeof SIGNALS)[number]) {
    super('Stopped.');
    this.status = 128 + constants.signals[name];
  }
}

/** What a release script works with. */
export interface Release {
  /** What follows the script's name. */
  args: readonly string[];
  /** The project's folder. */
  project: string;
  /** A temporary folder, gone when the script ends. */
  temp: string;
  /** Aborted when the script is to end. */
  signal: AbortSignal;
  /** Prints a text without the deploy key. */
  say: (text: string) => void;
  /** From here on an end is told by this text, since something may have reached Zapier. */
  whenStopped: (text: string) => void;
}

/**
 * Runs a release script to its end: whatever happens, its temporary folder is removed, and a failure is
 * one paragraph and a status that is not 0. Ctrl-C ends it in the same way.
 *
 * @param usage what `--help` prints, instead of anything else that the script does.
 */
export async function runRelease(
  usage: string,
  work: (release: Release) => Promise<void>,
): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage);
    return;
  }
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    controller.abort(new Stopped(name as (typeof SIGNALS)[number]));
  };
  for (const name of SIGNALS) process.on(name, stop);
  const key = process.env['ZAPIER_DEPLOY_KEY'] || (await storedDeployKey());
  const clean = (text: string): string => withoutKey(text, key);
  let ending = 'Nothing was sent to Zapier.';
  const temp = await mkdtemp(path.join(tmpdir(), 'attro-release-'));
  try {
    await work({
      args,
      project: process.cwd(),
      temp,
      signal: controller.signal,
      say: (text) => {
        console.log(clean(text));
      },
      whenStopped: (text) => {
        ending = text;
      },
    });
  } catch (error) {
    const stopped = controller.signal.aborted ? (controller.signal.reason as Stopped) : null;
    process.exitCode = stopped?.status ?? 1;
    console.error(clean(`\n${stopped ? `Stopped. ${ending}` : paragraph(error)}`));
  } finally {
    await rm(temp, { recursive: true, force: true, maxRetries: 3 });
    for (const name of SIGNALS) process.off(name, stop);
  }
}

function paragraph(error: unknown): string {
  if (error instanceof ReleaseFailure) return error.message;
  const said = error instanceof Error ? error.message : String(error);
  return `The script has failed: ${said.replace(/\s+/g, ' ').trim()}`;
}
