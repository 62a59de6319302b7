import { readAccess, versionStates } from './release/access.ts';
import { changelogSection, projectVersion } from './release/changelog.ts';
import { ReleaseFailure } from './release/failure.ts';
import { runRelease, type Release } from './release/run.ts';
import { cliFailure, runZapierCli, timeLimit } from './release/zapier-cli.ts';

/**
 * Promotes the version of package.json, which Zapier has by then, with its section of CHANGELOG.md: new
 * users get it from then on. Nobody is asked; whoever runs this has decided. Users who have Zaps stay
 * where they are until a person migrates them.
 */
async function promote({ project, temp, signal, say, whenStopped }: Release): Promise<void> {
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
  const args = ['promote', version, '--yes', ...process.argv.slice(2)];
  const answer = await runZapierCli(args, { folder: project, temp, signal });
  if (answer.status !== 0) throw cliFailure(answer, `promote version ${version}`);
  say(answer.stdout.trim());
}

await runRelease(promote);
