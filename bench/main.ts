import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureColdStarts } from './cold-start.ts';
import { writeFloors } from './floors.ts';
import { HEAP_CHECKPOINTS, measureHeap } from './heap.ts';
import { printOwnWork } from './own-work-table.ts';
import { measureOwnWork } from './own-work.ts';
import { printReferences } from './reference-table.ts';
import { packApps } from './references.ts';
import { formatNumber } from './report.ts';
import { measureWarmEvents } from './warm-events.ts';

const WARM_BLOCKS_PER_ROUND = 3;

/** Measures the packaged app against its references and prints what came out. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '31' } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 5) {
    throw new Error('--rounds must be a whole number of 5 or more.');
  }

  const workFolder = await mkdtemp(path.join(tmpdir(), 'attro-bench-'));
  try {
    progress('Packing the references');
    const apps = await packApps(process.cwd(), workFolder);
    progress(`Starting each app ${rounds} times`);
    const cold = await measureColdStarts(apps, rounds);
    progress('Answering hooks in processes that stay up');
    const warm = await measureWarmEvents(
      { ...apps, ...(await writeFloors(apps, workFolder)) },
      rounds * WARM_BLOCKS_PER_ROUND,
    );
    progress(`Watching the heap over ${formatNumber(HEAP_CHECKPOINTS[3])} hooks`);
    const [attro, bare] = await Promise.all([measureHeap(apps.attro), measureHeap(apps.bare)]);
    progress('Measuring verification, reading, mapping and filtering alone');
    const work = await measureOwnWork();

    console.log(
      `\nNode ${process.version}, load of the machine ${loadavg()[0]?.toFixed(1) ?? '?'}. ` +
        'Ratios are taken round by round: the median, and in brackets where 80 % of the rounds lie. ' +
        'A (?) says that the target lies within the noise; --rounds takes more of them.',
    );
    printReferences({ apps, cold, warm, heap: { attro, bare } });
    printOwnWork(work);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

function progress(what: string): void {
  console.error(`${what} …`);
}

await main();
