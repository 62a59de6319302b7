import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Gives the run a temporary folder of its own, so that what it leaves behind is told from what others
 * on the machine put into the common one meanwhile.
 */
export default function useOwnTemporaryFolder(): void {
  process.env['TMPDIR'] = mkdtempSync(path.join(tmpdir(), 'attro-zapier-tests-'));
}
