import { globSync, readFileSync } from 'node:fs';
import { instance } from '@viz-js/viz';
import ts from 'typescript';
import { parse } from 'yaml';
import { PATHS } from '../attro/contract.ts';
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

/** The text of docs/architecture.md with its table of assumptions made anew. */
export function withAssumptions(text: string): string {
  const rows = [...operations(), ...inTheApp()];
  return withTable(
    text,
    'assumptions',
    table(['What is assumed', 'Where it is said', 'Change it in'], rows),
  );
}

interface Operation {
  summary?: string;
  'x-attro-published'?: boolean;
  'x-attro-source'?: string;
}

interface Contract {
  paths: Record<string, Record<string, Operation>>;
}

const METHODS = ['get', 'post', 'patch', 'put', 'delete'];

/** The operations that attro/openapi.yaml marks as not published. */
function operations(): string[][] {
  const { paths } = parse(readFileSync('attro/openapi.yaml', 'utf8')) as Contract;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method, each]) => METHODS.includes(method) && each['x-attro-published'] === false)
      .map(([method, each]) => [
        `${code(`${method.toUpperCase()} ${path}`)}: ${(each.summary ?? '').replace(/\.$/, '')}`,
        each['x-attro-source'] ?? 'an assumption of this project',
        `${code('attro/openapi.yaml')}${constantOf(path)}`,
      ]),
  );
}

/** The constant by which the app knows a path, where it uses it. */
function constantOf(path: string): string {
  const first = path.split('/{')[0] ?? path;
  const found = Object.entries(PATHS).find(
    ([, known]) => known === first || known === `/api/v1${first}`,
  );
  return found ? `, ${code(`PATHS.${found[0]}`)} in ${code('attro/contract.ts')}` : '';
}

/** What the comments of the app's constants and types call an assumption. */
function inTheApp(): string[][] {
  const files = globSync('{attro,deliveries,inputs,output}/*.ts').sort();
  return files.flatMap((file) => {
    const source = ts.createSourceFile(
      file,
      readFileSync(file, 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    );
    const rows: string[][] = [];
    const visit = (node: ts.Node): void => {
      for (const comment of ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)) {
        const said = (ts.getTextOfJSDocComment(comment.comment) ?? '').replace(/\s+/g, ' ');
        if (comment.parent === node && /\b[Aa]ssumptions?\b/.test(said)) {
          rows.push([said, code(nameOf(node)), code(file)]);
        }
      }
      ts.forEachChild(node, visit);
    };
    // The comment at the head of a module speaks of the module.
    ts.forEachChild(source, (node) => {
      if (!ts.isImportDeclaration(node)) visit(node);
    });
    return rows;
  });
}

function nameOf(node: ts.Node): string {
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.map(({ name }) => name.getText()).join(', ');
  }
  const name = 'name' in node ? (node.name as ts.Node | undefined) : undefined;
  return name?.getText() ?? '';
}
