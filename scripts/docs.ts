import { writeFile } from 'node:fs/promises';
import { catalogue } from './catalogue.ts';

await writeFile('docs/triggers.md', catalogue());
console.log('docs/triggers.md is made from the definition.');
