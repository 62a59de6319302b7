import { globSync, readFileSync } from 'node:fs';
import { instance } from '@viz-js/viz';
import ts from 'typescript';
import { fact, FACTS, type Fact, type Place } from '../conformance/facts.ts';
import { PHASES } from '../conformance/phases/index.ts';
import { placesOf } from '../conformance/row.ts';
import { code, table, withTable } from './catalogue.ts';

/** The graph's own colours are black on nothing; these follow the reader's mode. */
const STYLE = `<style>
svg { color: #1c1c1c }
/* Smaller than it was laid out for: the reader's font may be wider than the one that was measured. */
text { fill: currentColor; stroke: none; font-family: Helvetica, Arial, sans-serif; font-size: 12px }
path, polyline { stroke: currentColor }
polygon { fill: currentColor; stroke: currentColor }
.outside path { stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) { svg { color: #e6e6e6 } }
</style>`;

/** The drawing of docs/path-of-an-event.dot as SVG, readable on a light and on a dark page. */
export async function pathOfAnEvent(): Promise<string> {
  const drawn = (await instance()).renderString(readFileSync('docs/path-of-an-event.dot', 'utf8'), {
    format: 'svg',
  });
  // The page that holds it needs no declarations, and the drawing program's version is no change.
  const svg = drawn.slice(drawn.indexOf('<svg')).replace(/<!--.*?-->\n/gs, '');
  return svg.replace(/^<svg[^>]*>/, (opening) => `${opening}\n${STYLE}`);
}

/** Something that is taken for granted about Attro, and what tries it. */
export interface Assumption {
  what: string;
  /** Where it is said, or what kind of assumption it is. */
  said: string;
  change: readonly Place[];
  /** The rows of `npm run conformance` that hold a server against it. */
  rows: readonly string[];
}

/** What no request can tell, and why, by its name in the code. */
const UNTRIED: Readonly<Record<string, string>> = {
  recordUrl: 'none: only a person who is signed in sees these pages',
};

/** The text of docs/architecture.md with its table of assumptions made anew. */
export function withAssumptions(text: string): string {
  const rows = assumptions().map(({ what, said, change, rows }) => [
    what,
    said,
    change.map(({ file, name }) => `${code(name)} in ${code(file)}`).join(', '),
    rows.length > 0 ? shortened(rows).map(code).join(', ') : UNTRIED[change[0]?.name ?? ''],
  ]);
  const head = ['What is assumed', 'Where it is said', 'Change it in', 'Rows of the check'];
  return withTable(text, 'assumptions', table(head, rows));
}

/** Everything that is assumed: in the description of Attro's API, and in the app beside it. */
export function assumptions(): Assumption[] {
  return [...described(), ...inTheApp()];
}

const ROWS = PHASES.flatMap(({ rows }) => rows);

/** What attro/openapi.yaml marks as not published: parameters and fields with what they belong to. */
function described(): Assumption[] {
  const assumed = FACTS.filter(({ isPublished }) => !isPublished);
  const owners = [...new Set(assumed.map(({ key }) => ownerOf(key)))];
  return owners.map((owner) => {
    const own = assumed.filter(({ key }) => ownerOf(key) === owner);
    const [first] = own;
    const tries = ROWS.filter(({ facts }) => own.some(({ key }) => facts.includes(key)));
    return {
      what: whatOf(owner, own),
      said: first?.source ?? '',
      change: first?.change ?? [],
      rows: tries.map(({ id }) => id),
    };
  });
}

/** What is assumed of an operation or a schema: that it is there, or some parts of it alone. */
function whatOf(owner: string, assumed: readonly Fact[]): string {
  const isOwn = ({ key }: Fact): boolean => key === owner;
  const parts = assumed
    .filter((each) => !isOwn(each))
    .map(({ key }) => key.slice(owner.length + 1));
  const names = parts.map(code).join(', ');
  const { what, kind } = fact(owner);
  if (!assumed.some(isOwn)) return `${names} of ${what.split(': ')[0] ?? ''}`;
  if (parts.length === 0) return what;
  const all = FACTS.filter(({ key }) => ownerOf(key) === owner).length - 1;
  return kind === 'schema' && parts.length === all
    ? `${what} and its fields`
    : `${what} (${names})`;
}

/** The operation of a parameter, the schema of a field; else the name itself. */
function ownerOf(key: string): string {
  return key.split(/[?.]/)[0] ?? key;
}

/** Ids of rows, those with a beginning in common as `beginning.*`. */
function shortened(ids: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const id of ids) {
    const [beginning = ''] = id.split('.');
    groups.set(beginning, [...(groups.get(beginning) ?? []), id]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first = ''] = group;
    if (group.length <= 2) return group;
    const parts = first.split('.');
    let common = parts.length - 1;
    while (!group.every((id) => id.startsWith(`${parts.slice(0, common).join('.')}.`))) common -= 1;
    return [`${parts.slice(0, common).join('.')}.*`];
  });
}

/** What the comments of the app's constants and types call an assumption. */
function inTheApp(): Assumption[] {
  const files = globSync('{attro,deliveries,inputs,output}/*.ts').sort();
  return files.flatMap((file) => {
    const source = ts.createSourceFile(
      file,
      readFileSync(file, 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    );
    const found: Assumption[] = [];
    const visit = (node: ts.Node): void => {
      for (const comment of ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)) {
        const said = (ts.getTextOfJSDocComment(comment.comment) ?? '').replace(/\s+/g, ' ');
        if (comment.parent === node && /\b[Aa]ssumptions?\b/.test(said)) {
          const place = { file, name: nameOf(node) };
          const rows = ROWS.filter((row) => placesOf(row).some((each) => isAt(each, place)));
          found.push({
            what: said,
            said: `The comment of ${code(place.name)}.`,
            change: [place],
            rows: rows.map(({ id }) => id),
          });
        }
      }
      ts.forEachChild(node, visit);
    };
    // The comment at the head of a module speaks of the module.
    ts.forEachChild(source, (node) => {
      if (!ts.isImportDeclaration(node)) visit(node);
    });
    return found;
  });
}

/** Whether a place is a constant, or something in it. */
function isAt({ file, name }: Place, constant: Place): boolean {
  return file === constant.file && (name === constant.name || name.startsWith(`${constant.name}.`));
}

function nameOf(node: ts.Node): string {
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.map(({ name }) => name.getText()).join(', ');
  }
  const name = 'name' in node ? (node.name as ts.Node | undefined) : undefined;
  return name?.getText() ?? '';
}
