import { once } from 'node:events';
import { PATHS, type EventName } from '../attro/contract.ts';
import { startAppProcess } from '../local/zapier/app-process.ts';
import { startZapierRunner, type ZapRun } from '../local/zapier/index.ts';
import { TRIGGER_TABLE } from '../triggers/table.ts';

/** Asks the server for something, with the token. */
export type Ask = (method: string, path: string, body?: object) => Promise<Response>;

export interface DeliveriesCheck {
  baseUrl: string;
  token: string;
  /** Where deliveries arrive: the public address, and the port of this machine that it leads to. */
  hooks: { url: string; port: number };
  ask: Ask;
  signal: AbortSignal;
}

/** How long a delivery may take to arrive and to be worked off, in milliseconds. */
const ARRIVAL_MS = 15_000;

/**
 * Has each event delivered to a Zap of the stand-in for Zapier, whose trigger judges it as it would on
 * Zapier, and prints what came of it.
 *
 * @returns whether every event was received, verified and read.
 */
export async function checkDeliveries({
  ask,
  signal,
  ...server
}: DeliveriesCheck): Promise<boolean> {
  let arrived = Promise.withResolvers<ZapRun>();
  const zapier = await startZapierRunner({
    app: await startAppProcess(process.cwd()),
    attro: { baseUrl: server.baseUrl, clientId: '', clientSecret: '' },
    authData: { access_token: server.token },
    hooks: server.hooks,
    onRun: (_zap, run) => {
      arrived.resolve(run);
    },
  });

  /** What is wrong with the delivery of an event; undefined if nothing is. */
  const problemOf = async (key: string, event: EventName): Promise<string | undefined> => {
    arrived = Promise.withResolvers();
    const logged = zapier.logs.length;
    const zap = await zapier.turnOn(key);
    try {
      const path = `${PATHS.webhooks}/${String(zap.subscribeData['id'])}/test`;
      const { status } = await ask('POST', path, { event });
      if (status !== 202) return `not sent: POST ${path} was answered with ${status}`;
      const patience = AbortSignal.any([signal, AbortSignal.timeout(ARRIVAL_MS)]);
      const run = await Promise.race([arrived.promise, once(patience, 'abort')]);
      if (!('received' in run)) return `not received within ${ARRIVAL_MS / 1000} seconds`;
      if (run.error !== undefined) return `received, but: ${run.error}`;
      if (run.records.length === 0) {
        return `received, but: ${zapier.logs.slice(logged).join(' ')}`;
      }
      return undefined;
    } finally {
      await zapier.turnOff(zap);
    }
  };

  try {
    console.log('  Deliveries\n');
    let holds = true;
    for (const { key, event } of TRIGGER_TABLE) {
      if (signal.aborted) break;
      const problem = await problemOf(key, event).catch((error: unknown) => String(error));
      console.log(
        `  ${problem ? '✗' : '✓'} ${event} - ${problem ?? 'received, verified and read'}`,
      );
      holds &&= problem === undefined;
    }
    console.log();
    return holds;
  } finally {
    await zapier.stop();
  }
}
