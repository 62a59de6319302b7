import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Makes build/build.zip, the one that can be pushed, and build/source.zip with the Zapier CLI, offline.
 *
 * The CLI zips the package.json of everything it finds under node_modules, so it is given a copy of
 * the project that holds the production packages alone, taken from those that are installed.
 */
async function main(): Promise<void> {
  const project = process.cwd();
  const stage = await mkdtemp(path.join(tmpdir(), 'attro-zapier-'));
  try {
    await stageSource(project, stage);
    await stageProductionPackages(project, stage);
    const cli = path.join(project, 'node_modules/zapier-platform-cli/src/bin/run');
    await run(process.execPath, [cli, 'build', '--skip-dep-install', '--skip-validation'], {
      cwd: stage,
      // The bundle is in place already; the name keeps the CLI from running the build script again.
      env: { ...process.env, npm_lifecycle_event: '_zapier-build', DISABLE_ZAPIER_ANALYTICS: '1' },
    });
    await mkdir('build', { recursive: true });
    for (const zip of ['build.zip', 'source.zip']) {
      await cp(path.join(stage, 'build', zip), path.join('build', zip));
      const { size } = await stat(path.join('build', zip));
      console.log(`build/${zip}  ${(size / 1024).toFixed(0)} kB`);
    }
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** Copies what git tracks or would track, and the bundle. */
async function stageSource(project: string, stage: string): Promise<void> {
  const { stdout } = await run('git', [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
  ]);
  const files = stdout.split('\0').filter(Boolean);
  for (const file of [...files, 'dist']) {
    await cp(path.join(project, file), path.join(stage, file), { recursive: true });
  }
}

interface Lockfile {
  packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>;
}

/** Copies the packages that the lockfile says are needed in production. */
async function stageProductionPackages(project: string, stage: string): Promise<void> {
  const lockfile = JSON.parse(await readFile('package-lock.json', 'utf8')) as Lockfile;
  for (const [folder, { dev, optional, devOptional }] of Object.entries(lockfile.packages)) {
    if (folder === '' || dev || optional || devOptional) continue;
    await cp(path.join(project, folder), path.join(stage, folder), {
      recursive: true,
      // Packages nested in this one have rows of their own.
      filter: (source) =>
        !path.relative(path.join(project, folder), source).includes('node_modules'),
    });
  }
}

await main();
