import { median, quantile } from 'simple-statistics';

/** Values of one app, round by round. Noise hits what is measured in the same round alike. */
export type Series = readonly number[];

const each = (combine: (a: number, b: number) => number) => (a: Series, b: Series) =>
  a.map((value, round) => combine(value, b[round] ?? NaN));

/** Two series combined round by round. */
export const plus = each((a, b) => a + b);
export const minus = each((a, b) => a - b);
export const over = each((a, b) => a / b);

/** Three significant digits of the median, with commas between thousands. */
export function short(...values: number[]): string {
  return median(values).toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

/** `1.04 (0.97–1.12)`: the median, and between what 80 % of the rounds lie. */
export function spread(values: Series, digits = 2): string {
  const at = (share: number): string => quantile([...values], share).toFixed(digits);
  return `${at(0.5)} (${at(0.1)}–${at(0.9)})`;
}

/** `met` or `missed`; with a question mark where the target lies within what the noise leaves open. */
export function verdict(values: Series, target: number): string {
  const at = (share: number): number => quantile([...values], share);
  // Ranks of the binomial distribution around the median, by its normal approximation: 95 % sure.
  const reach = Math.min(0.98 / Math.sqrt(values.length), 0.5);
  const isOpen = at(0.5 - reach) <= target && target < at(0.5 + reach);
  return `${at(0.5) <= target ? 'met' : 'missed'}${isOpen ? ' (?)' : ''}`;
}

/** A row that sets an app beside bare and twin, with what its ratios to them may be at the most. */
export function compare(
  label: string,
  unit: string,
  values: readonly [app: Series, bare: Series, twin: Series],
  aims: Partial<Record<'bare' | 'twin', number>> = {},
): string[] {
  const [app, bare, twin] = values;
  const ratios = { bare: over(app, bare), twin: over(app, twin) };
  const aimed = Object.entries(aims) as ['bare' | 'twin', number][];
  return [
    label,
    ...values.map((series) => `${short(...series)} ${unit}`),
    spread(ratios.bare),
    spread(ratios.twin),
    aimed.map(([name, aim]) => `≤ ${aim} × ${name}`).join(', '),
    aimed.map(([name, aim]) => verdict(ratios[name], aim)).join(', '),
  ];
}
