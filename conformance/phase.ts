import type { AppOnAnswers } from './app-on-answers.ts';
import type { Walk } from './walk.ts';
import { fact } from './facts.ts';
import { notTried, placesOf, type Finding, type Need, type Row, type Verdict } from './row.ts';

/** A part of the walk: what it asks of a server, and the rows that are held against the answers. */
export interface Phase {
  title: string;
  /** Its rows, without what they are held against. */
  rows: readonly Pick<Row<never>, 'id' | 'assumed' | 'facts' | 'places' | 'needs'>[];
  run: (walk: Walk) => Promise<Finding[]>;
}

interface PhaseParts<Evidence> {
  title: string;
  needs?: Need;
  rows: readonly Row<Evidence>[];
  /** Asks the server; what cannot be asked for lack of an earlier answer is left out. */
  gather: (walk: Walk) => Promise<Evidence>;
}

export function definePhase<Evidence>({ title, needs, rows, gather }: PhaseParts<Evidence>): Phase {
  const find = async (
    row: Row<Evidence>,
    evidence: Evidence,
    app: AppOnAnswers,
  ): Promise<Finding> => {
    const verdict = await row.judge(evidence);
    const copes = verdict.is === 'differs' && (await row.copes?.(evidence, app));
    return finding(title, row, verdict, copes);
  };
  return {
    title,
    rows: rows.map((row) => ({ ...row, ...(needs && !row.needs && { needs }) })),
    run: async (walk) => {
      if (needs && !walk.has(needs)) {
        return rows.map((row) => finding(title, row, notAsked(needs)));
      }
      walk.onPhase(title);
      const evidence = await gather(walk);
      const findings: Finding[] = [];
      for (const row of rows) {
        const isWanted = !row.needs || walk.has(row.needs);
        findings.push(
          row.needs && !isWanted
            ? finding(title, row, notAsked(row.needs))
            : await find(row, evidence, walk.app),
        );
      }
      return findings;
    },
  };
}

function notAsked(need: Need): Verdict {
  return notTried('it was not asked for', need);
}

function finding<E>(part: string, row: Row<E>, verdict: Verdict, copes = false): Finding {
  const said = row.facts.map(fact);
  const { is, ...words } = verdict;
  return {
    id: row.id,
    part,
    assumed: row.assumed,
    isPublished: said.length > 0 && said.every(({ isPublished }) => isPublished),
    source: [...new Set(said.map(({ source }) => source))].join(' '),
    result: is === 'differs' && copes ? 'differs, and the app copes' : is,
    ...words,
    change: placesOf(row),
  };
}
