import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What the name of a run's own temporary folder begins with. */
export const OWN_FOLDER = 'attro-zapier-tests-';

/**
 * Gives the run a temporary folder of its own, so that what it leaves behind is told from what others
 * on the machine put into the common one meanwhile.
 */
export default function useOwnTemporaryFolder(): void {
  process.env['TMPDIR'] = mkdtempSync(path.join(tmpdir(), OWN_FOLDER));
}
