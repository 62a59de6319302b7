import { readFile, writeFile } from 'node:fs/promises';
import { BROWSER_HINT, findBrowser } from './browser.ts';
import { missingLinks, registeredIntegration } from '../templates/links.ts';
import { readRecipes } from '../templates/recipe.ts';
import { GENERATED } from './generated.ts';

/** Makes everything in the project that is made: texts, and the pictures that are out of date where there is a browser. */

for (const { path, make } of GENERATED) {
  const current = await readFile(path, 'utf8');
  const made = await make(current);
  if (made !== current) console.log(`Wrote ${path}`);
  await writeFile(path, made);
}
for (const reason of missingLinks(readRecipes(), registeredIntegration())) console.log(reason);

const browser = findBrowser();
if (browser) {
  // It reads the contract when it is loaded, which has been made anew only now.
  const { takePictures } = await import('./pictures.ts');
  console.log(`Took ${await takePictures(browser)} pictures that were out of date`);
} else {
  console.log(`No browser was found, so the pictures are left as they are. ${BROWSER_HINT}`);
}
