import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bundle, ZObject } from 'zapier-platform-core';
import { startSandbox, type Sandbox } from '../../../local/attro/index.ts';
import { REDIRECT_URI, type ZapierRunner } from '../../../local/zapier/index.ts';
import { app } from '../../support/app.ts';
import { startWithApp } from '../../support/zapier.ts';

/**
 * The stand-in for Zapier does what an app's definition says and no more, so a flag that is missing in it
 * is missed. Here the app is changed, in one place each, and connected to a local Attro.
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

const { authentication } = app;

type Changes = Partial<Record<keyof typeof authentication.oauth2Config, unknown>>;

/** Starts with the app of which the OAuth2 configuration is changed. */
async function startChanged(changes: Changes): Promise<ZapierRunner> {
  const oauth2Config = { ...authentication.oauth2Config, ...changes };
  zapier = await startWithApp(
    { ...app, authentication: { ...authentication, oauth2Config } },
    { attro: sandbox },
  );
  return zapier;
}

describe('connecting', () => {
  it('sends a challenge of PKCE only where enablePkce is set, and Attro insists on one', async () => {
    const runner = await startChanged({ enablePkce: false });
    await expect(runner.connect()).rejects.toThrow(/PKCE/);
  });

  it('hands over no code_verifier that it did not make', async () => {
    // Attro lets in who brings a challenge of his own, so that the app is asked for tokens.
    const challenge = createHash('sha256').update('x'.repeat(43)).digest('base64url');
    const runner = await startChanged({
      enablePkce: false,
      authorizeUrl: async (z: ZObject, bundle: Bundle) =>
        `${await pageOf(z, bundle)}&code_challenge_method=S256&code_challenge=${challenge}`,
      getAccessToken: (z: ZObject, { inputData }: Bundle) => {
        throw new z.errors.Error(Object.keys(inputData).join());
      },
    });
    await expect(runner.connect()).rejects.toThrow(/"code,redirect_uri,state"/);
  });

  it('asks for the scope of the definition where the page does not', async () => {
    const runner = await startChanged({
      authorizeUrl: async (z: ZObject, bundle: Bundle) => {
        const page = new URL(await pageOf(z, bundle));
        page.searchParams.delete('scope');
        return page.href;
      },
      scope: 'webhooks:write',
    });
    await runner.connect();
    const zap = await runner.turnOn('new_affiliate');
    await runner.turnOff(zap);
    await expect(runner.listRecords('new_affiliate')).rejects.toThrow(/affiliates:read/);
  });

  it('asks for the scope that is in the page, whatever the definition says', async () => {
    const runner = await startChanged({ scope: 'webhooks:write' });
    await runner.connect();
    expect(await runner.listRecords('new_affiliate')).toHaveLength(3);
  });

  it('is by OAuth2 or not at all', async () => {
    const custom = { ...authentication, type: 'custom' };
    zapier = await startWithApp({ ...app, authentication: custom }, { attro: sandbox });
    await expect(zapier.connect()).rejects.toThrow('The app does not connect by OAuth2.');
  });
});

describe('an access token that has expired', () => {
  it.each<[Changes, RegExp]>([
    [{ autoRefresh: false }, /Attro refused with status 401/],
    [{ refreshAccessToken: undefined }, /^$/],
  ])('is not refreshed with %j', async (change, message) => {
    const runner = await startChanged(change);
    await runner.connect();
    sandbox.revokeTokens();
    await expect(runner.listRecords('new_affiliate')).rejects.toThrow(message);
    expect(refreshes()).toBe(0);
  });

  it('is refreshed once for calls that fail at the same time, and what is stored is replaced', async () => {
    const runner = await startChanged({
      refreshAccessToken: async (z: ZObject, bundle: Bundle) => {
        const refreshed = await authentication.oauth2Config.refreshAccessToken(z, bundle);
        return { ...refreshed, account_id: undefined };
      },
    });
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

/** The app's own authorization page. */
function pageOf(z: ZObject, bundle: Bundle): Promise<string> {
  return authentication.oauth2Config.authorizeUrl(z, bundle);
}

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
    const runner = await startChanged({});
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

it('a trigger is used as far as it is defined', async () => {
  const trigger = (key: string, operation: object, display: object = {}) => ({
    [key]: {
      key,
      noun: 'Thing',
      display: { label: 'Thing', description: 'Triggers when it does.', ...display },
      operation: { perform: () => [], ...operation },
    },
  });
  const hook = { type: 'hook', performSubscribe: () => ({}) };
  const runner = await startWithApp({
    version: '1.0.0',
    platformVersion: app.platformVersion,
    triggers: {
      ...trigger('polling', { type: 'polling' }),
      ...trigger('static_hook', { type: 'hook' }),
      ...trigger('no_list', hook),
      ...trigger('hidden', hook, { hidden: true }),
      ...trigger('asks', {
        ...hook,
        performList: () => [{ id: 1 }],
        inputFields: [{ key: 'list', required: true }],
      }),
    },
  });
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
