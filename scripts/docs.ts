import { readFile, writeFile } from 'node:fs/promises';
import { catalogue, withTables } from './catalogue.ts';

await writeFile('docs/reference.md', catalogue());
await writeFile('README.md', withTables(await readFile('README.md', 'utf8')));
console.log('docs/reference.md and the tables in README.md are made from the definition.');
