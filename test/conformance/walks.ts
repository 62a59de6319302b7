import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { AppOnAnswers } from '../../conformance/app-on-answers.ts';
import { walkContract } from '../../conformance/conformance.ts';
import type { Finding } from '../../conformance/row.ts';
import type { Settings } from '../../conformance/settings.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../local/attro/index.ts';
import { startDeviating, type Deviation } from './deviating.ts';

/** How much faster than the guide's the retry schedule of the tests' Attro runs. */
export const SPEED = 200;

/** What came of a walk. */
export interface Walked {
  findings: readonly Finding[];
  row: (id: string) => Finding;
  /** The ids of the rows that differ, with a `~` where the app copes. */
  differing: string[];
  /** What a person was told meanwhile. */
  said: string;
}

export interface Walker {
  /** The Attro behind all walks of a file. */
  sandbox: () => Sandbox;
  /** Walks the contract against a server that is Attro but for what deviates. */
  walk: (
    deviation?: Deviation,
    changes?: Partial<Settings>,
    say?: (text: string) => void,
  ) => Promise<Walked>;
}

/** What the walks of a file share: an Attro, and the app that works on answers. Nothing is left in it. */
export function useWalker(options: SandboxOptions = {}): Walker {
  let sandbox: Sandbox | undefined;
  let app: AppOnAnswers | undefined;
  const running = (): Sandbox => {
    if (!sandbox) throw new Error('The Attro of the tests does not run.');
    return sandbox;
  };
  beforeAll(async () => {
    sandbox = await startSandbox({ speed: SPEED, ...options });
    app = new AppOnAnswers();
  });
  afterEach(() => {
    expect(running().subscriptions()).toEqual([]);
  });
  afterAll(async () => {
    await app?.stop();
    await sandbox?.close();
  });

  return {
    sandbox: running,
    walk: async (deviation = {}, changes = {}, say = () => undefined) => {
      const server = await startDeviating(running().baseUrl, deviation);
      const said: string[] = [];
      try {
        const findings = await walkContract(
          {
            baseUrl: server.baseUrl,
            token: running().apiKey,
            ...{ waitForRetry: false, speed: SPEED, writes: false, timeoutMs: 5_000 },
            ...changes,
          },
          {
            say: (text) => {
              say(text);
              said.push(text);
            },
            ...(app && { app }),
          },
        );
        return {
          findings,
          row: (id) => {
            const found = findings.find((finding) => finding.id === id);
            if (!found) throw new Error(`There is no row ${id}.`);
            return found;
          },
          differing: findings.flatMap(({ id, result }) => {
            if (result === 'differs') return [id];
            return result === 'differs, and the app copes' ? [`~${id}`] : [];
          }),
          said: said.join('\n'),
        };
      } finally {
        await server.close();
      }
    },
  };
}
