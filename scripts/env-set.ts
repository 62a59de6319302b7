import { readAccess, versionStates } from './release/access.ts';
import { projectVersion } from './release/changelog.ts';
import { ReleaseFailure } from './release/failure.ts';
import { runRelease, type Release } from './release/run.ts';
import { cliFailure, runZapierCli, timeLimit } from './release/zapier-cli.ts';

/**
 * Sets what the version of package.json reads from its environment, such as `CLIENT_SECRET=…`. The CLI's
 * own command prints every value again; this one prints the names alone.
 */
async function setEnvironment({ project, temp, signal, say, whenStopped }: Release): Promise<void> {
  const args = process.argv.slice(2);
  const names = args.filter((arg) => !arg.startsWith('-')).map((pair) => pair.split('=')[0] ?? '');
  if (names.length === 0 || names.includes('') || !args.some((arg) => arg.includes('='))) {
    throw new ReleaseFailure(
      'Say what to set: npm run env:set -- CLIENT_ID=… CLIENT_SECRET=… (and ATTRO_BASE_URL=… for ' +
        'another host than https://get-attro.com).',
    );
  }
  const version = await projectVersion(project);
  const access = await readAccess(project);
  const states = await versionStates(access, timeLimit(), signal);
  if (!states.has(version)) {
    throw new ReleaseFailure(
      `Zapier does not have version ${version}. Push it first: "npm run push".`,
    );
  }

  whenStopped('Some values may have been set: "npx zapier-platform env:get" tells.');
  const answer = await runZapierCli(['env:set', version, ...args], {
    folder: project,
    temp,
    signal,
  });
  // The CLI ends well when only some of the names were refused.
  if (answer.status !== 0 || answer.stderr.includes('failed to update')) {
    throw cliFailure(answer, 'set the environment');
  }
  say(`Version ${version} has ${names.join(', ')} now.`);
}

await runRelease(setEnvironment);
