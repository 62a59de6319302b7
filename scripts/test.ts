import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs the linters beside the build and the tests, so that all cores have work to the end. What the linters
 * find is printed last. Arguments go to jest.
 */
async function main(): Promise<void> {
  const linted = findings('lint');
  const passed =
    (await succeeds('build')) && (await succeeds('jest', '--coverage', ...process.argv.slice(2)));
  const found = await linted;
  if (found !== null) console.error(`\nnpm run lint has failed:\n\n${found}`);
  if (!passed || found !== null) process.exitCode = 1;
}

/** What starts a script of package.json. */
function npmRun(script: string, ...args: string[]): [command: string, args: string[]] {
  const npm = process.env['npm_execpath'];
  if (npm === undefined) throw new Error('Run this with "npm test".');
  return [process.execPath, [npm, 'run', '--silent', script, '--', ...args]];
}

/** What a script prints if it fails, else null. */
async function findings(script: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(...npmRun(script), { maxBuffer: Infinity }, (error, stdout, stderr) => {
      resolve(error && stdout + stderr);
    });
  });
}

async function succeeds(script: string, ...args: string[]): Promise<boolean> {
  const child = spawn(...npmRun(script, ...args), { stdio: 'inherit' });
  const [status] = (await once(child, 'exit')) as [number | null];
  return status === 0;
}

await main();
