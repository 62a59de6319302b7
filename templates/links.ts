import { readFileSync } from 'node:fs';
import { findAction, isLeftEmpty } from './actions.ts';
import { OTHER_APPS } from './other-apps.ts';
import { APP, stepsOf, type Recipe, type Step } from './recipe.ts';
import { placeholdersOf } from './render.ts';

/** The integration, as Zapier's links name it. */
export interface Integration {
  /** The number in `.zapierapprc`. */
  id: number | string;
  /** Its name in Zapier's directory, which is given at publication. */
  slug: string;
}

/** What is filled in at an input: a value, and of a dropdown of the user's own records its label. */
export type Prefilled = string | number | { value: string; label: string };

/** A Zap to be started from: a recipe, or a trigger with what is filled in at its filters. */
export type LinkedZap = Partial<Pick<Recipe, 'steps' | 'action' | 'template'>> & {
  trigger: Pick<Recipe['trigger'], 'app' | 'key' | 'prefill'> & {
    inputs: Readonly<Record<string, Prefilled>>;
  };
};

const CREATE = 'https://api.zapier.com/v1/embed';

/** The integration of this project, or undefined before `zapier-platform register` has given it an id. */
export function registeredIntegration(): Integration | undefined {
  const { id } = JSON.parse(readFileSync('.zapierapprc', 'utf8')) as { id?: number };
  return id === undefined ? undefined : { id, slug: APP.toLowerCase() };
}

/**
 * A link that opens Zapier's editor with a Zap filled in as far as a link can say it ("Pre-filled Zaps",
 * https://docs.zapier.com/powered-by-zapier/embedding-zapier/pre-filled-zaps): no fields of earlier steps, and no
 * Filter. It ends before the first step whose app's name in links is not known. A published template has a link of its own.
 *
 * @returns undefined where not even the trigger's app can be named.
 */
export function zapLink(zap: LinkedZap, integration: Integration): string | undefined {
  const address = `${CREATE}/${integration.slug}/create`;
  if (zap.template !== undefined) return `${address}/${zap.template}`;
  const parameters: [name: string, value: string | number][] = [];
  for (const [index, step] of linkedSteps(zap).entries()) {
    const app = nameInLinks(step.app, integration);
    if (app === undefined) break;
    parameters.push([`steps[${index}][app]`, app]);
    if (step.key) parameters.push([`steps[${index}][action]`, step.key]);
    for (const [key, given] of Object.entries(step.inputs)) {
      const { value, label } = typeof given === 'object' ? given : { value: given };
      parameters.push([`steps[${index}][params][${key}]`, value]);
      if (label) parameters.push([`steps[${index}][meta][parammap][${key}]`, label]);
    }
  }
  if (parameters.length === 0) return undefined;
  return `${address}?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

/** Why recipes have no link, each as a sentence for the maintainer who builds the gallery. */
export function missingLinks(
  recipes: readonly Recipe[],
  integration: Integration | undefined,
): string[] {
  if (!integration)
    return [
      'No card of the gallery has a button "Use this Zap": .zapierapprc has no id. ' +
        '"npx zapier-platform register" writes it; then run "npm run docs" again.',
    ];
  return recipes
    .filter((recipe) => zapLink(recipe, integration) === undefined)
    .map(
      ({ id, trigger }) =>
        `${id} has no button "Use this Zap": how links name ${trigger.app} is not known. ` +
        'Once its template is published, put its number into the recipe, as "template".',
    );
}

interface LinkedStep {
  app: string;
  /** The key of the trigger, search or action; that of another app is not known. */
  key?: string | undefined;
  inputs: Readonly<Record<string, Prefilled>>;
}

function linkedSteps({ trigger, steps, action }: LinkedZap): LinkedStep[] {
  const { app = APP, key, inputs, prefill } = trigger;
  const first = app === APP ? { app, key, inputs: { ...inputs, ...prefill } } : { app, inputs: {} };
  return [first, ...(action ? stepsOf({ steps, action }).map(linkedStep) : [])];
}

function linkedStep({ app, event, fields }: Step): LinkedStep {
  const action = findAction(app, event);
  if (!action?.key) return { app, inputs: {} };
  const fixed = Object.entries(fields).filter(
    ([key, value]) =>
      placeholdersOf(value).length === 0 && !isLeftEmpty(action.fields[key] ?? {}, value),
  );
  return { app, key: action.key, inputs: Object.fromEntries(fixed) };
}

function nameInLinks(app: string, { id }: Integration): string | undefined {
  return app === APP ? `App${id}CLIAPI@latest` : OTHER_APPS[app]?.nameInLinks;
}
