import { setTimeout as wait } from 'node:timers/promises';

import { REDIRECT_URI, startZapierRunner, type Zap, type ZapierRunner } from '../zapier/index.ts';
import { TRIGGER_TABLE } from '../../triggers/table.ts';
import type { Ledger } from './ledger.ts';
import { SandboxProcess } from './sandbox-process.ts';

/** Retries come after 0.1, 0.5 and 3 s. */
const SPEED = 600;

const POLL_MS = 200;

/** Longer than Attro ever waits: for an answer it waits 30 s. */
const MAX_QUIET_MS = 60_000;

export interface PathOptions {
  /** A project folder with dist/index.js. */
  appFolder: string;
  /** Where the sandbox keeps its data. */
  dataFolder: string;
  ledger: Ledger;
  /** Told when the sandbox ends by itself. */
  onDeath: (error: Error) => void;
}

/** The whole path of an event: the sandbox, the stand-in for Zapier with a Zap for each trigger, the app. */
export interface Path {
  sandbox: SandboxProcess;
  zapier: ZapierRunner;
  /**
   * Waits until every delivery has been made and every post has been answered for; until nothing comes any
   * more though deliveries are pending; or until the signal.
   */
  workedOff: (signal: AbortSignal) => Promise<Backlog>;
  /** Turns all Zaps off. */
  turnOff: () => Promise<void>;
  /** Ends all processes. */
  close: () => Promise<void>;
}

/** What is left at the end. */
export interface Backlog {
  /** How many deliveries Attro still has to make. */
  pending: number;
  /** The triggers whose endpoints it has given up. */
  disabled: string[];
}

/** Starts everything, connects, and turns a Zap on for each trigger. */
export async function openPath({
  appFolder,
  dataFolder,
  ledger,
  onDeath,
}: PathOptions): Promise<Path> {
  const sandbox = await SandboxProcess.start({
    dataFolder,
    speed: SPEED,
    redirectUri: REDIRECT_URI,
    onDeath,
  });
  let zapier: ZapierRunner | undefined;
  try {
    zapier = await startZapierRunner({
      appFolder,
      attro: sandbox,
      redirectUri: REDIRECT_URI,
      onRun: (_zap, run) => {
        ledger.ran(run);
      },
    });
    return await connect(sandbox, zapier, ledger);
  } catch (error) {
    await zapier?.stop();
    await sandbox.stop();
    throw error;
  }
}

async function connect(
  sandbox: SandboxProcess,
  zapier: ZapierRunner,
  ledger: Ledger,
): Promise<Path> {
  await zapier.connect();
  const zaps: Zap[] = [];
  for (const { key } of TRIGGER_TABLE) {
    const zap = await zapier.turnOn(key);
    ledger.addZap(zap.id, subscriptionOf(zap));
    zaps.push(zap);
  }
  zapier.hooks.misbehave((hook) => ledger.received(hook));
  zapier.cache.misbehave((call) => ledger.asked(call));

  return {
    sandbox,
    zapier,
    workedOff: async (signal) => {
      for (;;) {
        await sandbox.up();
        const healths = await Promise.all(
          zaps.map((zap) => healthOf(sandbox, subscriptionOf(zap))),
        );
        const pending = healths.reduce((sum, { deliveries }) => sum + deliveries.pending, 0);
        if (pending === 0 || signal.aborted || ledger.quietMs() > MAX_QUIET_MS) {
          if (!signal.aborted) await zapier.settled();
          const disabled = zaps.filter((_, index) => healths[index]?.status !== 'active');
          return { pending, disabled: disabled.map(({ triggerKey }) => triggerKey) };
        }
        await wait(POLL_MS);
      }
    },
    turnOff: async () => {
      for (const zap of zaps) await zapier.turnOff(zap);
    },
    close: async () => {
      await zapier.stop();
      await sandbox.stop();
    },
  };
}

function subscriptionOf({ subscribeData }: Zap): string {
  return String(subscribeData['id']);
}

interface Health {
  status: 'active' | 'disabled';
  deliveries: { pending: number };
}

/** What Attro says of an endpoint, with the key that the sandbox has printed. */
async function healthOf({ baseUrl, apiKey }: SandboxProcess, id: string): Promise<Health> {
  const answer = await fetch(`${baseUrl}/api/v1/webhooks/${id}/health`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  if (!answer.ok) throw new Error(`The sandbox answered ${answer.status} about an endpoint.`);
  return (await answer.json()) as Health;
}
