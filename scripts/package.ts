import { cpSync } from 'node:fs';
import path from 'node:path';
import { runStaged } from './stage.ts';

/** Makes build/build.zip and build/source.zip, which `npm run push` would send, with no network. */
await runStaged([['build', '--skip-dep-install', '--skip-validation']], (stage) => {
  for (const zip of ['build/build.zip', 'build/source.zip']) cpSync(path.join(stage, zip), zip);
});
