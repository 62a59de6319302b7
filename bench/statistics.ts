/** How a measure came out over its rounds, in the unit of its values. */
export interface Spread {
  median: number;
  /** A tenth of the rounds were below this, and a tenth above {@link high}. */
  low: number;
  high: number;
  /** Where the true median lies with a confidence of 95 %, however the values are distributed. */
  interval: readonly [from: number, to: number];
}

/** The middle of some values, in their unit. */
export function median(values: readonly number[]): number {
  return quantile(values.toSorted(ascending), 0.5);
}

/** Sums up the values of all rounds, in their unit. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted(ascending);
  // Ranks of the binomial distribution around the median, by its normal approximation.
  const reach = 0.98 / Math.sqrt(sorted.length);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.1),
    high: quantile(sorted, 0.9),
    interval: [quantile(sorted, 0.5 - reach), quantile(sorted, 0.5 + reach)],
  };
}

/** The ratios of values that were measured side by side, round by round: noise hits both alike. */
export function ratiosOf(values: readonly number[], references: readonly number[]): Spread {
  return spreadOf(values.map((value, round) => value / (references[round] ?? NaN)));
}

function ascending(a: number, b: number): number {
  return a - b;
}

function quantile(sorted: readonly number[], share: number): number {
  const index = Math.round(share * (sorted.length - 1));
  return sorted[Math.min(Math.max(index, 0), sorted.length - 1)] ?? NaN;
}
