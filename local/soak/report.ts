import { styleText } from 'node:util';
import { quantile } from 'simple-statistics';

import type { MemoryUse, SoakReport } from './run.ts';

/** What came out, as a table. */
export function tableOf(report: SoakReport): string {
  const { counts, kills, eventsPerSecond, msToRun, memory } = report;
  const { doubled } = counts;
  const inMs = (share: number): string =>
    msToRun.length === 0 ? '–' : `${whole(quantile([...msToRun], share))} ms`;
  const inMegabytes = (process: keyof MemoryUse): string =>
    [memory.start, memory.halfWay, memory.end].map((use) => whole(use[process] / 1e6)).join(' → ');
  const none = (value: number): string =>
    value === 0 ? styleText('green', '0') : styleText('red', whole(value));

  const rows: [label: string, value: string][] = [
    ['Events made', whole(counts.made)],
    ['Deliveries that came, in all their attempts', whole(counts.posts)],
    ['Sandbox killed and restarted', `${kills} times`],
    ['Zap runs', whole(counts.zapRuns)],
    ['Copies caught', whole(counts.copiesCaught)],
    ['Forgeries refused', whole(counts.forgeriesRefused)],
    ['Forgeries that ran', none(counts.forgedRuns)],
    ['Lost', none(counts.lost)],
    ['Ended with an error', none(counts.errors)],
    ['Doubled', whole(doubled.all)],
    ['  while the cache was failing', whole(doubled.cacheFailing)],
    ['  while the app took longer than it waits for the cache', whole(doubled.cacheSlow)],
    ['  without such a cause', none(doubled.unexplained)],
    ['Events per second', eventsPerSecond.toFixed(1)],
    ['From event to run without trouble, median', inMs(0.5)],
    ['  99th percentile', inMs(0.99)],
    ['Memory in MB at the start, half-way and at the end: app', inMegabytes('app')],
    ['  sandbox', inMegabytes('sandbox')],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}

function whole(value: number): string {
  return Number.isNaN(value) ? 'unknown' : Math.round(value).toLocaleString('en-US');
}
