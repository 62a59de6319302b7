import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ReleaseFailure } from './failure.ts';

const run = promisify(execFile);

/**
 * What differs from the last commit, as `git status` has it, a line each; empty for a clean tree.
 *
 * @throws {ReleaseFailure} outside a git repository: what is shipped is what git tracks.
 */
export async function treeChanges(project: string): Promise<string[]> {
  try {
    const { stdout } = await run('git', ['status', '--porcelain'], { cwd: project });
    return stdout.split('\n').filter(Boolean);
  } catch {
    throw new ReleaseFailure(
      'This folder is not a git repository, or git is not installed. What is shipped is what git ' +
        'tracks, so release from a clone.',
    );
  }
}
