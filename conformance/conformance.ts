import { AppOnAnswers } from './app-on-answers.ts';
import { AttroClient } from './attro-client.ts';
import { Endpoints } from './endpoints.ts';
import { listenForDeliveries } from './hook.ts';
import { PHASES } from './phases/index.ts';
import type { Finding, Need } from './row.ts';
import { Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';
import { startSignIn } from './sign-in.ts';
import type { Walk } from './walk.ts';

/** What a walk tells on its way, and what it works with. */
export interface WalkOptions {
  /** Something that the person who runs it has to know, such as where to sign in. */
  say: (text: string) => void;
  onPhase?: (title: string) => void;
  onRequest?: (method: string, path: string) => void;
  /** Ends it as soon as what it has made is removed. */
  signal?: AbortSignal;
  /** The app that works on answers, for several walks; default: one for this walk. */
  app?: AppOnAnswers;
}

/**
 * Walks the contract against a server, and tells of each row whether it holds. Whatever happens, the
 * endpoints that it has made are removed again.
 *
 * @throws {CannotRun} when there is no such server, it refuses the token, or a port is taken.
 * @throws the signal's reason once it is aborted.
 */
export async function walkContract(settings: Settings, options: WalkOptions): Promise<Finding[]> {
  const { say, onPhase = () => undefined, onRequest = () => undefined } = options;
  const { signal = new AbortController().signal, app = new AppOnAnswers() } = options;
  const secrets = new Secrets();
  secrets.add(settings.token);
  secrets.add(settings.client?.secret);
  const { baseUrl, token, timeoutMs, client, hook } = settings;
  const attro = new AttroClient({ baseUrl, token, timeoutMs, secrets, signal, onRequest });
  const walk: Walk = {
    settings,
    attro,
    app,
    endpoints: new Endpoints(attro),
    secrets,
    signal,
    has: (need) => isGiven(settings, need),
    onPhase,
    say,
    known: { isAccepted: false },
  };
  try {
    if (hook) walk.hook = await listenForDeliveries(hook, signal);
    if (client) walk.signIn = await startSignIn(client, { secrets, say, signal });
    const findings: Finding[] = [];
    for (const phase of PHASES) findings.push(...(await phase.run(walk)));
    return findings.map((finding) => withoutSecrets(finding, secrets));
  } finally {
    const left = await walk.endpoints.removeAll();
    for (const url of left) {
      say(`A webhook endpoint may be left in Attro: ${url}. Remove it on Settings → Webhooks.`);
    }
    await Promise.allSettled([walk.hook?.close(), walk.signIn?.close()]);
    if (app !== options.app) await app.stop();
  }
}

function isGiven({ client, hook, waitForRetry, writes }: Settings, need: Need): boolean {
  switch (need) {
    case 'client':
      return client !== undefined;
    case 'hook':
      return hook !== undefined;
    case 'retry':
      return hook !== undefined && waitForRetry;
    case 'writes':
      return writes;
    case 'changes':
      return writes && hook !== undefined;
  }
}

function withoutSecrets(finding: Finding, secrets: Secrets): Finding {
  const hidden = Object.entries(finding).map(([key, value]: [string, unknown]) => [
    key,
    typeof value === 'string' ? secrets.hiddenIn(value) : value,
  ]);
  return Object.fromEntries(hidden) as Finding;
}
