import { mkdir, writeFile } from 'node:fs/promises';
import { checkRecipes } from '../templates/check.ts';
import { BROWSER_HINT, findBrowser } from './browser.ts';
import { GALLERY_FOLDER, generatedFiles, ROOT } from '../templates/gallery/files.ts';
import { takeScreenshots } from '../templates/gallery/screenshots.ts';
import { show } from '../templates/gallery/shown.ts';
import { readRecipes } from '../templates/recipe.ts';

/**
 * Makes the gallery and the two documents from the recipes and the samples, and takes the
 * screenshots where there is a browser. A recipe with a mistake in it is not shown to anybody.
 */
const recipes = readRecipes();
const problems = checkRecipes(recipes);
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}

await mkdir(GALLERY_FOLDER, { recursive: true });
for (const { path, text } of await generatedFiles()) {
  await writeFile(new URL(path, ROOT), text);
  console.log(`Wrote ${path}`);
}

const browser = findBrowser();
if (browser) {
  await takeScreenshots(recipes.map(show), browser);
  console.log(`Took ${recipes.length} screenshots in docs/gallery`);
} else {
  console.log(`No browser was found, so the screenshots are left as they are. ${BROWSER_HINT}`);
}
