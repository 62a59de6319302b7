import { cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cliFailure, runZapierCli } from './release/zapier-cli.ts';
import { stageProductionPackages, stageSource } from './release/stage.ts';

/** Makes build/build.zip, the one that can be pushed, and build/source.zip with the Zapier CLI, offline. */
async function main(): Promise<void> {
  const project = process.cwd();
  const stage = await mkdtemp(path.join(tmpdir(), 'attro-zapier-'));
  try {
    await stageSource(project, stage, 'trackable');
    await cp('dist', path.join(stage, 'dist'), { recursive: true });
    await stageProductionPackages(project, stage);
    const args = ['build', '--skip-dep-install', '--skip-validation'];
    const answer = await runZapierCli(args, { folder: stage });
    if (answer.status !== 0) throw cliFailure(answer, 'build the zips');
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

await main();
