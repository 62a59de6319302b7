import { globSync, readFileSync } from 'node:fs';
import { instance } from '@viz-js/viz';
import ts from 'typescript';
import { parse } from 'yaml';
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
  const head = ['What is assumed', 'Where it is said', 'Change it in'];
  return withTable(text, 'assumptions', table(head, [...described(), ...inTheApp()]));
}

const CONTRACT = 'attro/openapi.yaml';

/** Something in the description of Attro's API that says whether Attro has published it. */
interface Marked {
  $ref?: string;
  'x-attro-published'?: boolean;
  'x-attro-source'?: string;
}

interface Operation extends Marked {
  operationId?: string;
  summary: string;
  parameters?: (Marked & { name: string })[];
  /** What Attro asks in return, by its name and then by where it asks. */
  callbacks?: Record<string, Paths>;
}

type Paths = Record<string, Record<string, Operation>>;

interface Schema extends Marked {
  properties?: Record<string, Marked>;
  allOf?: Schema[];
}

interface Description {
  paths: Paths;
  webhooks: Record<string, { post: Operation & { operationId: string } }>;
  components: {
    parameters: Record<string, Marked & { name: string }>;
    responses: Record<string, Marked & { description: string }>;
    schemas: Record<string, Schema>;
  };
}

/** What is marked, with the parameters or fields that belong to it. */
interface Owner {
  name: string;
  /** What it is called in the table, and what is said of it there. */
  title: string;
  summary?: string;
  node: Marked;
  parts: [name: string, node: Marked][];
}

/** What attro/openapi.yaml marks as not published: parameters and fields with what they belong to. */
function described(): string[][] {
  const { paths, webhooks, components } = parse(readFileSync(CONTRACT, 'utf8')) as Description;
  const called = Object.values(paths)
    .flatMap((item) => Object.values(item))
    .flatMap(({ callbacks = {} }) =>
      Object.values(callbacks).flatMap(Object.entries<Paths[string]>),
    );
  const operations = [...Object.entries(paths), ...called].flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, node]): Owner[] => {
      if (node.operationId === undefined) return [];
      const parameters = (node.parameters ?? []).map(
        (each) => components.parameters[each.$ref?.split('/').at(-1) ?? ''] ?? each,
      );
      return [
        {
          name: node.operationId,
          title: code(`${method.toUpperCase()} ${path}`),
          summary: `: ${node.summary}`,
          node,
          parts: parameters.map((each) => [each.name, each]),
        },
      ];
    }),
  );
  const deliveries = Object.entries(webhooks).map(([event, { post: node }]): Owner => ({
    ...{ name: node.operationId, node, parts: [] },
    title: `The delivery of ${code(event)}`,
  }));
  const responses = Object.entries(components.responses).map(([name, node]): Owner => ({
    ...{ name, node, parts: [] },
    title: node.description.replace(/\.$/, ''),
  }));
  const schemas = Object.entries(components.schemas).map(([name, node]): Owner => {
    const parts = [node, ...(node.allOf ?? [])].flatMap((each) =>
      // What is referred to has a row of its own.
      Object.entries(each.properties ?? {}).filter(([, field]) => field.$ref === undefined),
    );
    return { name, title: code(name), node, parts };
  });
  return [...operations, ...deliveries, ...responses, ...schemas].flatMap(rowOf);
}

/** What is assumed of an operation or a schema: that it is there, or some parts of it alone. */
function rowOf({ name, title, summary = '', node, parts }: Owner): string[][] {
  const isAssumed = (each: Marked): boolean => each['x-attro-published'] === false;
  const assumed = parts.filter(([, part]) => isAssumed(part));
  const names = assumed.map(([part]) => code(part)).join(', ');
  if (!isAssumed(node)) {
    const [first] = assumed;
    if (!first) return [];
    const [part, { 'x-attro-source': said = '' }] = first;
    return [[`${names} of ${title}`, said, `${code(`${name}, ${part}`)} in ${code(CONTRACT)}`]];
  }
  const what = names === '' ? title + summary : `${title}${summary} (${names})`;
  return [[what, node['x-attro-source'] ?? '', `${code(name)} in ${code(CONTRACT)}`]];
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
    const found: string[][] = [];
    const visit = (node: ts.Node): void => {
      for (const comment of ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)) {
        const said = (ts.getTextOfJSDocComment(comment.comment) ?? '').replace(/\s+/g, ' ');
        if (comment.parent === node && /\b[Aa]ssumptions?\b/.test(said)) {
          const name = code(nameOf(node));
          found.push([said, `The comment of ${name}.`, `${name} in ${code(file)}`]);
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

function nameOf(node: ts.Node): string {
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.map(({ name }) => name.getText()).join(', ');
  }
  const name = 'name' in node ? (node.name as ts.Node | undefined) : undefined;
  return name?.getText() ?? '';
}
