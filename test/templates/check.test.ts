import { describe, expect, it } from '@jest/globals';
import { findAction, findField } from '../../templates/actions.ts';
import { checkRecipe, checkRecipes } from '../../templates/check.ts';
import { stepsOf, type Recipe } from '../../templates/recipe.ts';
import { placeholdersOf } from '../../templates/render.ts';
import { recipeOf, RECIPES } from './sets.ts';

/** A key as somebody in a hurry types it: one letter in its middle twice. */
function misspelled(key: string): string {
  const middle = Math.floor(key.length / 2);
  return key.slice(0, middle) + key.charAt(middle) + key.slice(middle);
}

const PLACEHOLDERS = RECIPES.flatMap((recipe) =>
  stepsOf(recipe).flatMap(({ event, fields }) =>
    Object.entries(fields).flatMap(([field, value]) =>
      placeholdersOf(value).map((key) => [recipe.id, event, field, key] as const),
    ),
  ),
);

describe('a misspelled placeholder', () => {
  it('is tried in every recipe', () => {
    expect(new Set(PLACEHOLDERS.map(([id]) => id)).size).toBe(RECIPES.length);
  });

  it.each(PLACEHOLDERS)(
    'is found, with the recipe, the field and the nearest key: %s, %s, %s, %s',
    (id, event, field, key) => {
      const broken = recipeOf(id);
      const step = stepsOf(broken).find((candidate) => candidate.event === event);
      if (!step) throw new Error(`${id} has no step ${event}.`);
      // The step that it names stays, so that it is the field's name that is wrong.
      const wrong = key.replace(/[^.]+$/, misspelled);
      step.fields[field] = (step.fields[field] ?? '').replaceAll(`{{${key}}}`, `{{${wrong}}}`);
      const action = findAction(step.app, event);
      const label = action && findField(action, field)?.label;

      const problem = checkRecipe(broken).find((sentence) => sentence.includes(`{{${wrong}}}`));
      expect(problem).toMatch(new RegExp(`^${id}: `));
      expect(problem).toContain(`: ${label} uses {{${wrong}}}, which `);
      expect(problem).toMatch(new RegExp(` The nearest is ${key}\\.$`));
    },
  );
});

type Change = (recipe: Recipe) => void;

const set =
  (change: Partial<Recipe>): Change =>
  (recipe) => {
    Object.assign(recipe, change);
  };
const without =
  (part: 'example' | 'metadata' | 'note'): Change =>
  (recipe) => {
    Object.assign(recipe, { [part]: undefined });
  };
const trigger =
  (change: Partial<Recipe['trigger']>): Change =>
  (recipe) => {
    Object.assign(recipe.trigger, change);
  };
const event =
  (name: string): Change =>
  ({ steps: [step] = [], action }) => {
    (step ?? action).event = name;
  };
const fill =
  (fields: Record<string, string>): Change =>
  ({ action }) => {
    Object.assign(action.fields, fields);
  };
const leaveOut =
  (key: string): Change =>
  ({ action }) => {
    const others = Object.entries(action.fields).filter(([name]) => name !== key);
    action.fields = Object.fromEntries(others);
  };
const steps =
  (change: Partial<NonNullable<Recipe['steps']>[number]>): Change =>
  ({ steps = [] }) => {
    for (const step of steps) Object.assign(step, change);
  };
const filter = (
  field: string,
  condition: '(Number) Greater than' | '(Text) Contains',
  value: string | number,
): Change => set({ filter: { field, condition, value } });

/** By recipe: each change to a good one, and what is said of it. */
const MISTAKES: Record<string, [change: Change, problem: string][]> = {
  'slack-fraud-alert': [
    [
      trigger({ key: 'high_fraud_scores' }),
      'the trigger high_fraud_scores does not exist. The nearest is high_fraud_score.',
    ],
    [
      event('Send Chanel Message'),
      'the action Slack Send Chanel Message is not described in templates/other-apps.ts. The nearest is Slack Send Channel Message.',
    ],
    [
      trigger({ inputs: { min_fraud_scor: 80 } }),
      'the trigger has no input min_fraud_scor. The nearest is min_fraud_score.',
    ],
    [
      trigger({ inputs: { min_fraud_score: '80' } }),
      'the trigger\'s input Minimum Fraud Score takes a number, but "80" is one of another kind.',
    ],
    [
      trigger({ inputs: { offer_id: 'off_def456' } }),
      "the trigger's input Offer is chosen from the user's own records; a template leaves it empty.",
    ],
    [
      trigger({ inputs: { min_fraud_score: 99 } }),
      "the trigger's inputs keep out the very payload that the gallery shows.",
    ],
    [set({ name: 'Teams: Fraud Alert' }), 'the name is to start with "Slack: ".'],
    [
      set({ id: 'fraud' }),
      'the file of "Slack: Fraud Alert" is to be named slack-fraud-alert.json.',
    ],
  ],
  'mailchimp-affiliate-onboarding': [
    [
      trigger({ inputs: { affiliate_type: 'extern' } }),
      "the trigger's input Affiliate Type has no choice extern. The nearest is external.",
    ],
  ],
  'gmail-payout-failure-alert': [
    [fill({ subjct: 'Hello' }), 'Send Email has no field subjct. The nearest is subject.'],
    [leaveOut('subject'), 'Subject is required and not filled.'],
    [
      fill({ subject: '{{transaction_id}}' }),
      'Subject is required, and empty for the sample payload.',
    ],
    [fill({ body: '{{amount}' }), 'Body has double braces that are no placeholder.'],
    [
      fill({ body: 'Ask finance@example.com' }),
      "Body has an email address in it, which is nobody else's.",
    ],
    [set({ metadata: ['metadata_plan'] }), 'it lists metadata, but Payout Failed has none.'],
  ],
  'google-sheets-payout-record': [
    [
      fill({ 'Payout ID': '{{payout_id}}' }),
      "Payout ID is a field of the user's own, but the note does not name Payout ID.",
    ],
    [
      trigger({ inputs: { min_amount: 100 } }),
      'the trigger would refuse its inputs: Fill in Currency as well as Minimum Amount: amounts can be compared only within one currency.',
    ],
  ],
  'gmail-high-value-conversion-alert': [
    [
      filter('amout', '(Number) Greater than', 500),
      'the filter compares amout, which New Conversion does not give. The nearest is amount.',
    ],
    [
      filter('amount_formatted', '(Number) Greater than', 1),
      'the filter compares Amount (Formatted), a text, as a number ((Number) Greater than).',
    ],
    [
      filter('amount', '(Text) Contains', '5'),
      'the filter compares Amount, a number, as a text ((Text) Contains).',
    ],
    [
      filter('amount', '(Number) Greater than', '500'),
      'the filter compares Amount with "500", not a number.',
    ],
    [
      ({ trigger }) => delete trigger.prefill,
      'no link can hold its filter: say in "prefill" which inputs of the trigger do the same.',
    ],
    [
      trigger({ prefill: { min_amount: 500 } }),
      'the trigger would refuse its inputs: Fill in Currency as well as Minimum Amount: amounts can be compared only within one currency.',
    ],
    [
      without('example'),
      'the filter stops the very payload that the gallery shows; give it an example.',
    ],
    [
      set({ example: { amount: 750, curency: 'EUR' } }),
      'its example changes curency, which no payload has. The nearest is currency.',
    ],
    [
      set({ example: { amount: 750, currency: 'USD' } }),
      'its example sets currency to what it is in the sample.',
    ],
  ],
  'asana-rejected-conversion-follow-up': [
    [
      without('metadata'),
      'Description uses {{metadata_plan}}, which Conversion Rejected does not give. A metadata key has to be listed under "metadata". The nearest is metadata_summary.',
    ],
    [
      set({ metadata: ['metadata_plan', 'metadata_period'] }),
      'it lists metadata_period under "metadata" without using it.',
    ],
    [
      set({ metadata: ['metadata_plam'] }),
      'the sample payload has no metadata_plam. The nearest is metadata_plan.',
    ],
    [without('note'), 'it uses metadata, but its note does not tell the user so.'],
  ],
  'gmail-tracking-link': [
    [
      fill({ body: '{{tracking_url}}' }),
      'Body uses {{tracking_url}}, which does not say what step it comes from. The nearest is tracking_link.tracking_url.',
    ],
    [
      fill({ body: '{{link.tracking_url}}' }),
      'Body uses {{link.tracking_url}}, but no step is named link. The nearest is tracking_link.tracking_url.',
    ],
    [steps({ name: 'trigger' }), 'two steps are named trigger.'],
    [
      event('Create Tracking Lnk'),
      'the action Attro Create Tracking Lnk is not described in templates/other-apps.ts. The nearest is Attro Create Tracking Link.',
    ],
  ],
  'attro-stripe-payment': [
    [
      steps({ fields: { name: '{{amount.output}}' } }),
      'Name or Company uses {{amount.output}}, but amount gives nothing to this step. The nearest is trigger.amount.',
    ],
    [
      fill({ offer_id: '{{find_affiliate.affiliate_mail}}' }),
      'Offer uses {{find_affiliate.affiliate_mail}}, which Find Affiliate does not give. The nearest is find_affiliate.affiliate_email.',
    ],
    [steps({ name: 'amount' }), 'two steps are named amount.'],
    [
      trigger({ key: 'New Paymint' }),
      'the trigger Stripe New Paymint is not described in templates/other-apps.ts. The nearest is Stripe New Payment.',
    ],
    [
      set({ steps: [], action: { app: 'Slack', event: 'Send Channel Message', fields: {} } }),
      'none of its steps is one of Attro.',
    ],
  ],
  'attro-fraud-rejection': [
    [fill({ status: 'reject' }), 'Status has no choice reject. The nearest is rejected.'],
    [leaveOut('conversion_id'), 'Conversion is required and not filled.'],
  ],
};

describe('the checks', () => {
  it.each(
    Object.entries(MISTAKES).flatMap(([id, mistakes]) =>
      mistakes.map(([change, problem]) => [id, problem, change] as const),
    ),
  )('find in %s: %s', (id, problem, change) => {
    const recipe = recipeOf(id);
    change(recipe);
    expect(checkRecipe(recipe)).toContain(`${recipe.id}: ${problem}`);
  });

  it.each([
    ['New affiliates in Attro become Slack messages', 'the title starts with "New", not with one'],
    ['Log new affiliates in Attro to Slack', 'the title starts with "Log", which Zapier keeps for'],
    ['Send Slack messages for new affiliates', 'the title does not name Attro.'],
    ['Send messages for new affiliates in Attro', 'the title does not name Slack.'],
    ['Send Slack Messages for new affiliates in Attro', 'has a capital letter in "Messages"'],
    ['Send Slack messages for affiliates in Attro', 'the title does not say "new"'],
    ['Send Slack messages for new affiliates in Attro.', 'the title ends with a full stop.'],
    ['Send Slack messages to sync new affiliates in Attro', 'the title uses sync.'],
    ['Send automatic Slack messages for new affiliates in Attro', 'the title uses automatic.'],
    ['Send Slack messages by Zapier for new affiliates in Attro', 'the title uses Zapier.'],
    ['Send you Slack messages for new affiliates in Attro', 'the title uses a personal pronoun.'],
  ])('find what is wrong with the title "%s"', (title, problem) => {
    const recipe = { ...recipeOf('slack-new-affiliate-notification'), title };
    expect(checkRecipe(recipe).join('\n')).toContain(problem);
  });

  it.each([
    [{ description: 'One sentence only.' }, 'the description has 1 sentences, not 2 to 4.'],
    [
      { description: 'Save time. Send Slack messages for new affiliates in Attro.' },
      'the description repeats the title.',
    ],
    [{ description: 'Save time. This Zap helps.' }, 'the description says "Zap", a word'],
    [{ note: 'Choose a trigger.' }, 'the note says "trigger", a word'],
    [{ note: 'See https://example.com.' }, 'the note has a link.'],
    [{ note: 'No full stop' }, 'the note does not end with a full stop.'],
  ])('find what is wrong with %p', (change, problem) => {
    const recipe = { ...recipeOf('slack-new-affiliate-notification'), ...change };
    expect(checkRecipe(recipe).join('\n')).toContain(problem);
  });

  it('want five recipes or more', () => {
    expect(checkRecipes(RECIPES.slice(0, 4))).toEqual([
      'There are 4 recipes; Zapier recommends 5 or more.',
    ]);
  });

  it('want recipes that differ', () => {
    const [first, ...others] = RECIPES.slice(0, 5);
    if (!first) throw new Error('There are no recipes.');
    const twin = { ...structuredClone(first), id: 'twin' };
    expect(checkRecipes([first, twin, ...others])).toEqual(
      expect.arrayContaining([
        `twin: it has the same title as ${first.id}.`,
        `twin: it has the same description as ${first.id}.`,
        `twin: it has the same trigger and action as ${first.id}.`,
      ]),
    );
  });
});
