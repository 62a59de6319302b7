import type { PackedApp } from './references.ts';
import { startWarmApps } from './warm-apps.ts';

/** After how many events the heap is looked at. */
export const HEAP_CHECKPOINTS = [1_000, 5_000, 10_000, 20_000] as const;

/** Few enough that the deliveries, which are made beforehand, take little memory themselves. */
const EVENTS_AT_ONCE = 500;

/** Runs hooks in one process and tells what is in use of its heap at each checkpoint, in bytes. */
export async function measureHeap(app: PackedApp): Promise<number[]> {
  const warm = await startWarmApps([app]);
  const used: number[] = [];
  let answered = 0;
  for (const checkpoint of HEAP_CHECKPOINTS) {
    while (answered < checkpoint) {
      answered += EVENTS_AT_ONCE;
      const { heapUsed } = await warm.answer({
        app: 0,
        events: EVENTS_AT_ONCE,
        heap: answered === checkpoint,
      });
      if (heapUsed !== null) used.push(heapUsed);
    }
  }
  warm.stop();
  return used;
}

/**
 * What the heap grew by for each 1,000 events between the last two checkpoints, in bytes. Before them
 * it grows in any app, as long as V8 goes on compiling.
 */
export function growthPerThousand(used: readonly number[]): number {
  const thousands = (HEAP_CHECKPOINTS[3] - HEAP_CHECKPOINTS[2]) / 1_000;
  return ((used[3] ?? NaN) - (used[2] ?? NaN)) / thousands;
}
