import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What the name of a run's own temporary folder begins with. */
export const OWN_FOLDER = 'attro-zapier-tests-';

/**
 * Gives the run a temporary folder of its own, so that what it leaves behind is told from what others
 * on the machine put into the common one meanwhile. What Node has compiled for one of the processes that
 * tests start, it need not compile for the others.
 */
export default function prepareRun(): void {
  process.env['TMPDIR'] = mkdtempSync(path.join(tmpdir(), OWN_FOLDER));
  process.env['NODE_COMPILE_CACHE'] = path.resolve('node_modules/.cache/node-compile-cache');
}
