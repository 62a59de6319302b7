import { median } from './statistics.ts';
import { startWarmApps } from './warm-apps.ts';

/** Few, so that what disturbs the machine for a moment disturbs the apps alike. */
const EVENTS_PER_BLOCK = 20;

const WARM_UP_BLOCKS = 40;

/** Two processes differ by several per cent in how V8 has compiled the same code. */
const PROCESSES = 5;

/**
 * Runs hooks through the platform's handler, block by block in turn, in processes that stay up.
 *
 * @param apps the folders of the apps; the first one's platform is used.
 * @param blocks how many blocks of each app are measured, altogether.
 * @returns the median time of an event in each block, in microseconds.
 */
export async function measureWarmEvents<Name extends string>(
  apps: Readonly<Record<Name, { folder: string }>>,
  blocks: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(apps) as Name[];
  const medians = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<
    Name,
    number[]
  >;
  for (let run = 0; run < PROCESSES; run += 1) {
    const warm = await startWarmApps(names.map((name) => apps[name]));
    for (let block = 0; block < WARM_UP_BLOCKS + blocks / PROCESSES; block += 1) {
      for (const [app, name] of names.entries()) {
        const { times } = await warm.answer({ app, events: EVENTS_PER_BLOCK, heap: false });
        if (block >= WARM_UP_BLOCKS) medians[name].push(median(times));
      }
    }
    warm.stop();
  }
  return medians;
}
