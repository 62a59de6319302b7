/** A failure that is meant for the person who releases: one paragraph that says what to do. */
export class ReleaseFailure extends Error {}

/** A text in which no deploy key can be read, wherever it came from. */
export function withoutKey(text: string, key: string | undefined): string {
  return key ? text.replaceAll(key, '[deploy key]') : text;
}

/** What is to be said of an answer of Zapier's that refuses, by its status. */
export function refusal(status: number, said: string, doing: string): ReleaseFailure {
  const quoted = said ? `: "${said}"` : '';
  if (status === 401 || status === 403) {
    return new ReleaseFailure(
      `Zapier does not accept the deploy key (${status}${quoted}). Make a new one with ` +
        '"npx zapier-platform login", or renew the secret ZAPIER_DEPLOY_KEY where that is set.',
    );
  }
  if (status === 404) {
    return new ReleaseFailure(
      `Zapier knows no such integration for this deploy key (404${quoted}). Check "id" in ` +
        '.zapierapprc, or write it anew with "npx zapier-platform link".',
    );
  }
  if (status >= 500) {
    return new ReleaseFailure(
      `Zapier has a problem of its own and could not ${doing} (${status}${quoted}). Nothing is wrong ` +
        'with the integration: run the same command again in a few minutes.',
    );
  }
  return new ReleaseFailure(`Zapier did not ${doing} (${status}${quoted}).`);
}

/** What is to be said when no answer came. */
export function noAnswer(host: string, reason: string): ReleaseFailure {
  return new ReleaseFailure(
    `Zapier could not be reached at ${host} (${reason}). Check the network, and ` +
      'https://status.zapier.com, then run the same command again.',
  );
}
