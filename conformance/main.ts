import { constants } from 'node:os';
import { CannotRun } from './cannot-run.ts';
import { readOptions } from './options.ts';

/**
 * Walks the contract against a server. What comes of it is on the standard output; what a person has to
 * know meanwhile, and why it could not be run, on the other one.
 */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The person who runs it has ended it. */
class Stopped extends Error {
  readonly status: number;

  constructor(name: (typeof SIGNALS)[number]) {
    super(
      'Stopped. The endpoints that it had made are removed, unless it is said otherwise above.',
    );
    this.status = 128 + constants.signals[name];
  }
}

const STATUS = { agrees: 0, differs: 1, cannotRun: 2 };

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.env);
  if ('help' in options) {
    process.stdout.write(options.help);
    return STATUS.agrees;
  }
  const { settings, isJson } = options;
  // The whole contract, which takes longer to load than options that are wrong take to be told.
  const { walkContract } = await import('./conformance.ts');
  const { Progress } = await import('./progress.ts');
  const { isDifferent, report, reportAsJson } = await import('./report.ts');
  const progress = new Progress(process.stderr);
  const controller = new AbortController();
  for (const name of SIGNALS) {
    // Once: whoever presses Ctrl-C again does not want to wait.
    process.once(name, () => {
      controller.abort(new Stopped(name));
    });
  }
  try {
    const findings = await walkContract(settings, {
      say: (text) => {
        progress.clear();
        console.error(text);
      },
      onPhase: (title) => {
        progress.onPhase(title);
      },
      onRequest: (method, path) => {
        progress.onRequest(method, path);
      },
      signal: controller.signal,
    });
    progress.clear();
    process.stdout.write(
      isJson ? reportAsJson(findings) : report(findings, process.stdout.columns),
    );
    return isDifferent(findings) ? STATUS.differs : STATUS.agrees;
  } finally {
    progress.clear();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const isMeant = error instanceof CannotRun || error instanceof Stopped;
  process.exitCode = error instanceof Stopped ? error.status : STATUS.cannotRun;
  // Whatever else it is, its own words may hold a value.
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  console.error(isMeant ? error.message : `The check has run into a problem of its own (${kind}).`);
}
