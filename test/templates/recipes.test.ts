import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { findAction, findField } from '../../templates/actions.ts';
import { checkRecipes } from '../../templates/check.ts';
import { readRecipes, stepsOf, type Recipe } from '../../templates/recipe.ts';
import { passesFilter, renderStep } from '../../templates/render.ts';
import { sampleFields, triggerOf } from '../../templates/trigger.ts';
import { recipeOf, RECIPES } from './sets.ts';

const EXPECTED = new URL('./expected/', import.meta.url);

/** What a recipe's steps receive, as a person reads it: each label, and the text below it. */
function readable(recipe: Recipe): string {
  const steps = stepsOf(recipe).map((step) => {
    const action = findAction(step.app, step.event);
    const fields = renderStep(step, sampleFields(recipe)).map(({ key, value }) => {
      const label = (action && findField(action, key)?.label) ?? key;
      return `${label}:\n${value.replace(/^(?=.)/gm, '  ')}`;
    });
    const heading = recipe.steps ? [`${step.app}: ${step.event}`] : [];
    return [...heading, ...fields].join('\n');
  });
  return `${steps.join('\n\n')}\n`;
}

describe('the recipes', () => {
  it('have nothing wrong with them', () => {
    expect(checkRecipes(RECIPES)).toEqual([]);
  });

  it.each(RECIPES.map((recipe) => [recipe.id, recipe] as const))(
    'fill in the expected text for the sample payload: %s',
    (id, recipe) => {
      expect(readable(recipe)).toBe(readFileSync(new URL(`${id}.txt`, EXPECTED), 'utf8'));
    },
  );

  it('have an expected text each, and none is left of a recipe that is gone', () => {
    expect(readdirSync(EXPECTED).sort()).toEqual(RECIPES.map(({ id }) => `${id}.txt`).sort());
  });

  it('stop at the filter for the payload of the guide, whose amount is 99', () => {
    const recipe = recipeOf('gmail-high-value-conversion-alert');
    const [sample, example] = [sampleFields(recipe), sampleFields(recipe, recipe.example)];
    expect([sample['amount'], passesFilter(recipe, sample)]).toEqual([99, false]);
    expect([example['amount'], passesFilter(recipe, example)]).toEqual([750, true]);
  });

  it('name a trigger of the app, or cannot be rendered', () => {
    const recipe = recipeOf('slack-fraud-alert');
    recipe.trigger.key = 'high_fraud';
    expect(() => triggerOf(recipe)).toThrow(
      'slack-fraud-alert: the app has no trigger high_fraud.',
    );
    recipe.trigger = { app: 'Stripe', key: 'New Coin', inputs: {} };
    expect(() => triggerOf(recipe)).toThrow('slack-fraud-alert: Stripe has no trigger New Coin.');
  });

  it('are refused with the file and the field when a file is not a recipe', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'recipes-'));
    try {
      const broken = { ...recipeOf('slack-fraud-alert'), id: undefined, title: '' };
      writeFileSync(path.join(folder, 'broken.json'), JSON.stringify(broken));
      expect(() => readRecipes(pathToFileURL(`${folder}/`))).toThrow(
        /templates\/recipes\/broken\.json: [\s\S]*at title/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
