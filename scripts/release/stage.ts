import { execFile } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { cp, readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A staged project is a copy that holds the source and the production packages alone. The Zapier CLI is
 * run in it, because it zips the package.json of everything that it finds under node_modules, and
 * because its own way to get there copies tens of thousands of files at once.
 */

/**
 * Copies the project's files.
 *
 * @param which `tracked` for what git tracks; `trackable` also for what it would track, so that work in
 *   progress can be looked at.
 */
export async function stageSource(
  project: string,
  stage: string,
  which: 'tracked' | 'trackable',
): Promise<void> {
  const others = which === 'trackable' ? ['--others', '--exclude-standard'] : [];
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', ...others], { cwd: project });
  // What git tracks may have been deleted since.
  const files = stdout.split('\0').filter((file) => file && existsSync(path.join(project, file)));
  for (const file of files) {
    await cp(path.join(project, file), path.join(stage, file), { recursive: true });
  }
}

/** Makes the bundle from the staged source, so that nothing else can be in it. */
export async function buildStaged(
  project: string,
  stage: string,
  signal?: AbortSignal,
): Promise<void> {
  const packages = path.join(stage, 'node_modules');
  await symlink(path.join(project, 'node_modules'), packages, 'dir');
  try {
    await run(process.execPath, ['scripts/build.ts'], { cwd: stage, signal });
  } finally {
    await rm(packages);
  }
}

interface Lockfile {
  packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>;
}

/** The folders of the packages that the lockfile says are needed in production. */
export async function productionPackages(project: string): Promise<string[]> {
  const lockfile = JSON.parse(
    await readFile(path.join(project, 'package-lock.json'), 'utf8'),
  ) as Lockfile;
  return Object.entries(lockfile.packages)
    .filter(([, { dev, optional, devOptional }]) => !dev && !optional && !devOptional)
    .map(([folder]) => folder)
    .filter((folder) => folder !== '');
}

/** Copies the production packages from those that are installed, each with those nested in it. */
export async function stageProductionPackages(project: string, stage: string): Promise<void> {
  for (const folder of await productionPackages(project)) {
    const isNested = folder.includes('/node_modules/');
    // Without a filter and in one call, thousands of files take a tenth of the time.
    if (!isNested)
      cpSync(path.join(project, folder), path.join(stage, folder), { recursive: true });
  }
}
