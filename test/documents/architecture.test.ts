import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

const text = readFileSync('docs/architecture.md', 'utf8');

/** The folders that the table of rooms lets each room import from. */
const rooms = [...text.matchAll(/^\| `(\w+)\/` \|.*\| ([^|]*) \|$/gm)].map(
  ([, room = '', imports = '']) => [room, imports.match(/\w+(?=`)/g) ?? []] as const,
);

describe('docs/architecture.md', () => {
  it('finds what is assumed in the API and in the app', () => {
    expect(text).toContain('| `POST /webhooks`: ');
    expect(text).toContain('| `CHANGE_FACT_PATHS` in `attro/contract.ts` |');
  });

  it.each(rooms)('says what %s/ imports from', (room, allowed) => {
    const imported = globSync(`${room}/**/*.ts`).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/ from '\.\.\/(\w+)\//g)].map(([, to]) => to),
    );
    expect([...new Set(imported)].sort()).toEqual(allowed);
  });

  it('names every room of the app', () => {
    const [app] = /\{attro,[^}]*\}/.exec(readFileSync('eslint.config.js', 'utf8')) ?? [];
    const names = app?.match(/\w+/g)?.sort();
    expect(rooms.map(([room]) => room).sort()).toEqual(names);
  });
});

it('the local Attro shares nothing with the app but the constants of the contract', () => {
  const imported = globSync('local/attro/**/*.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/ from '(\.[^']*)'/g)].map(([, to = '']) =>
      path.join(path.dirname(file), to),
    ),
  );
  const ofTheApp = imported.filter((file) => rooms.some(([room]) => file.startsWith(`${room}/`)));
  expect([...new Set(ofTheApp)]).toEqual(['attro/contract.ts']);
});

describe('the picture', () => {
  const drawn = readFileSync('docs/path-of-an-event.dot', 'utf8').replaceAll('\\n', ' ');

  it('names files that are there', () => {
    const files = drawn.match(/\w+\/[\w-]+\.ts/g) ?? [];
    expect(files.length).toBeGreaterThan(4);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it("follows the reader's dark or light mode, and fetches nothing", () => {
    const svg = readFileSync('docs/path-of-an-event.svg', 'utf8');
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).not.toMatch(/href=|url\(|@import/);
  });
});

describe('every document', () => {
  const documents = globSync(['*.md', 'docs/*.md']);

  it.each(documents)('%s links to files that are there', (document) => {
    const links = [
      ...readFileSync(document, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g),
    ];
    const missing = links
      .map(([, to = '']) => path.join(path.dirname(document), to))
      .filter((file) => !existsSync(file));
    expect(missing).toEqual([]);
  });

  it('is in the table of README', () => {
    const readme = readFileSync('README.md', 'utf8');
    for (const document of documents.filter((name) => name !== 'README.md')) {
      expect(readme).toContain(`| [${document}](${document}) |`);
    }
  });
});
