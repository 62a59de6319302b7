import { describe, expect, it } from '@jest/globals';
import { readContract } from '../support/contract.ts';

/**
 * Each operation, parameter, header and field of attro/openapi.yaml says whether Attro has published it,
 * and where.
 */

type Node = Record<string, unknown>;

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

interface Place {
  where: string;
  node: Node;
}

/** Everything in a description that has to be marked, by where it is. What is referred to is marked there. */
function toBeMarked(description: object): Place[] {
  const found: Place[] = [];
  const note = (where: string, node: unknown): void => {
    if (isNode(node) && !('$ref' in node)) found.push({ where, node });
  };
  const visit = (node: unknown, where: string, key = ''): void => {
    if (Array.isArray(node)) {
      for (const [index, each] of node.entries()) {
        if (key === 'parameters') note(`${where}/${index}`, each);
        visit(each, `${where}/${index}`);
      }
      return;
    }
    // An example has the fields of what it is an example of.
    if (!isNode(node) || key === 'example' || key === 'examples') return;
    for (const [name, each] of Object.entries(node)) {
      const place = `${where}/${name}`;
      if (['parameters', 'properties', 'headers', 'securitySchemes'].includes(key)) {
        note(place, each);
        // A property may be called "example" or "parameters".
        visit(each, place);
        continue;
      }
      if (METHODS.includes(name)) note(place, each);
      visit(each, place, name);
    }
  };
  visit(description, '');
  const { components } = description as { components?: { schemas?: Node } };
  for (const [name, schema] of Object.entries(components?.schemas ?? {})) {
    note(`/components/schemas/${name}`, schema);
  }
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unmarked(description: object): string[] {
  return toBeMarked(description)
    .filter(({ node }) => !isMarked(node))
    .map(({ where }) => where);
}

function isMarked(node: Node): boolean {
  const source = node['x-attro-source'];
  return (
    typeof node['x-attro-published'] === 'boolean' && typeof source === 'string' && source !== ''
  );
}

const contract = readContract();

describe('attro/openapi.yaml', () => {
  it('says of each operation, parameter, header and field whether it is published, and where', () => {
    expect(unmarked(contract)).toEqual([]);
    expect(toBeMarked(contract).length).toBeGreaterThan(250);
  });

  it('calls an assumption so where it is not published, and nothing else', () => {
    const others = toBeMarked(contract).filter(({ node }) => {
      const source = String(node['x-attro-source']);
      return node['x-attro-published'] === true && source.startsWith('Assumption');
    });
    expect(others.map(({ where }) => where)).toEqual([]);
  });

  it.each<[string, object]>([
    ['an operation', { paths: { '/a': { get: {} } } }],
    ['a delivery', { webhooks: { a: { post: {} } } }],
    ['a parameter', { paths: { '/a': { parameters: [{ name: 'b', in: 'query' }] } } }],
    ['a shared parameter', { components: { parameters: { A: { name: 'b', in: 'query' } } } }],
    ['a header', { components: { responses: { A: { headers: { 'X-B': {} } } } } }],
    ['a schema', { components: { schemas: { A: { type: 'string' } } } }],
    [
      'a field',
      {
        components: { responses: { A: { content: { b: { schema: { properties: { c: {} } } } } } } },
      },
    ],
    ['a field called "example"', { a: { properties: { example: {} } } }],
    [
      'a field of a field',
      {
        a: {
          allOf: [
            {
              properties: {
                b: {
                  'x-attro-published': true,
                  'x-attro-source': 'A guide.',
                  properties: { c: {} },
                },
              },
            },
          ],
        },
      },
    ],
    ['one without a source', { paths: { '/a': { get: { 'x-attro-published': false } } } }],
  ])('would be found with %s that is not marked', (_name, description) => {
    expect(unmarked(description)).toHaveLength(1);
  });
});
