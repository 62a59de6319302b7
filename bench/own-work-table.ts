import { STAGES, type OwnWork } from './own-work.ts';
import {
  atMost,
  exactlyAtMost,
  formatNumber,
  formatSpread,
  formatVerdict,
  printTable,
} from './report.ts';
import { TARGETS } from './targets.ts';

/** Prints what the integration's own code takes for a delivery, and whether it grows with its size. */
export function printOwnWork(work: readonly OwnWork[]): void {
  printTable(
    'Alone, in microseconds for each event',
    ['delivery', 'size', ...STAGES, 'sum', 'per kB', 'HMAC and JSON.parse', 'whole function'],
    work.map((delivery) => [
      delivery.shape,
      `${formatNumber(delivery.size / 1_000)} kB`,
      ...STAGES.map((stage) => formatNumber(delivery.stages[stage])),
      formatNumber(sumOf(delivery)),
      formatNumber(sumOf(delivery) / (delivery.size / 1_000)),
      formatNumber(delivery.floor),
      formatNumber(delivery.perform.median),
    ]),
  );

  const [typical] = work;
  const large = [...new Set(work.slice(1).map(({ shape }) => shape))].map((shape) => {
    const [, middle, largest] = work.filter((delivery) => delivery.shape === shape);
    return { shape, middle, largest };
  });
  printTable(
    'Alone, against what is aimed at',
    ['', 'measured', 'HMAC and JSON.parse', 'target', ''],
    [
      ...(typical
        ? [
            [
              'The documented delivery, whole function',
              `${formatSpread(typical.perform, 0)} µs`,
              `${formatNumber(typical.floor)} µs`,
              `≤ ${TARGETS.ownMicroseconds} µs`,
              formatVerdict(atMost(typical.perform, TARGETS.ownMicroseconds)),
            ],
          ]
        : []),
      ...large.flatMap(({ shape, middle, largest }) => {
        if (!middle || !largest) return [];
        const growth = perByte(largest, sumOf) / perByte(middle, sumOf);
        const floorGrowth = perByte(largest, floorOf) / perByte(middle, floorOf);
        return [
          [
            `Per kB at 10 MB to per kB at 100 kB, ${shape}`,
            growth.toFixed(2),
            floorGrowth.toFixed(2),
            `≤ ${TARGETS.perKilobyteGrowth}`,
            formatVerdict(exactlyAtMost(growth, TARGETS.perKilobyteGrowth)),
          ],
        ];
      }),
    ],
  );
}

function sumOf({ stages }: OwnWork): number {
  return STAGES.reduce((sum, stage) => sum + stages[stage], 0);
}

function floorOf({ floor }: OwnWork): number {
  return floor;
}

function perByte(work: OwnWork, costOf: (work: OwnWork) => number): number {
  return costOf(work) / work.size;
}
