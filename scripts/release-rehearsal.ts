import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, URL } from 'node:url';
import pc from 'picocolors';
import { startDeveloperApi, type DeveloperApi } from '../local/zapier/developer-api.ts';
import { projectVersion } from './release/changelog.ts';

/**
 * Shows a whole release with the real scripts and the real CLI, against a stand-in for Zapier's
 * developer API: a push, the environment, a promotion, and what a second push of that version gets.
 */

const STEPS = [
  ['push'],
  ['env-set', 'CLIENT_ID=rehearsal-id', 'CLIENT_SECRET=rehearsal-secret'],
  ['promote'],
  ['push'],
] as const;

/** How each of them must end. */
const ENDINGS = [0, 0, 0, 1];

async function rehearse(api: DeveloperApi, folder: string): Promise<void> {
  const appFile = path.join(folder, '.zapierapprc');
  const own = JSON.parse(await readFile('.zapierapprc', 'utf8')) as Record<string, unknown>;
  await writeFile(appFile, JSON.stringify({ ...own, id: api.app.id, key: 'App12345' }));
  for (const [index, [script, ...args]] of STEPS.entries()) {
    console.log(
      `\n${pc.bold(`> npm run ${script.replace('env-set', 'env:set')}`)} ${args.join(' ')}`,
    );
    const started = performance.now();
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL(`${script}.ts`, import.meta.url)), ...args],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: {
          ...process.env,
          ZAPIER_BASE_ENDPOINT: api.baseUrl,
          ZAPIER_DEPLOY_KEY: api.deployKey,
          ZAPIER_CURRENT_APP_FILE: appFile,
        },
      },
    );
    const [status] = (await once(child, 'close')) as [number | null];
    console.log(pc.dim(`${((performance.now() - started) / 1_000).toFixed(1)} s`));
    if (status !== ENDINGS[index])
      throw new Error(`It ended with ${status}, not ${ENDINGS[index]}.`);
  }
}

/** What the stand-in has of it all. */
function describe(api: DeveloperApi): string {
  const versions = [...api.versions.values()].map(
    ({ version, state, build, environment }) =>
      `  ${version}  ${state}, ${build.getEntries().length} files, environment: ${Object.keys(environment).join(', ') || 'empty'}`,
  );
  const requests = api.requests.map(({ method, path }) => `  ${method} ${path}`);
  return `\n${pc.bold('What arrived')}\n${requests.join('\n')}\n\n${pc.bold('What Zapier would have')}\n${versions.join('\n')}`;
}

const folder = await mkdtemp(path.join(tmpdir(), 'attro-rehearsal-'));
const api = await startDeveloperApi();
try {
  console.log(`Releasing ${await projectVersion('.')} to a stand-in at ${api.baseUrl}`);
  await rehearse(api, folder);
  console.log(describe(api));
} catch (error) {
  console.error(`\nFailed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await api.close();
  await rm(folder, { recursive: true, force: true });
}
