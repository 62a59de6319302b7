/** What is aimed at: ratios, and where named so, absolute values. */
export const TARGETS = {
  /** The twin is a bare app with the same number of definitions. */
  coldToTwin: 1.05,
  warmToTwin: 1.1,
  warmToBare: 2.5,
  zipToBare: 1.08,
  heapBytesPerThousandEvents: 10_000,
  ownMicroseconds: 100,
  perKilobyteGrowth: 1.5,
} as const;
