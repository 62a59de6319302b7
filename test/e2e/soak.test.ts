import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { withApp } from './built-app.ts';

/** The command itself, with the sandbox as a process of its own. It runs dist/index.js, so build before. */

interface Ended {
  status: number;
  /** The numbers of the table, by the names of its rows. */
  table: ReadonlyMap<string, number>;
  stdout: string;
  stderr: string;
}

function soak(args: readonly string[], cwd = process.cwd()): Promise<Ended> {
  const main = path.resolve('local/soak/main.ts');
  const flags = ['--disable-warning=ExperimentalWarning'];
  const env = { ...process.env, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, [...flags, main, ...args], { cwd, env }, (error, stdout, stderr) => {
      const rows = [...stdout.matchAll(/^ *(\S.*?) {2,}([\d,.]+)/gm)];
      const table = rows.map(
        ([, name = '', value = '']) => [name, Number(value.replaceAll(',', ''))] as const,
      );
      const status = error ? Number(error.code) : 0;
      resolve({ status, table: new Map(table), stdout, stderr });
    });
  });
}

/** The built app with another `perform` of each trigger, which neither verifies nor deduplicates. */
const WRONG_APP = `
const perform = (z, { cleanedRequest: { data } }) => {
  if (/[37]$/.test(data.id)) return [];
  if (/5$/.test(data.id)) throw new z.errors.Error('Broken', 'broken');
  return [{ ...data, id: data.id.replace(/8$/, '8_mixed_up') }];
};
const changed = ({ operation, ...trigger }) => ({ ...trigger, operation: { ...operation, perform } });
export default {
  ...built,
  triggers: Object.fromEntries(
    Object.entries(built.triggers).map(([key, trigger]) => [key, changed(trigger)]),
  ),
};`;

it('npm run soak finds nothing wrong with the app', async () => {
  const { status, table, stdout, stderr } = await soak(['--events', '1000', '--seed', '1']);
  expect([stderr.replaceAll(/.*sent …\n/g, ''), status]).toEqual(['', 0]);
  expect(stdout).toMatch(/^1,000 events, --seed 1, Node v22/);
  expect(table.get('Events made')).toBeGreaterThanOrEqual(1000);
  expect(table.get('Zap runs')).toBeGreaterThanOrEqual(990);
  expect(table.get('Forgeries refused')).toBeGreaterThanOrEqual(10);
  expect(table.get('Copies caught')).toBeGreaterThanOrEqual(1);
  expect(table.get('Sandbox killed and restarted')).toBe(2);
  for (const name of ['Lost', 'Forgeries that ran', 'Ended with an error']) {
    expect([name, table.get(name)]).toEqual([name, 0]);
  }
});

it('fails, and says why, with an app that does everything wrong', async () => {
  const { status, table, stderr } = await withApp(WRONG_APP, (folder) =>
    soak(['--events', '60', '--seed', '2'], folder),
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/^\d+ events were lost: /m);
  expect(stderr).toMatch(/^\d+ events? (was|were) forged and ran all the same: /m);
  expect(stderr).toMatch(/^\d+ events were ended with an error by the app \(.*Broken/m);
  expect(stderr).toMatch(
    /^\d+ events? (was|were) delivered or run without having been sent: .*_mixed_up/m,
  );
  for (const name of ['Lost', 'Forgeries that ran', 'Doubled']) {
    expect([name, table.get(name)]).not.toEqual([name, 0]);
  }
});

it('ends in time, and fails when something is left to do', async () => {
  const args = ['--events', '10000', '--seed', '4', '--minutes', '0.03'];
  const { status, stderr } = await soak(args);
  expect(status).toBe(1);
  expect(stderr).toContain('Not all was worked off within 0.03 minutes.');
});

it('refuses an option in a sentence', async () => {
  const { status, stderr } = await soak(['--minutes', '0']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/It must be a number from 0.01/);
  expect(stderr.trim()).not.toContain('\n');
});
