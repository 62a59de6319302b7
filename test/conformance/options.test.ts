import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../../conformance/cannot-run.ts';
import { readOptions } from '../../conformance/options.ts';
import type { Settings } from '../../conformance/settings.ts';

const SECRET = 'sk_live_that_nobody_may_read';

/** Options that can be used. */
const GOOD = ['--base-url', 'https://attro.example', '--token', SECRET];

function settings(args: readonly string[], environment: Record<string, string> = {}): Settings {
  const options = readOptions(args, environment);
  if ('help' in options) throw new Error('It asked for help.');
  return options.settings;
}

/** Why options cannot be used. */
function problem(args: readonly string[], environment: Record<string, string> = {}): string {
  try {
    readOptions(args, environment);
  } catch (error) {
    if (error instanceof CannotRun) return error.message;
    throw error;
  }
  throw new Error('They can be used.');
}

describe('the options', () => {
  it('need a server and a token alone, and change nothing that they are not asked to', () => {
    expect(settings(GOOD)).toEqual({
      baseUrl: 'https://attro.example',
      token: SECRET,
      waitForRetry: false,
      speed: 1,
      writes: false,
      timeoutMs: 12_000,
    });
  });

  it('are taken from the environment where they are not given', () => {
    const environment = { ATTRO_BASE_URL: 'http://127.0.0.1:4000/', ATTRO_TOKEN: SECRET };
    expect(settings([], environment)).toMatchObject({
      baseUrl: 'http://127.0.0.1:4000',
      token: SECRET,
    });
    expect(settings(GOOD, { ATTRO_TOKEN: 'sk_other' })).toMatchObject({ token: SECRET });
  });

  it('add signing in by a client, of the environment only where that is asked for', () => {
    const environment = { ATTRO_TOKEN: SECRET, CLIENT_ID: 'client', CLIENT_SECRET: 'secret' };
    const base = ['--base-url', 'https://attro.example'];
    expect(settings(base, environment).client).toBeUndefined();
    expect(settings([...base, '--secrets-from-env', '--open=false'], environment).client).toEqual({
      ...{ id: 'client', secret: 'secret', redirectPort: 8976, opensBrowser: false },
    });
    const { CLIENT_ID: _id, CLIENT_SECRET: _secret, ...withoutClient } = environment;
    expect(settings([...base, '--secrets-from-env'], withoutClient).client).toBeUndefined();
  });

  it('take a hook by its port, by its public address, or by both', () => {
    const here = ['--base-url', 'http://127.0.0.1:4000', '--token', SECRET, '--listen', '0'];
    expect(settings(here).hook).toEqual({ port: 0 });
    expect(settings([...GOOD, '--hook-url', 'http://me.example:8080/']).hook).toEqual({
      url: 'http://me.example:8080',
      port: 8080,
    });
    const both = [...GOOD, '--hook-url', 'https://me.example', '--listen', '9000'];
    expect(settings(both).hook).toEqual({ url: 'https://me.example', port: 9000 });
  });

  it.each<[string, readonly string[], Record<string, string>]>([
    ['no server', ['--token', SECRET], {}],
    ['no token', ['--base-url', 'https://attro.example'], {}],
    ['an unknown option', [...GOOD, `--tokn=${SECRET}`], {}],
    ['a word too many', [...GOOD, SECRET], {}],
    ['an option without its value', ['--base-url', 'https://attro.example', '--token'], {}],
    ['a server without HTTPS', ['--base-url', 'http://attro.example', '--token', SECRET], {}],
    [
      'a server with a password',
      ['--base-url', `https://me:${SECRET}@attro.example`, '--token', 'x'],
      {},
    ],
    ['half a client', [...GOOD, '--client-secret', SECRET], {}],
    [
      'half a client in the environment',
      ['--base-url', 'https://attro.example', '--secrets-from-env'],
      { ATTRO_TOKEN: SECRET, CLIENT_SECRET: SECRET },
    ],
    ['secrets in both places', [...GOOD, '--secrets-from-env'], { ATTRO_TOKEN: SECRET }],
    [
      'no secret where they should be',
      ['--base-url', 'https://attro.example', '--secrets-from-env'],
      {},
    ],
    ['a port that is none', [...GOOD, '--listen', SECRET], {}],
    ['a port that is too large', [...GOOD, '--redirect-port', '65536'], {}],
    ['a public address without a port here', [...GOOD, '--hook-url', 'https://me.example'], {}],
    ['a public address that is none', [...GOOD, '--hook-url', SECRET, '--listen', '0'], {}],
    ['a port here for a server elsewhere', [...GOOD, '--listen', '0'], {}],
    ['a retry without a hook', [...GOOD, '--wait-for-retry'], {}],
    ['a time that is none', [...GOOD, '--timeout', '0'], {}],
    ['a speed that is none', [...GOOD, '--speed', 'fast'], {}],
    ['neither true nor false', [...GOOD, '--open', 'maybe'], {}],
  ])('are refused with one sentence that repeats no value: %s', (_name, args, environment) => {
    const said = problem(args, environment);
    expect(said).toMatch(/^[A-Z-].*\.$/);
    expect(said).not.toContain('\n');
    expect(said).not.toContain(SECRET);
  });
});
