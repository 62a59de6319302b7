import { readAccess, versionStates } from './release/access.ts';
import { projectVersion } from './release/changelog.ts';
import { ReleaseFailure } from './release/failure.ts';
import { runRelease, type Release } from './release/run.ts';
import { cliFailure, runZapierCli, timeLimit } from './release/zapier-cli.ts';

/** A name and a value; the name is one that an environment can have. */
const PAIR = /^[a-z_]\w*=/i;

/**
 * Sets what the version of package.json reads from its environment, such as `CLIENT_SECRET=…`. The CLI's
 * own command prints every value again; this one prints the names alone.
 */
async function setEnvironment({
  args,
  project,
  temp,
  signal,
  say,
  whenStopped,
}: Release): Promise<void> {
  const pairs = args.filter((arg) => !arg.startsWith('-'));
  if (pairs.length === 0 || !pairs.every((pair) => PAIR.test(pair))) {
    throw new ReleaseFailure(
      'Say what to set, each as a name, = and a value: npm run env:set -- CLIENT_ID=… CLIENT_SECRET=… ' +
        '(and ATTRO_BASE_URL=… for another host than https://get-attro.com).',
    );
  }
  // As the CLI sends them.
  const names = pairs.map((pair) => pair.replace(/=.*/s, '').toUpperCase());
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

await runRelease(
  'npm run env:set -- NAME=VALUE …    sets what the version of package.json reads when it runs\n' +
    'Other arguments go to "zapier-platform env:set": --force, for a version that is promoted already.',
  setEnvironment,
);
