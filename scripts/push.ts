import { spawnSync } from 'node:child_process';
import { runStaged } from './stage.ts';

/**
 * Pushes what git tracks to Zapier: the version of package.json, or a snapshot with `--snapshot LABEL`.
 * All arguments go to the CLI's `push`, which sends nothing when Zapier's checks find an error; `validate`
 * before it prints what they find.
 */

// What is not committed ships as well, and what is not tracked (??) does not: show both.
spawnSync('git', ['status', '--short', '--branch'], { stdio: 'inherit' });
await runStaged([
  ['validate', '--skip-build'],
  ['push', '--skip-dep-install', ...process.argv.slice(2)],
]);
