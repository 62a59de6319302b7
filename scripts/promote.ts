import { readAccess, versionStates } from './release/access.ts';
import { changelogSection, projectVersion } from './release/changelog.ts';
import { ReleaseFailure } from './release/failure.ts';
import { runRelease, type Release } from './release/run.ts';
import { cliFailure, runZapierCli, timeLimit } from './release/zapier-cli.ts';

/** What the CLI says of changelogs that name no issue by its number; ours are for users. */
const NO_METADATA = /^Parsed metadata:\s+No metadata was found[^]*?case sensitive\.\n+/m;

/** What the CLI says at the end, unless the integration has to be published by a form first. */
const PROMOTED = 'Promotion successful!';

/**
 * Promotes the version of package.json, which Zapier has by then, with its section of CHANGELOG.md: new
 * users get it from then on. Nobody is asked; whoever runs this has decided. Users who have Zaps stay
 * where they are until a person migrates them.
 */
async function promote({ args, project, temp, signal, say, whenStopped }: Release): Promise<void> {
  const version = await projectVersion(project);
  await changelogSection(project, version);
  const access = await readAccess(project);
  const states = await versionStates(access, timeLimit(), signal);
  const state = states.get(version);
  if (state === undefined) {
    throw new ReleaseFailure(
      `Zapier does not have version ${version}. Push it first: "npm run push", or the tag v${version}.`,
    );
  }
  if (state !== 'private') {
    throw new ReleaseFailure(
      `Version ${version} is ${state} in Zapier already. To release anew, raise "version" in ` +
        'package.json, push, and promote that.',
    );
  }

  say(`Promoting version ${version}`);
  whenStopped('It may have been promoted: "npx zapier-platform versions" tells.');
  const answer = await runZapierCli(['promote', version, '--yes', ...args], {
    folder: project,
    temp,
    signal,
  });
  if (answer.status !== 0) throw cliFailure(answer, `promote version ${version}`);
  say(answer.stdout.replace(NO_METADATA, '').trim());
  if (answer.stdout.includes(PROMOTED)) {
    say(
      `New users get version ${version} from now on. Who has a Zap keeps the version of that Zap until a ` +
        'person migrates it: docs/publishing.md says how.',
    );
  }
}

await runRelease(
  'npm run promote    gives the version of package.json to new users, with its section of CHANGELOG.md\n' +
    'Other arguments go to "zapier-platform promote".',
  promote,
);
