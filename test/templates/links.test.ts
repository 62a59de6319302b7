import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PlainInputField } from 'zapier-platform-core';
import app from '../../index.ts';
import { card } from '../../templates/gallery/page.ts';
import { show } from '../../templates/gallery/shown.ts';
import { missingLinks, zapLink, type LinkedZap } from '../../templates/links.ts';
import { EMBED_DOCUMENT, EMBED_PAGE } from './embed.ts';
import { recipeOf, RECIPES } from './sets.ts';

const INTEGRATION = { id: 12345, slug: 'attro' };
const OWN = 'App12345CLIAPI@latest';

/** The names of other apps that Zapier's own examples of links show. */
const SEEN = ['SlackAPI', 'MailchimpCLIAPI@latest', 'HubSpotCLIAPI@latest'];

/** A trigger, search or action, as the definition has it. */
interface Step {
  operation: { inputFields: readonly PlainInputField[] };
}

interface LinkStep {
  app?: string;
  action?: string;
  params: Record<string, string>;
  labels: Record<string, string>;
}

/** Takes a link apart, as Zapier does: each part is decoded once. */
function stepsIn(link: string | undefined, appOfOwn = OWN): LinkStep[] {
  const { origin, pathname, searchParams } = new URL(link ?? '');
  expect(origin + pathname).toBe('https://api.zapier.com/v1/embed/attro/create');
  const steps: LinkStep[] = [];
  for (const [name, value] of searchParams) {
    const [, index, part = '', key = ''] =
      /^steps\[(\d)\]\[(app|action|params|meta\]\[parammap)\](?:\[(\w+)\])?$/.exec(name) ?? [];
    const step = (steps[Number(index)] ??= { params: {}, labels: {} });
    if (part === 'app' || part === 'action') step[part] = value;
    else (part === 'params' ? step.params : step.labels)[key] = value;
  }
  for (const step of steps) expect([appOfOwn, ...SEEN]).toContain(step.app);
  return steps;
}

/** Holds each of a link's steps to the definition: its trigger or action, its inputs, their kinds and choices. */
function holdToDefinition(steps: readonly LinkStep[], appOfOwn = OWN): void {
  for (const [index, { app: name, action = '', params, labels }] of steps.entries()) {
    if (name !== appOfOwn) {
      expect([action, params, labels]).toEqual(['', {}, {}]);
      continue;
    }
    const known: Readonly<Record<string, Step>> =
      index === 0 ? app.triggers : { ...app.searches, ...app.creates };
    expect(Object.keys(known)).toContain(action);
    const inputs = known[action]?.operation.inputFields ?? [];
    for (const [key, value] of Object.entries(params)) {
      const input = inputs.find((candidate) => candidate.key === key);
      if (!input) throw new Error(`${action} has no input ${key}.`);
      const { type, choices } = input;
      if (type === 'number') expect(value).toMatch(/^\d+(\.\d+)?$/);
      const ofAccount = choices !== undefined && 'perform' in choices;
      if (choices && !ofAccount) expect(Object.keys(choices)).toContain(value);
      expect(key in labels).toBe(ofAccount);
    }
    expect(Object.keys(params)).toEqual(expect.arrayContaining(Object.keys(labels)));
  }
}

describe('the link of a recipe', () => {
  it.each(RECIPES.map(({ id }) => [id]))('says only what the definition has: %s', (id) => {
    const recipe = recipeOf(id);
    const link = zapLink(recipe, INTEGRATION);
    if (recipe.trigger.app === 'Stripe') expect(link).toBeUndefined();
    else {
      holdToDefinition(stepsIn(link));
      expect(link).not.toMatch(/%25|%7B|\{/);
    }
  });

  it.each([
    ['slack-fraud-alert', { min_fraud_score: '80' }],
    ['attro-fraud-rejection', { min_fraud_score: '90' }],
    ['gmail-high-value-conversion-alert', { min_amount: '500', currency: 'USD' }],
    ['mailchimp-affiliate-onboarding', { affiliate_type: 'external' }],
  ])('has the filters of the recipe filled in: %s', (id, params) => {
    expect(stepsIn(zapLink(recipeOf(id), INTEGRATION))[0]?.params).toEqual(params);
  });

  it('goes on with what can be said of the steps after the trigger, and no further', () => {
    const steps = (id: string) =>
      stepsIn(zapLink(recipeOf(id), INTEGRATION)).map((step) => [step.app, step.action]);
    expect(steps('slack-fraud-alert')).toEqual([
      [OWN, 'high_fraud_score'],
      ['SlackAPI', undefined],
    ]);
    expect(steps('gmail-tracking-link')).toEqual([
      [OWN, 'affiliate_approved'],
      [OWN, 'create_tracking_link'],
    ]);
    const [, reject] = stepsIn(zapLink(recipeOf('attro-fraud-rejection'), INTEGRATION));
    expect(reject?.params).toEqual({ status: 'rejected' });
  });

  it('leads to the template, once it is published', () => {
    const recipe = { ...recipeOf('attro-stripe-payment'), template: 113 };
    expect(zapLink(recipe, INTEGRATION)).toBe('https://api.zapier.com/v1/embed/attro/create/113');
    expect(missingLinks([recipe], INTEGRATION)).toEqual([]);
  });
});

describe('the link of a trigger and its filters', () => {
  const zap = (value: string, label: string): LinkedZap => ({
    trigger: { key: 'new_conversion', inputs: { affiliate_id: { value, label } } },
  });

  it('is encoded once, whatever the record is called', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (label) => {
        const [step] = stepsIn(zapLink(zap('aff_abc123', label), INTEGRATION));
        expect(step).toEqual({
          app: OWN,
          action: 'new_conversion',
          params: { affiliate_id: 'aff_abc123' },
          labels: { affiliate_id: label },
        });
      }),
      { examples: [['50% off & more'], ['%20'], ['a+b=c'], ['steps[1][app]=x'], ['é "<\'#?']] },
    );
  });

  it('is what the code for Attro’s engineers makes', () => {
    const code = /```js\n(.*?)```/s.exec(EMBED_DOCUMENT)?.[1] ?? '';
    const automateThis = runInNewContext(`${code}; automateThis`) as (
      ...given: unknown[]
    ) => string;
    const record = { id: 'aff_abc123', name: 'Jane & Bob' };
    expect(automateThis(12345, 'new_conversion', 'affiliate_id', record)).toBe(
      zapLink(zap(record.id, record.name), INTEGRATION),
    );
  });

  it('exists for every trigger and filter that the document names', () => {
    const rows = [...EMBED_DOCUMENT.matchAll(/^\| an \w+ \| `(\w+)` \| (.*) \|$/gm)];
    expect(rows).toHaveLength(2);
    for (const [, filter = '', triggers = ''] of rows) {
      for (const key of triggers.match(/\w+/g) ?? []) {
        const inputs = { [filter]: { value: 'x', label: 'X' } };
        holdToDefinition(stepsIn(zapLink({ trigger: { key, inputs } }, INTEGRATION)));
      }
    }
  });

  it('is right on the example page', () => {
    const page = readFileSync(new URL('automate-this.html', EMBED_PAGE), 'utf8');
    const links = [...page.matchAll(/href="(https:[^"]*)"/g)].map(([, link = '']) =>
      link.replaceAll('&amp;', '&'),
    );
    expect(links).toHaveLength(2);
    const own = 'AppYOUR_INTEGRATION_IDCLIAPI@latest';
    for (const link of links) holdToDefinition(stepsIn(link, own), own);
  });
});

describe('the button "Use this Zap"', () => {
  it('is on a card where there is a link, escaped for HTML', () => {
    const drawn = card(show(recipeOf('slack-fraud-alert')), INTEGRATION).html;
    const link = zapLink(recipeOf('slack-fraud-alert'), INTEGRATION) ?? '';
    expect(drawn).toContain(`href="${link.replaceAll('&', '&amp;')}"`);
    expect(drawn).toContain('>Use this Zap</a>');
  });

  it('is on no card before the integration is registered, and the maintainer is told why', () => {
    for (const recipe of RECIPES)
      expect(card(show(recipe), undefined).html).not.toContain('Use this Zap');
    expect(missingLinks(RECIPES, undefined)).toEqual([
      expect.stringMatching(/\.zapierapprc has no id.*register/),
    ]);
    expect(missingLinks(RECIPES, INTEGRATION)).toEqual([
      expect.stringMatching(/^attro-stripe-payment has no button .* Stripe is not known/),
    ]);
  });
});
