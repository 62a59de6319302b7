import { readFile, writeFile } from 'node:fs/promises';
import { catalogue, withTriggerTable } from './catalogue.ts';

await writeFile('docs/triggers.md', catalogue());
await writeFile('README.md', withTriggerTable(await readFile('README.md', 'utf8')));
console.log('docs/triggers.md and the table in README.md are made from the definition.');
