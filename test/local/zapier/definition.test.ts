import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startSandbox, type Sandbox } from '../../../local/attro/index.ts';
import { REDIRECT_URI, type ZapierRunner } from '../../../local/zapier/index.ts';
import { startWithApp } from '../../support/zapier.ts';

/**
 * The stand-in for Zapier does what an app's definition says and no more, so a flag that is missing in it
 * is missed. Here the built app is changed, in one place each, and connected to a local Attro.
 */

let sandbox: Sandbox;
let zapier: ZapierRunner | undefined;

beforeAll(async () => {
  sandbox = await startSandbox({ redirectUris: [REDIRECT_URI] });
});

afterEach(async () => {
  await zapier?.stop();
  zapier = undefined;
});

afterAll(() => sandbox.close());

/** Starts with the built app of which the OAuth2 configuration, or more, is changed. */
async function startChanged(oauth2Config: string, rest = ''): Promise<ZapierRunner> {
  const source = `
    const { authentication } = built;
    const oauth2Config = { ...authentication.oauth2Config, ${oauth2Config} };
    export default { ...built, authentication: { ...authentication, oauth2Config, ${rest} } };`;
  zapier = await startWithApp(source, { attro: sandbox });
  return zapier;
}

describe('connecting', () => {
  it('sends a challenge of PKCE only where enablePkce is set, and Attro insists on one', async () => {
    const runner = await startChanged('enablePkce: false');
    await expect(runner.connect()).rejects.toThrow(/PKCE/);
  });

  it('hands over no code_verifier that it did not make', async () => {
    // Attro lets in who brings a challenge of his own, so that the app is asked for tokens.
    const challenge = createHash('sha256').update('x'.repeat(43)).digest('base64url');
    const runner = await startChanged(`
      enablePkce: false,
      authorizeUrl: async (z, bundle) => {
        const page = await authentication.oauth2Config.authorizeUrl(z, bundle);
        return page + '&code_challenge_method=S256&code_challenge=${challenge}';
      },
      getAccessToken: (z, { inputData }) => {
        throw new z.errors.Error(Object.keys(inputData).join());
      },
    `);
    await expect(runner.connect()).rejects.toThrow(/"code,redirect_uri,state"/);
  });

  const WITHOUT_SCOPE = `
    authorizeUrl: async (z, bundle) => {
      const page = new URL(await authentication.oauth2Config.authorizeUrl(z, bundle));
      page.searchParams.delete('scope');
      return page.href;
    },`;

  it('asks for the scope of the definition where the page does not', async () => {
    const runner = await startChanged(`${WITHOUT_SCOPE} scope: 'webhooks:write'`);
    await runner.connect();
    const zap = await runner.turnOn('new_affiliate');
    await runner.turnOff(zap);
    await expect(runner.listRecords('new_affiliate')).rejects.toThrow(/affiliates:read/);
  });

  it('asks for the scope that is in the page, whatever the definition says', async () => {
    const runner = await startChanged(`scope: 'webhooks:write'`);
    await runner.connect();
    expect(await runner.listRecords('new_affiliate')).toHaveLength(3);
  });

  it.each([
    [
      `connectionLabel: '{{organization_name}}: {{ bundle.inputData.email }}{{nothing}}'`,
      /^Acme Corp: \S+@example\.com$/,
    ],
    [`connectionLabel: undefined`, /^$/],
  ])('labels the connection as the definition says: %s', async (label, expected) => {
    const runner = await startChanged('', label);
    expect(await runner.connect()).toMatch(expected);
  });

  it('is by OAuth2 or not at all', async () => {
    const runner = await startChanged('', `type: 'custom'`);
    await expect(runner.connect()).rejects.toThrow('The app does not connect by OAuth2.');
  });
});

describe('an access token that has expired', () => {
  it.each([
    ['autoRefresh: false', /Attro refused with status 401/],
    ['refreshAccessToken: undefined', /^$/],
  ])('is not refreshed with %s', async (change, message) => {
    const runner = await startChanged(change);
    await runner.connect();
    sandbox.revokeTokens();
    await expect(runner.listRecords('new_affiliate')).rejects.toThrow(message);
    expect(refreshes()).toBe(0);
  });

  it('is refreshed once for calls that fail at the same time, and what is stored is replaced', async () => {
    const runner = await startChanged(`
      refreshAccessToken: async (z, bundle) => {
        const { account_id, ...tokens } = await authentication.oauth2Config.refreshAccessToken(z, bundle);
        return tokens;
      },`);
    await runner.connect();
    expect(Object.keys(runner.authData)).toContain('account_id');
    sandbox.revokeTokens();
    const before = refreshes();
    const lists = await Promise.all([
      runner.listRecords('new_affiliate'),
      runner.listRecords('new_conversion'),
    ]);
    expect(lists.map(({ length }) => length)).toEqual([3, 3]);
    expect(refreshes() - before).toBe(1);
    expect(Object.keys(runner.authData)).toEqual(['refresh_token', 'access_token']);
  });
});

function refreshes(): number {
  return sandbox
    .requests()
    .filter(
      ({ body }) =>
        (body as Record<string, unknown> | undefined)?.['grant_type'] === 'refresh_token',
    ).length;
}

describe('a connection whose refresh is refused', () => {
  it('has its runs held until it is connected again', async () => {
    const runner = await startChanged('');
    await runner.connect();
    const zap = await runner.turnOn('new_affiliate');
    sandbox.revokeTokens();
    sandbox.revokeRefreshTokens();
    await expect(runner.listRecords('new_affiliate')).rejects.toMatchObject({
      name: 'ExpiredAuthError',
      message: expect.stringContaining('Reconnect') as unknown,
    });
    const asked = sandbox.requests().length;
    await expect(runner.listRecords('new_affiliate')).rejects.toThrow(/^Held/);
    await sandbox.emit('affiliate.created');
    await runner.settled();
    expect(zap.runs.map(({ records, error }) => [records.length, error])).toEqual([
      [0, expect.stringMatching(/^Held/)],
    ]);
    expect(sandbox.requests()).toHaveLength(asked);

    await runner.connect();
    expect(await runner.listRecords('new_affiliate')).toHaveLength(3);
    await sandbox.emit('affiliate.created', { data: { id: 'aff_later' } });
    await runner.settled();
    expect(zap.runs[1]?.records).toHaveLength(1);
    await runner.turnOff(zap);
  });
});

describe('a trigger', () => {
  it('is used as far as it is defined', async () => {
    const runner = await startWithApp(`
      const trigger = (key, operation, display = {}) => ({
        [key]: {
          key,
          noun: 'Thing',
          display: { label: 'Thing', description: 'Triggers when it does.', ...display },
          operation: { perform: () => [], ...operation },
        },
      });
      export default {
        version: '1.0.0',
        platformVersion: built.platformVersion,
        triggers: {
          ...trigger('polling', { type: 'polling' }),
          ...trigger('static_hook', { type: 'hook' }),
          ...trigger('no_list', { type: 'hook', performSubscribe: () => ({}) }),
          ...trigger('hidden', { type: 'hook', performSubscribe: () => ({}) }, { hidden: true }),
          ...trigger('asks', {
            type: 'hook',
            performSubscribe: () => ({}),
            performList: () => [{ id: 1 }],
            inputFields: [{ key: 'list', required: true }],
          }),
        },
      };`);
    zapier = runner;
    await expect(runner.turnOn('polling')).rejects.toThrow('polling is no REST hook');
    await expect(runner.turnOn('static_hook')).rejects.toThrow('static_hook is no REST hook');
    await expect(runner.listRecords('no_list')).rejects.toThrow('no_list has no performList.');
    await runner.turnOff(await runner.turnOn('no_list'));
    await expect(runner.turnOn('hidden')).rejects.toThrow('triggers.hidden is hidden');
    await expect(runner.turnOn('none')).rejects.toThrow('The definition has no triggers.none.');
    await expect(runner.turnOn('asks')).rejects.toThrow('what is required: list');
    await expect(runner.listRecords('asks')).rejects.toThrow('what is required: list');
    expect(await runner.listRecords('asks', { list: 'x' })).toEqual([{ id: 1 }]);
  });
});
