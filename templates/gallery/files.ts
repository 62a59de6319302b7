import { readFileSync } from 'node:fs';
import prettier from 'prettier';
import { readRecipes } from '../recipe.ts';
import { galleryPage } from './page.ts';
import { publishingDoc } from './publishing-doc.ts';
import { show } from './shown.ts';
import { templatesDoc } from './templates-doc.ts';

/** The project's folder. */
export const ROOT = new URL('../../', import.meta.url);

/** The example page with the embed's snippet, which is written by hand. */
export const EMBED_PAGE = new URL('docs/embed/connect-to-zapier.html', ROOT);

/** Where the gallery's page and screenshots are. */
export const GALLERY_FOLDER = new URL('docs/gallery/', ROOT);

/** A file that is made from the recipes, by its path inside the project. */
export interface GeneratedFile {
  path: string;
  text: string;
}

/** Every file that is made from the recipes and the samples; the same input gives the same bytes. */
export async function generatedFiles(): Promise<GeneratedFile[]> {
  const recipes = readRecipes();
  const all = recipes.map(show);
  const files: GeneratedFile[] = [
    { path: 'docs/templates.md', text: templatesDoc(all) },
    {
      path: 'docs/publishing-templates.md',
      text: publishingDoc(recipes, readFileSync(EMBED_PAGE, 'utf8')),
    },
    { path: 'docs/gallery/index.html', text: galleryPage(all) },
  ];
  return Promise.all(
    files.map(async ({ path, text }) => ({ path, text: await formatted(path, text) })),
  );
}

/** In the project's own style, so that nobody's editor changes a generated file. */
async function formatted(path: string, text: string): Promise<string> {
  const { pathname } = new URL(path, ROOT);
  const options = await prettier.resolveConfig(pathname);
  return prettier.format(text, { ...options, filepath: pathname });
}
