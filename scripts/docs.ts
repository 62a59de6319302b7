import { readFile, writeFile } from 'node:fs/promises';
import { catalogue, withTables } from './catalogue.ts';
import { withEvents } from './openapi-sections.ts';

const CONTRACT = 'attro/openapi.yaml';
const ARCHITECTURE = 'docs/architecture.md';

const contract = withEvents(await readFile(CONTRACT, 'utf8'));
await writeFile(CONTRACT, contract);
// What is made of the contract from here on is made of what has just been written.
const { pathOfAnEvent, withAssumptions } = await import('./architecture.ts');
await writeFile('docs/reference.md', catalogue());
await writeFile('README.md', withTables(await readFile('README.md', 'utf8')));
await writeFile(ARCHITECTURE, withAssumptions(await readFile(ARCHITECTURE, 'utf8')));
await writeFile('docs/path-of-an-event.svg', await pathOfAnEvent());
console.log(
  `docs/reference.md, the tables in README.md and the events in ${CONTRACT} are made from the ` +
    `definition, and the table and the picture of ${ARCHITECTURE} from ` +
    'attro/ and docs/path-of-an-event.dot.',
);
