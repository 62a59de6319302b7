import { readRecipes, type Recipe } from '../../templates/recipe.ts';

/** The project's recipes. */
export const RECIPES = readRecipes();

/** @throws when there is no such recipe. */
export function recipeOf(id: string): Recipe {
  const recipe = RECIPES.find((candidate) => candidate.id === id);
  if (!recipe) throw new Error(`There is no recipe ${id}.`);
  return structuredClone(recipe);
}
