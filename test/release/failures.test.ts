import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startDeveloperApi, type DeveloperApi } from '../../local/zapier/developer-api.ts';
import packageJson from '../../package.json' with { type: 'json' };
import {
  cloneProject,
  expectFailure,
  pushDirectly,
  type Clone,
  type RunningScript,
  type ScriptEnd,
  type Settings,
} from '../support/release.ts';

/** Every way in which a release can fail, with the real CLI, against the stand-in. */

const { version } = packageJson;

const FOUND = {
  severity: 'errors',
  type: 'read',
  key: 'new_affiliate',
  tag: 'D021',
  message: 'The description must start with "Triggers when ".',
} as const;

let api: DeveloperApi;
let clone: Clone;
let before: string;

// What takes long is started first, against stand-ins of its own, and runs beside the rest.
let checkingApi: DeveloperApi;
let checked: RunningScript;
let hangingApi: DeveloperApi;
let stopped: Promise<ScriptEnd>;

beforeAll(async () => {
  api = await startDeveloperApi();
  checkingApi = await startDeveloperApi();
  hangingApi = await startDeveloperApi();
  clone = await cloneProject(api);
  before = await clone.state();

  const note = { severity: 'warnings', type: 'auth', key: 'oauth2', tag: 'D003' } as const;
  checkingApi.findings.push(FOUND, { ...note, message: 'Add a label.' });
  checked = clone.start('push', [], { ZAPIER_BASE_ENDPOINT: checkingApi.baseUrl });
  stopped = stopInTheMiddle();
});

/** Ends a push while Zapier checks the definition. */
async function stopInTheMiddle(): Promise<ScriptEnd> {
  hangingApi.failNext(/check$/, 'hang');
  const script = clone.start('push', [], { ZAPIER_BASE_ENDPOINT: hangingApi.baseUrl });
  while (!hangingApi.requests.some(({ path }) => path.endsWith('/check'))) await sleep(20);
  expect(await readdir(script.temp)).not.toEqual([]);
  script.process.kill('SIGINT');
  return script.end;
}

afterAll(async () => {
  await Promise.all([checked.end, stopped]);
  await clone.remove();
  for (const each of [api, checkingApi, hangingApi]) await each.close();
});

async function fails(
  script: string,
  said: RegExp,
  settings: Settings = {},
  args: string[] = [],
): Promise<void> {
  const writes = api.requests.length;
  expectFailure(
    await clone.run(script, args, settings),
    said,
    settings['ZAPIER_DEPLOY_KEY'] ?? api.deployKey,
  );
  const sent = api.requests.slice(writes).filter(({ method }) => method !== 'GET');
  expect(sent).toEqual([]);
  expect(await clone.state()).toBe(before);
}

describe('npm run push sends nothing and says what to do', () => {
  it('without a deploy key', async () => {
    await fails('push', /There is no deploy key\. Run "npx zapier-platform login"/, {
      ZAPIER_DEPLOY_KEY: undefined,
    });
  });

  it('with a deploy key that Zapier refuses', async () => {
    await fails('push', /does not accept the deploy key \(401/, {
      ZAPIER_DEPLOY_KEY: 'a-wrong-key-8d1f93c2',
    });
  });

  it.each(['ZAPIER_DEPLOY_KEY', 'ZAPIER_AUTH_LOCATION'])(
    'and never shows the key of %s, even where an answer repeats it',
    async (setting) => {
      const keyFile = path.join(clone.folder, '../login.json');
      await writeFile(keyFile, JSON.stringify({ deployKey: api.deployKey }));
      const answer = { errors: [`The key ${api.deployKey} is tired.`] };
      api.failNext(/versions$/, { status: 400, body: answer });
      await fails('push', /The key \[deploy key\] is tired\./, {
        ZAPIER_DEPLOY_KEY: undefined,
        [setting]: setting === 'ZAPIER_DEPLOY_KEY' ? api.deployKey : keyFile,
      });
    },
  );

  it('when nobody listens', async () => {
    await fails('push', /could not be reached at 127\.0\.0\.1:1 \(/, {
      ZAPIER_BASE_ENDPOINT: 'http://127.0.0.1:1',
    });
  });

  it('when Zapier does not answer', async () => {
    // One of its own: on a slow machine the time is over before the request arrives, and the next one to
    // arrive would get no answer either.
    const silentApi = await startDeveloperApi();
    silentApi.failNext(/versions$/, 'hang');
    await fails('push', /could not be reached .*no answer within 0\.2 s/, {
      ZAPIER_BASE_ENDPOINT: silentApi.baseUrl,
      ZAPIER_TIMEOUT_SECONDS: '0.2',
    });
    await silentApi.close();
  });

  it('when Zapier answers with 500', async () => {
    api.failNext(/versions$/, { status: 500, body: { errors: ['Server Error'] } });
    await fails('push', /problem of its own .*\(500: "Server Error"\)/);
  });

  it('when something else answers with a page', async () => {
    api.failNext(/versions$/, { status: 502, body: '<h1>Bad Gateway</h1>' });
    await fails('push', /problem of its own .*\(502\)/);
  });

  it('without the id of an integration', async () => {
    const settings = { ZAPIER_CURRENT_APP_FILE: path.join(clone.folder, 'package.json') };
    await fails('push', /has no "id".*zapier-platform register.*zapier-platform link/, settings);
  });

  it('with the id of an integration that is not there for this key', async () => {
    const appFile = path.join(clone.folder, '../another.json');
    await writeFile(appFile, '{"id": 54321}');
    await fails('push', /no such integration .*zapier-platform link/, {
      ZAPIER_CURRENT_APP_FILE: appFile,
    });
  });

  it('for a version that is promoted already', async () => {
    await pushDirectly(api, version, 'promoted');
    await fails('push', /is promoted in Zapier already.*Raise "version" in package\.json/);
    api.forget(version);
  });

  it('with the option for a label and no label', async () => {
    await fails('push', /"" cannot be the label of a snapshot/, {}, ['--snapshot']);
  });

  it('with a limit of time that is none', async () => {
    await fails('push', /ZAPIER_TIMEOUT_SECONDS must be a number/, {
      ZAPIER_TIMEOUT_SECONDS: 'soon',
    });
  });

  it('outside a git repository', async () => {
    await fails('push', /not a git repository/, { GIT_DIR: '/nowhere' });
  });

  it("when Zapier's checks find an error, which is shown with its place", async () => {
    const end = await checked.end;
    expect(end.stdout).toContain(`Error in triggers.new_affiliate: ${FOUND.message} (D021)`);
    expect(end.stdout).toContain('Note in authentication.oauth2: Add a label. (D003)');
    expectFailure(end, /checks found an error, so nothing was pushed/, api.deployKey);
    expect(checkingApi.versions.size).toBe(0);
    expect(await clone.state()).toBe(before);
  });

  it('when it is ended by Ctrl-C in the middle', async () => {
    const end = await stopped;
    expectFailure(end, /Stopped\. Nothing was sent to Zapier\./, api.deployKey);
    expect(end.status).toBe(130);
    expect(hangingApi.versions.size).toBe(0);
    expect(await clone.state()).toBe(before);
  });
});

describe('npm run promote', () => {
  afterEach(() => {
    api.forget(version);
  });

  it('says so when CHANGELOG.md has no section for the version, and asks nothing of Zapier', async () => {
    const asked = api.requests.length;
    const file = path.join(clone.folder, 'CHANGELOG.md');
    const changelog = await readFile(file, 'utf8');
    await writeFile(file, changelog.replaceAll(`[${version}]`, `[1${version}]`));
    const end = await clone.run('promote');
    await writeFile(file, changelog);
    expectFailure(end, /CHANGELOG\.md has no section for/, api.deployKey);
    expect(api.requests).toHaveLength(asked);
  });

  it('says so when Zapier does not have the version', async () => {
    await fails('promote', /does not have version .*npm run push/);
  });

  it('says so when the version is promoted already', async () => {
    await pushDirectly(api, version, 'promoted');
    await fails('promote', /is promoted in Zapier already/);
  });

  it('says what Zapier says when it refuses', async () => {
    await pushDirectly(api, version, 'private');
    api.failNext(/migrations$/, {
      status: 400,
      body: { errors: ['The integration has no logo.', 'It has no live Zap.'] },
    });
    expectFailure(
      await clone.run('promote'),
      /could not promote version .*The integration has no logo\. .*It has no live Zap\./,
      api.deployKey,
    );
  });

  it('says so when Zapier breaks down in the middle', async () => {
    await pushDirectly(api, version, 'private');
    api.failNext(/apps\/12345$/, { status: 500, body: { errors: ['Server Error'] } });
    expectFailure(
      await clone.run('promote'),
      /problem of its own and could not promote version .*\(500: "Server Error"\)/,
      api.deployKey,
    );
  });

  it('shows what Zapier warns of, and promotes all the same, since whoever runs it has decided', async () => {
    await pushDirectly(api, version, 'private');
    const jobs = api.jobs.length;
    api.failNext(/confirmation-checks$/, { status: 409, body: { errors: ['Few users have it.'] } });
    const { status, stdout } = await clone.run('promote');
    expect(status).toBe(0);
    expect(stdout).toContain('* Few users have it.');
    expect(stdout).toMatch(/New users get version .* from now on\./);
    expect(api.jobs).toHaveLength(jobs + 1);
  });

  it('tells where to ask for publication while the integration is private', async () => {
    await pushDirectly(api, version, 'private');
    const jobs = api.jobs.length;
    api.app.status = 'private';
    const { status, stdout } = await clone.run('promote');
    api.app.status = 'public';
    expect(status).toBe(0);
    expect(stdout).toMatch(/visit https:\/\/zapier\.com\/\S+ to request to publish/);
    expect(stdout).not.toContain('New users get');
    expect(api.jobs).toHaveLength(jobs);
  });
});

describe('--help', () => {
  it.each(['push', 'promote', 'env:set'])(
    'of npm run %s says how to use it, and does nothing',
    async (script) => {
      const asked = api.requests.length;
      const { status, stdout, leftovers } = await clone.run(script, ['--help']);
      expect(status).toBe(0);
      expect(stdout).toContain(`npm run ${script}`);
      expect(leftovers).toEqual([]);
      expect(api.requests).toHaveLength(asked);
    },
  );
});

describe('npm run env:set', () => {
  const values = ['CLIENT_ID=an-id', 'CLIENT_SECRET=a-secret-77ab'];

  afterEach(() => {
    api.forget(version);
  });

  it('sets what is given for the version of package.json, and shows no value', async () => {
    const pushed = await pushDirectly(api, version, 'private');
    const { status, stdout, stderr } = await clone.run('env:set', values);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(`Version ${version} has CLIENT_ID, CLIENT_SECRET now.\n`);
    expect(pushed.environment).toEqual({ CLIENT_ID: 'an-id', CLIENT_SECRET: 'a-secret-77ab' });
  });

  it('wants --force for the version that everybody uses', async () => {
    const pushed = await pushDirectly(api, version, 'promoted');
    const end = await clone.run('env:set', values);
    expectFailure(end, /is the production version.*--force/, api.deployKey);
    expect(end.stdout + end.stderr).not.toContain('a-secret-77ab');
    expect(pushed.environment).toEqual({});
  });

  it('says so when Zapier does not have the version', async () => {
    await fails('env:set', /does not have version .*npm run push/, {}, values);
  });

  it('says so when Zapier refuses a name, whose value it does not show', async () => {
    const pushed = await pushDirectly(api, version, 'private');
    const refused = { errors: ['The following keys failed to update: CLIENT_SECRET'] };
    api.failNext(/multi-environment$/, { status: 400, body: refused });
    const end = await clone.run('env:set', values);
    expectFailure(end, /failed to update: CLIENT_SECRET/, api.deployKey);
    expect(end.stdout + end.stderr).not.toContain('a-secret-77ab');
    expect(pushed.environment).toEqual({});
  });

  it('says so when Zapier breaks down, which the CLI cannot read', async () => {
    await pushDirectly(api, version, 'private');
    api.failNext(/multi-environment$/, { status: 500, body: { errors: ['Server Error'] } });
    const end = await clone.run('env:set', values);
    expectFailure(end, /Zapier did not set the environment.*again in a few minutes/, api.deployKey);
  });

  it.each([[[]], [['CLIENT_ID']], [['=x']], [['A-B=x']], [['A=x', 'B']]])(
    'says what to write instead of %j',
    async (args) => {
      await fails('env:set', /npm run env:set -- CLIENT_ID=… CLIENT_SECRET=…/, {}, args);
    },
  );
});
