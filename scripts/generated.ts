import { checkRecipes } from '../templates/check.ts';
import { templateSections } from '../templates/gallery/document.ts';
import { galleryPage } from '../templates/gallery/page.ts';
import { show, type Shown } from '../templates/gallery/shown.ts';
import { registeredIntegration } from '../templates/links.ts';
import { readRecipes } from '../templates/recipe.ts';
import { catalogue, withTable, withTables } from './catalogue.ts';
import { withEvents } from './openapi-sections.ts';

/** A text in git that `npm run docs` makes, whole or in part. */
export interface Generated {
  path: string;
  /** Makes it, of what it is now where a part is written by hand. The same input gives the same bytes. */
  make: (current: string) => string | Promise<string>;
}

/** Every generated text, each after those that it is made of. */
export const GENERATED: readonly Generated[] = [
  { path: 'attro/openapi.yaml', make: withEvents },
  { path: 'docs/reference.md', make: catalogue },
  { path: 'README.md', make: withTables },
  // These modules read the contract when they are loaded, which may have been made anew just before.
  {
    path: 'docs/architecture.md',
    make: async (text) => (await import('./architecture.ts')).withAssumptions(text),
  },
  {
    path: 'docs/path-of-an-event.svg',
    make: async () => (await import('./architecture.ts')).pathOfAnEvent(),
  },
  {
    path: 'docs/agents.md',
    make: async (text) => {
      const { doTasks, tasksInWords } = await import('./agent-tasks.ts');
      return withTable(text, 'tasks', tasksInWords(await doTasks()));
    },
  },
  {
    path: 'docs/templates.md',
    make: (text) => withTable(text, 'templates', templateSections(shownTemplates())),
  },
  {
    path: 'docs/gallery/index.html',
    make: () => galleryPage(shownTemplates(), registeredIntegration()),
  },
];

/** @throws when something is wrong with a recipe: such a one is not shown to anybody. */
export function shownTemplates(): Shown[] {
  const recipes = readRecipes();
  const problems = checkRecipes(recipes);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return recipes.map(show);
}
