import Table from 'cli-table3';
import pc from 'picocolors';
import type { Finding } from './row.ts';

const MOST_WIDTH = 140;

/** The least room for what is said of a row. */
const LEAST_WORDS = 40;

/** How wide it is where nobody knows, as in a file. */
const USUAL_WIDTH = 120;

const COLOURS: Readonly<Record<Finding['result'], (text: string) => string>> = {
  holds: pc.green,
  differs: pc.red,
  'differs, and the app copes': pc.yellow,
  'not tried': pc.dim,
};

/** All findings for a person: a table for each part, and what it comes to. */
export function report(findings: readonly Finding[], columns = USUAL_WIDTH): string {
  const width = Math.min(columns, MOST_WIDTH);
  const widest = (texts: readonly string[]): number =>
    1 + Math.max(0, ...texts.map(({ length }) => length));
  const results = widest(findings.map(({ result }) => result));
  const ids = widest(findings.map(({ id }) => id));
  const parts = [...new Set(findings.map(({ part }) => part))];
  const tables = parts.map((part) => {
    const rows = findings.filter((finding) => finding.part === part);
    const [common] = commonReason(rows) ? rows : [];
    const reason = common ? pc.dim(`  not tried: ${reasonOf(common)}`) : '';
    return `${pc.bold(part)}${reason}\n${tableOf(rows, [results, ids, Math.max(width - results - ids, LEAST_WORDS)])}`;
  });
  const differing = findings.filter(isDifference).map(({ id, result }) => `${id}: ${result}`);
  return `${[...tables, [summary(findings), ...differing].join('\n')].join('\n\n')}\n`;
}

/** Whether all rows were not tried for one and the same reason, which then need not be repeated. */
function commonReason(findings: readonly Finding[]): boolean {
  return (
    findings.every(({ result }) => result === 'not tried') &&
    new Set(findings.map(reasonOf)).size === 1
  );
}

function reasonOf({ why = '', option }: Finding): string {
  return option === undefined ? why : `${why}; try ${option}`;
}

function tableOf(findings: readonly Finding[], colWidths: number[]): string {
  const table = new Table({
    colWidths,
    wordWrap: true,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 1 },
    chars: Object.fromEntries(
      ['top', 'bottom', 'left', 'right', 'mid', 'middle'].flatMap((side) =>
        ['', '-mid', '-left', '-right'].map((end) => [`${side}${end}`, '']),
      ),
    ),
  });
  const isRepeated = commonReason(findings);
  table.push(
    ...findings.map((finding) => [
      COLOURS[finding.result](finding.result),
      finding.id,
      isRepeated ? finding.assumed : words(finding),
    ]),
  );
  return table.toString().replace(/ +$/gm, '');
}

function words(finding: Finding): string {
  const { assumed, expected, came, why, change } = finding;
  const lines = [assumed];
  if (expected !== undefined) {
    lines.push(
      `${pc.bold('expected')} ${expected}`,
      `${pc.bold('came')} ${came ?? ''}`,
      `${pc.bold('change')} ${change.map(({ file, name }) => `${name} in ${file}`).join('; ')}`,
    );
  }
  if (why !== undefined) lines.push(pc.dim(reasonOf(finding)));
  return lines.join('\n');
}

/** `120 rows: 100 hold, 3 differ (1 of them the app copes with), 17 were not tried.` */
export function summary(findings: readonly Finding[]): string {
  const of = (result: Finding['result']): number =>
    findings.filter((finding) => finding.result === result).length;
  const copes = of('differs, and the app copes');
  const differing = of('differs') + copes;
  const coping = copes > 0 ? ` (the app copes with ${copes} of them)` : '';
  return pc.bold(
    `${findings.length} rows: ${of('holds')} hold, ${differing} differ${coping}, ${of('not tried')} were not tried.`,
  );
}

/** All findings for machines: a JSON array of rows. */
export function reportAsJson(findings: readonly Finding[]): string {
  return `${JSON.stringify(findings, null, 2)}\n`;
}

/** Whether anything is not as it is taken for granted. */
export function isDifferent(findings: readonly Finding[]): boolean {
  return findings.some(isDifference);
}

function isDifference({ result }: Finding): boolean {
  return result.startsWith('differs');
}
