import { readFile, writeFile } from 'node:fs/promises';
import { definitionKeys, keyProblems, type KeyRecord } from './keys.ts';

/** Records new keys. It refuses to forget one: that would break the Zaps that hold it. */
const FILE = 'test/definition/keys.json';

const recorded = JSON.parse(await readFile(FILE, 'utf8').catch(() => '{}')) as KeyRecord;
const current = definitionKeys();
const broken = keyProblems(recorded, current).filter((problem) => problem.includes('for ever'));
if (broken.length > 0) {
  console.error(broken.join('\n'));
  process.exitCode = 1;
} else {
  await writeFile(FILE, `${JSON.stringify(current, null, 2)}\n`);
  console.log(`${FILE} is up to date.`);
}
