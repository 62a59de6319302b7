import { readFile, writeFile } from 'node:fs/promises';
import { pathOfAnEvent, withAssumptions } from './architecture.ts';
import { catalogue, withTables } from './catalogue.ts';
import { withEvents } from './openapi-sections.ts';

const ARCHITECTURE = 'docs/architecture.md';

await writeFile('attro/openapi.yaml', withEvents(await readFile('attro/openapi.yaml', 'utf8')));
await writeFile('docs/reference.md', catalogue());
await writeFile('README.md', withTables(await readFile('README.md', 'utf8')));
await writeFile(ARCHITECTURE, withAssumptions(await readFile(ARCHITECTURE, 'utf8')));
await writeFile('docs/path-of-an-event.svg', await pathOfAnEvent());
console.log(
  'docs/reference.md, the tables in README.md and the events in attro/openapi.yaml are made from the ' +
    'definition, and the table and the picture of docs/architecture.md from attro/ and ' +
    'docs/path-of-an-event.dot.',
);
