import Table from 'cli-table3';
import pc from 'picocolors';
import type { Spread } from './statistics.ts';

/** Whether a measure is what it should be. */
export interface Verdict {
  met: boolean;
  /** The target lies within what the noise leaves open. */
  close: boolean;
}

/** Compares a median with the most that it may be. */
export function atMost({ median, interval: [from, to] }: Spread, target: number): Verdict {
  return { met: median <= target, close: from <= target && target < to };
}

/** Compares a value without noise with the most that it may be. */
export function exactlyAtMost(value: number, target: number): Verdict {
  return { met: value <= target, close: false };
}

/** `met` or `missed`; with a question mark where more rounds are needed to be sure. */
export function formatVerdict({ met, close }: Verdict): string {
  const text = `${met ? 'met' : 'missed'}${close ? ' (?)' : ''}`;
  return met ? pc.green(text) : pc.red(text);
}

/** A spread as `1.04 (0.97–1.12)`: the median, and between what 80 % of the rounds lie. */
export function formatSpread({ median, low, high }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

/** Three significant digits, with commas between thousands. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

/** Prints rows under a title and a head. */
export function printTable(title: string, head: string[], rows: string[][]): void {
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  console.log(`\n${pc.bold(title)}\n${table.toString()}`);
}
