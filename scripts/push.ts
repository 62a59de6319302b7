import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readAccess, versionStates } from './release/access.ts';
import { treeChanges } from './release/changes.ts';
import { projectVersion } from './release/changelog.ts';
import { readFindings, type Finding } from './release/checks.ts';
import { ReleaseFailure } from './release/failure.ts';
import { runRelease, type Release } from './release/run.ts';
import { buildStaged, stageProductionPackages, stageSource } from './release/stage.ts';
import { cliFailure, runZapierCli, timeLimit, type CliOptions } from './release/zapier-cli.ts';

/** What may follow the hyphen of a version (the Zapier CLI's utils/version.js). */
const LABEL = /^(?=.{1,12}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/;

/**
 * Pushes the version of package.json to Zapier, or with `--snapshot LABEL` a private 0.0.0-LABEL: what
 * git tracks, after Zapier's own checks. Other arguments go to the CLI's `push`.
 */
async function push({ args, project, temp, signal, say, whenStopped }: Release): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { snapshot: { type: 'string' } },
    strict: false,
    allowPositionals: true,
  });
  const { snapshot } = values;
  // The option with nothing behind it.
  const label = typeof snapshot === 'boolean' ? '' : snapshot;
  const version = label === undefined ? await projectVersion(project) : `0.0.0-${label}`;

  if (label !== undefined && !LABEL.test(label)) {
    throw new ReleaseFailure(
      `"${label}" cannot be the label of a snapshot. A label has 1 to 12 letters, digits and single ` +
        'hyphens between them, such as pr-12.',
    );
  }

  const access = await readAccess(project);
  const states = await versionStates(access, timeLimit(), signal);
  const state = states.get(version) ?? 'private';
  if (state !== 'private') {
    throw new ReleaseFailure(
      `Version ${version} is ${state} in Zapier already, and such a version cannot be changed. Raise ` +
        '"version" in package.json, add its section to CHANGELOG.md, and push again.',
    );
  }

  const changes = await treeChanges(project);
  if (changes.length > 0) {
    say(
      `Warning: the tree differs from the last commit. Files that git does not track (??) are not ` +
        `shipped; changes to others are.\n${changes.map((line) => `  ${line}`).join('\n')}`,
    );
  }

  say(`Staging version ${version}`);
  const stage = path.join(temp, 'app');
  await stageSource(project, stage, 'tracked');
  await buildStaged(project, stage, signal);
  await stageProductionPackages(project, stage);

  const cli = { folder: stage, temp: path.join(temp, 'cli'), signal };
  await mkdir(cli.temp);
  say('Asking Zapier to check it');
  await check(cli, say);

  say('Pushing it');
  whenStopped(
    `It may have arrived: "npx zapier-platform versions" tells. Pushing ${version} again is safe.`,
  );
  const answer = await runZapierCli(['push', '--skip-dep-install', ...args], cli);
  if (answer.status !== 0) throw cliFailure(answer, `take version ${version}`);
  const { size } = await stat(path.join(stage, 'build/build.zip'));
  say(
    `Zapier has version ${version} now (${(size / 1024).toFixed(0)} kB). It is private${label === undefined ? ' until it is promoted' : ''}.`,
  );
}

/** Has the definition checked, by its schema and by Zapier, and prints what they find. */
async function check(cli: CliOptions, say: Release['say']): Promise<void> {
  const answer = await runZapierCli(['validate', '--skip-build', '--format', 'raw'], cli);
  const findings = readFindings(answer.stdout);
  if (findings === null || (answer.status !== 0 && findings.length === 0)) {
    throw cliFailure(answer, 'check the integration');
  }
  const describe = ({ isError, place, message }: Finding): string =>
    `  ${isError ? 'Error' : 'Note'} in ${place}: ${message}`;
  if (findings.length > 0) say(findings.map(describe).join('\n'));
  const errors = findings.filter(({ isError }) => isError).length;
  if (errors > 0) {
    throw new ReleaseFailure(
      `Zapier's checks found ${errors === 1 ? 'an error' : `${errors} errors`}, so nothing was pushed. ` +
        'Mend what is listed above and push again.',
    );
  }
}

await runRelease(
  'npm run push                        pushes the version of package.json, which stays private\n' +
    'npm run push -- --snapshot LABEL    pushes a private version 0.0.0-LABEL\n' +
    'Other arguments go to "zapier-platform push".',
  push,
);
