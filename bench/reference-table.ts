import type { ColdStart, ColdStarts } from './cold-start.ts';
import { FLOORS, type FloorName } from './floors.ts';
import { growthPerThousand, HEAP_CHECKPOINTS } from './heap.ts';
import type { AppName, PackedApp } from './references.ts';
import { atMost, exactlyAtMost, formatSpread, formatVerdict, printTable } from './report.ts';
import { median, ratiosOf, spreadOf } from './statistics.ts';
import { TARGETS } from './targets.ts';

/** What was measured of the integration and of its references. */
export interface ReferenceResults {
  apps: Record<AppName, PackedApp>;
  cold: ColdStarts;
  /** The median times of an event in each block, in microseconds. */
  warm: Record<AppName | FloorName, number[]>;
  /** In use at each checkpoint, in bytes. */
  heap: Record<'attro' | 'bare', number[]>;
}

/** Prints the integration beside its references, and what they show no code can save. */
export function printReferences({ apps, cold, warm, heap }: ReferenceResults): void {
  printTable(
    'Against the references',
    ['', 'attro', 'bare', 'twin', 'attro / bare', 'attro / twin', 'target', ''],
    [...coldRows(cold), ...warmRows(warm), zipRow(apps), heapRow(heap)],
  );
  printFloors(warm);
}

function coldRows(cold: ColdStarts): string[][] {
  const valuesOf = (name: keyof ColdStarts, part: keyof ColdStart): number[] =>
    cold[name].map((start) => start[part]);
  const medianOf = (name: AppName, part: keyof ColdStart): string =>
    `${median(valuesOf(name, part)).toFixed(0)} ms`;
  const bare = valuesOf('bare', 'toAnswer');
  const toBare = ratiosOf(valuesOf('attro', 'toAnswer'), bare);
  const toTwin = ratiosOf(valuesOf('attro', 'toAnswer'), valuesOf('twin', 'toAnswer'));
  const noise = ratiosOf(valuesOf('bareAgain', 'toAnswer'), bare);

  // Node and the platform are the same files in each app, so their time differs by noise alone.
  const exchanged = (name: keyof ColdStarts): number[] =>
    bare.map(
      (whole, round) =>
        whole - (cold.bare[round]?.ownPart ?? NaN) + (cold[name][round]?.ownPart ?? NaN),
    );
  const partToBare = ratiosOf(exchanged('attro'), bare);
  const partToTwin = ratiosOf(exchanged('attro'), exchanged('twin'));

  return [
    [
      'Cold start to the first answer',
      medianOf('attro', 'toAnswer'),
      medianOf('bare', 'toAnswer'),
      medianOf('twin', 'toAnswer'),
      formatSpread(toBare),
      formatSpread(toTwin),
      `≤ ${TARGETS.coldToTwin} twin`,
      formatVerdict(atMost(toTwin, TARGETS.coldToTwin)),
    ],
    ['  bare against itself: noise', '', '', '', formatSpread(noise), '', '', ''],
    [
      '  the part after Node and platform',
      medianOf('attro', 'ownPart'),
      medianOf('bare', 'ownPart'),
      medianOf('twin', 'ownPart'),
      '',
      '',
      '',
      '',
    ],
    [
      '  ratio with only that part exchanged',
      '',
      '',
      '',
      formatSpread(partToBare, 3),
      formatSpread(partToTwin, 3),
      `≤ ${TARGETS.coldToTwin} twin`,
      formatVerdict(atMost(partToTwin, TARGETS.coldToTwin)),
    ],
  ];
}

function printFloors(warm: Record<FloorName | 'bare' | 'twin', number[]>): void {
  const row = (label: string, times: number[]): string[] => [
    label,
    `${median(times).toFixed(0)} µs`,
    formatSpread(ratiosOf(times, warm.bare)),
    formatSpread(ratiosOf(times, warm.twin)),
  ];
  printTable(
    'Floors of a warm event, and a control',
    ['', 'event', '/ bare', '/ twin'],
    [
      row('twin: the definition alone', warm.twin),
      ...(Object.keys(FLOORS) as FloorName[]).map((name) => row(FLOORS[name], warm[name])),
    ],
  );
}

function warmRows(warm: Record<AppName, number[]>): string[][] {
  const toBare = ratiosOf(warm.attro, warm.bare);
  const toTwin = ratiosOf(warm.attro, warm.twin);
  const own = spreadOf(warm.attro.map((value, block) => value - (warm.twin[block] ?? NaN)));
  return [
    [
      'Warm event',
      ...[warm.attro, warm.bare, warm.twin].map((values) => `${median(values).toFixed(0)} µs`),
      formatSpread(toBare),
      formatSpread(toTwin),
      `≤ ${TARGETS.warmToTwin} twin\n≤ ${TARGETS.warmToBare} bare`,
      [atMost(toTwin, TARGETS.warmToTwin), atMost(toBare, TARGETS.warmToBare)]
        .map(formatVerdict)
        .join('\n'),
    ],
    ['  of it beyond the twin', `${own.median.toFixed(0)} µs`, '', '', '', '', '', ''],
  ];
}

function zipRow({ attro, bare, twin }: Record<AppName, PackedApp>): string[] {
  const toBare = attro.zipSize / bare.zipSize;
  return [
    'Size of build.zip',
    ...[attro, bare, twin].map(({ zipSize }) => `${(zipSize / 1_000).toFixed(0)} kB`),
    toBare.toFixed(3),
    (attro.zipSize / twin.zipSize).toFixed(3),
    `≤ ${TARGETS.zipToBare} bare`,
    formatVerdict(exactlyAtMost(toBare, TARGETS.zipToBare)),
  ];
}

function heapRow({ attro, bare }: Record<'attro' | 'bare', number[]>): string[] {
  const growth = growthPerThousand(attro);
  const inMegabytes = (used: readonly number[]): string =>
    used.map((bytes) => (bytes / 1e6).toFixed(1)).join(' → ');
  return [
    `Heap, MB, after ${HEAP_CHECKPOINTS.map((events) => events / 1_000).join(', ')} thousand events`,
    inMegabytes(attro),
    inMegabytes(bare),
    '',
    ((attro.at(-1) ?? NaN) / (bare.at(-1) ?? NaN)).toFixed(2),
    '',
    `flat: ≤ ${TARGETS.heapBytesPerThousandEvents / 1_000} kB per 1,000`,
    `${formatVerdict(exactlyAtMost(growth, TARGETS.heapBytesPerThousandEvents))} ` +
      `(${(growth / 1_000).toFixed(1)} kB)`,
  ];
}
