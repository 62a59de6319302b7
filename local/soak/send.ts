import type { Entry, Ledger } from './ledger.ts';
import type { Plan, PlannedEvent } from './plan.ts';
import type { RestartableSandbox } from './sandbox-process.ts';

/** How many events are on their way at once. */
const AT_ONCE = 32;

/** How long the next event waits for one that gets lost, in milliseconds. */
const PATIENCE_MS = 5_000;

/** How often an event is sent anew; the sandbox is killed twice. */
const MAX_TRIES = 5;

/**
 * Has all events of a plan happen, and kills the sandbox where the plan says so. A further event is sent
 * when the app has answered for an earlier one, so what is measured is the path and no queue before it; one
 * that has trouble on its way is not waited for.
 *
 * @param signal ends it early.
 */
export async function sendAll(
  { events, kills }: Plan,
  sandbox: RestartableSandbox,
  ledger: Ledger,
  signal: AbortSignal,
): Promise<void> {
  // All take from the same queue.
  const queue = events.entries();
  const sendOneByOne = async (): Promise<void> => {
    for (const [place, planned] of queue) {
      const kill = kills.find((planned) => planned.place === place);
      if (kill)
        setTimeout(() => {
          sandbox.killAndRestart();
        }, kill.afterMs);
      const entry = await send(planned, sandbox, ledger);
      if (!planned.hook) await ledger.answered(entry, PATIENCE_MS);
      if (signal.aborted) return;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendOneByOne));
}

/**
 * Sends an event until the sandbox has said that it took it. Where a kill cut the answer short, nobody knows
 * whether it was taken, so it is another event that is sent next, with an id of its own.
 */
async function send(
  planned: PlannedEvent,
  sandbox: RestartableSandbox,
  ledger: Ledger,
): Promise<Entry> {
  for (let nth = 1; nth <= MAX_TRIES; nth += 1) {
    await sandbox.up();
    const entry = ledger.open(planned, nth === 1 ? planned.id : `again${nth}_${planned.id}`);
    entry.accepted = await isTaken(entry, sandbox);
    if (entry.accepted) return entry;
  }
  throw new Error(`The sandbox did not answer ${MAX_TRIES} times.`);
}

/**
 * @returns false when the connection broke before the answer.
 * @throws when the sandbox refuses the event.
 */
async function isTaken({ id, planned }: Entry, { baseUrl }: RestartableSandbox): Promise<boolean> {
  const { event, copies, forge } = planned;
  let answer: Response;
  try {
    answer = await fetch(`${baseUrl}/sandbox/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ event, copies, ...(forge && { forge }), data: { id } }),
    });
    await answer.arrayBuffer();
  } catch {
    return false;
  }
  if (answer.status !== 202) throw new Error(`The sandbox answered ${answer.status} to an event.`);
  return true;
}
