import { readRecipes, type Recipe } from '../../templates/recipe.ts';

/** The project's recipes. */
export const RECIPES = readRecipes();

/** @throws when there is no such recipe. */
export function recipeOf(id: string): Recipe {
  const recipe = RECIPES.find((candidate) => candidate.id === id);
  if (!recipe) throw new Error(`There is no recipe ${id}.`);
  return structuredClone(recipe);
}

/** A recipe with the text of one of its action's fields replaced. */
export function withText(recipe: Recipe, fieldKey: string, text: string): Recipe {
  const copy = structuredClone(recipe);
  copy.action.fields = copy.action.fields.map((field) =>
    field.key === fieldKey ? { ...field, value: text } : field,
  );
  return copy;
}
