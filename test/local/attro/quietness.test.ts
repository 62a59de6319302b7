import { afterEach, expect, it, jest } from '@jest/globals';

import { startSandbox } from '../../../local/attro/index.ts';
import { authorizeUrl, browse, callApi, pkcePair, refresh, signIn } from './sign-in.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

// In a file of its own: the authorization server prints each of its notices only once.
it('prints nothing', async () => {
  const printed = (['log', 'info', 'warn', 'error'] as const).map((method) =>
    jest.spyOn(console, method).mockReturnValue(undefined),
  );
  const sandbox = await startSandbox();
  await signIn(sandbox);
  const { challenge } = pkcePair();
  const redirect_uri = 'https://evil.example.com';
  const refused = await browse(sandbox, authorizeUrl(sandbox, challenge, { redirect_uri }));
  await refresh(sandbox, 'unknown');
  await fetch(`${sandbox.baseUrl}/oauth/token`, {
    method: 'POST',
    headers: { origin: 'https://app.example.com' },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: 'unknown',
      client_id: sandbox.clientId,
      client_secret: sandbox.clientSecret,
    }),
  });
  await callApi(sandbox, '/nothing');
  await sandbox.close();
  expect(refused).toHaveProperty('status', 400);
  expect(printed.flatMap((spy) => spy.mock.calls)).toEqual([]);
});
