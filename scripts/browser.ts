import { existsSync } from 'node:fs';

/** Where a Chromium usually is, beside the path that `CHROMIUM_PATH` names. */
const USUAL_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** How a person gets a browser for what is shown or tested in one. */
export const BROWSER_HINT = 'Install Chromium, or set CHROMIUM_PATH to the path of one.';

/** Runs in a container, and asks the network for nothing of its own. */
export const BROWSER_ARGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--no-default-browser-check',
];

/** The path of a Chromium on this machine, or undefined where none is found. */
export function findBrowser(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = environment['CHROMIUM_PATH']?.trim();
  return (named ? [named] : USUAL_PATHS).find((path) => existsSync(path));
}
