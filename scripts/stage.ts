import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';

const CLI = path.resolve('node_modules/zapier-platform-cli/src/bin/run');

/**
 * Copies the files that git tracks, as they are now.
 *
 * @param options of `git ls-files`, such as `--others --exclude-standard` for new files, too.
 */
export function copyTracked(folder: string, ...options: string[]): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', ...options], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // What git tracks may have been deleted since.
  const files = listed.split('\0').filter((file) => file && existsSync(file));
  for (const file of files) cpSync(file, path.join(folder, file));
}

interface Lockfile {
  packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>;
}

/** The folders of the packages that the lockfile says are needed in production. */
export function productionPackages(): string[] {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lockfile;
  return Object.entries(packages)
    .filter(([, { dev, optional, devOptional }]) => !dev && !optional && !devOptional)
    .flatMap(([folder]) => folder || []);
}

/**
 * Runs commands of the Zapier CLI, up to the first that fails, whose exit status becomes this process's.
 * They run in a copy of what git tracks, with the production packages alone: the CLI zips the package.json
 * of everything under node_modules, and its own way to get there copies tens of thousands of files at
 * once. The copy is gone afterwards, also when this process is told to stop.
 *
 * @param use gets the copy's folder when all has gone well.
 */
export async function runStaged(
  commands: readonly (readonly string[])[],
  use?: (stage: string) => void,
): Promise<void> {
  let child: ChildProcess | undefined;
  let isStopped = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      process.exitCode = 128 + constants.signals[signal];
      isStopped = true;
      child?.kill();
    });
  }
  const temp = mkdtempSync(path.join(tmpdir(), 'attro-zapier-'));
  const stage = path.join(temp, 'app');
  const run = async (...args: string[]): Promise<boolean> => {
    if (isStopped) return false;
    child = spawn(process.execPath, args, {
      cwd: stage,
      stdio: 'inherit',
      // The name keeps the CLI from building again, which would need the development packages.
      env: { ...process.env, TMPDIR: temp, npm_lifecycle_event: '_zapier-build' },
    });
    const [status] = (await once(child, 'close')) as [number | null];
    if (status !== 0) process.exitCode ||= status ?? 1;
    return status === 0;
  };

  try {
    // The CLI ships every package.json that it finds.
    copyTracked(stage, ':!.github/mutation');
    // Built in the copy, so that nothing can be in the bundle that git does not track.
    const packages = path.join(stage, 'node_modules');
    symlinkSync(path.resolve('node_modules'), packages, 'dir');
    if (!(await run('scripts/build.ts'))) return;
    rmSync(packages);
    for (const folder of productionPackages()) {
      // Those nested in another one come with it.
      if (folder.includes('/node_modules/')) continue;
      cpSync(folder, path.join(stage, folder), { recursive: true });
    }
    for (const command of commands) if (!(await run(CLI, ...command))) return;
    use?.(stage);
  } catch (error) {
    process.exitCode ||= 1;
    console.error((error as Error).message);
  } finally {
    rmSync(temp, { recursive: true, force: true, maxRetries: 3 });
  }
}
