import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OWN_FOLDER } from './run.setup.ts';

/**
 * Removes the run's own temporary folder.
 *
 * @throws when a test has left something in it, which fails the run.
 */
export default function removeOwnTemporaryFolder(): void {
  const folder = tmpdir();
  // Called once too often, it would remove the common one.
  if (!path.basename(folder).startsWith(OWN_FOLDER)) return;
  process.env['TMPDIR'] = path.dirname(folder);
  const left = readdirSync(folder);
  rmSync(folder, { recursive: true });
  if (left.length > 0) {
    throw new Error(`The tests left this in the temporary folder: ${left.sort().join(', ')}.`);
  }
}
