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

/** What is set in a recipe, by the path of each part; undefined takes it away. */
type Change = Record<string, unknown>;

function apply(change: Change, recipe: Recipe): Recipe {
  for (const [path, value] of Object.entries(change)) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let parent = recipe as unknown as Record<string, unknown>;
    for (const key of keys) parent = parent[key] as typeof parent;
    if (value === undefined) Reflect.deleteProperty(parent, last);
    else parent[last] = value;
  }
  return recipe;
}

const NO_CURRENCY =
  'Fill in Currency as well as Minimum Amount: amounts can be compared only within one currency.';

/** By recipe: what is said of a good one after each change. */
const MISTAKES: Record<string, Record<string, Change>> = {
  'slack-fraud-alert': {
    'the trigger high_fraud_scores does not exist. The nearest is high_fraud_score.': {
      'trigger.key': 'high_fraud_scores',
    },
    'the action Slack Send Chanel Message is not described in templates/other-apps.ts. The nearest is Slack Send Channel Message.':
      { 'action.event': 'Send Chanel Message' },
    'the trigger has no input min_fraud_scor. The nearest is min_fraud_score.': {
      'trigger.inputs.min_fraud_scor': 80,
    },
    'the trigger\'s input Minimum Fraud Score takes a number, but "80" is one of another kind.': {
      'trigger.inputs.min_fraud_score': '80',
    },
    "the trigger's input Offer is chosen from the user's own records; a template leaves it empty.":
      {
        'trigger.inputs.offer_id': 'off_def456',
      },
    "the trigger's inputs keep out the very payload that the gallery shows.": {
      'trigger.inputs.min_fraud_score': 99,
    },
    'the name is to start with "Slack: ".': { name: 'Teams: Fraud Alert' },
    'the file of "Slack: Fraud Alert" is to be named slack-fraud-alert.json.': { id: 'fraud' },
  },
  'mailchimp-affiliate-onboarding': {
    "the trigger's input Affiliate Type has no choice extern. The nearest is external.": {
      'trigger.inputs.affiliate_type': 'extern',
    },
  },
  'gmail-payout-failure-alert': {
    'Send Email has no field subjct. The nearest is subject.': { 'action.fields.subjct': 'Hello' },
    'Subject is required and not filled.': { 'action.fields.subject': undefined },
    'Subject is required, and empty for the sample payload.': {
      'action.fields.subject': '{{transaction_id}}',
    },
    'Body has double braces that are no placeholder.': { 'action.fields.body': '{{amount}' },
    "Body has an email address in it, which is nobody else's.": {
      'action.fields.body': 'Ask finance@example.com',
    },
    'it lists metadata, but Payout Failed has none.': { metadata: ['metadata_plan'] },
  },
  'google-sheets-payout-record': {
    "Payout ID is a field of the user's own, but the note does not name Payout ID.": {
      'action.fields.Payout ID': '{{payout_id}}',
    },
    [`the trigger would refuse its inputs: ${NO_CURRENCY}`]: { 'trigger.inputs.min_amount': 100 },
  },
  'gmail-high-value-conversion-alert': {
    'the filter compares amout, which New Conversion does not give. The nearest is amount.': {
      'filter.field': 'amout',
    },
    'the filter compares Amount (Formatted), a text, as a number ((Number) Greater than).': {
      'filter.field': 'amount_formatted',
    },
    'the filter compares Amount, a number, as a text ((Text) Contains).': {
      'filter.condition': '(Text) Contains',
    },
    'the filter compares Amount with "500", not a number.': { 'filter.value': '500' },
    'no link can hold its filter: say in "prefill" which inputs of the trigger do the same.': {
      'trigger.prefill': undefined,
    },
    [`the trigger would refuse its inputs: ${NO_CURRENCY}`]: {
      'trigger.prefill': { min_amount: 500 },
    },
    'the filter stops the very payload that the gallery shows; give it an example.': {
      example: undefined,
    },
    'its example changes curency, which no payload has. The nearest is currency.': {
      'example.curency': 'EUR',
    },
    'its example sets currency to what it is in the sample.': { 'example.currency': 'USD' },
  },
  'asana-rejected-conversion-follow-up': {
    'Description uses {{metadata_plan}}, which Conversion Rejected does not give. A metadata key has to be listed under "metadata". The nearest is metadata_summary.':
      { metadata: undefined },
    'it lists metadata_period under "metadata" without using it.': {
      'metadata.1': 'metadata_period',
    },
    'the sample payload has no metadata_plam. The nearest is metadata_plan.': {
      'metadata.0': 'metadata_plam',
    },
    'it uses metadata, but its note does not tell the user so.': { note: undefined },
  },
  'gmail-tracking-link': {
    'Body uses {{tracking_url}}, which does not say what step it comes from. The nearest is tracking_link.tracking_url.':
      { 'action.fields.body': '{{tracking_url}}' },
    'Body uses {{link.tracking_url}}, but no step is named link. The nearest is tracking_link.tracking_url.':
      { 'action.fields.body': '{{link.tracking_url}}' },
    'two steps are named trigger.': { 'steps.0.name': 'trigger' },
    'the action Attro Create Tracking Lnk is not described in templates/other-apps.ts. The nearest is Attro Create Tracking Link.':
      { 'steps.0.event': 'Create Tracking Lnk' },
  },
  'attro-stripe-payment': {
    'Name or Company uses {{amount.output}}, but amount gives nothing to this step. The nearest is trigger.amount.':
      { 'steps.0.fields.name': '{{amount.output}}' },
    'Offer uses {{find_affiliate.affiliate_mail}}, which Find Affiliate does not give. The nearest is find_affiliate.affiliate_email.':
      { 'action.fields.offer_id': '{{find_affiliate.affiliate_mail}}' },
    'two steps are named amount.': { 'steps.0.name': 'amount' },
    'the trigger Stripe New Paymint is not described in templates/other-apps.ts. The nearest is Stripe New Payment.':
      { 'trigger.key': 'New Paymint' },
    'none of its steps is one of Attro.': {
      steps: undefined,
      action: { app: 'Slack', event: 'Send Channel Message', fields: {} },
    },
  },
  'attro-fraud-rejection': {
    'Status has no choice reject. The nearest is rejected.': { 'action.fields.status': 'reject' },
    'Conversion is required and not filled.': { 'action.fields.conversion_id': undefined },
  },
};

describe('the checks', () => {
  it.each(
    Object.entries(MISTAKES).flatMap(([id, mistakes]) =>
      Object.entries(mistakes).map(([problem, change]) => [id, problem, change] as const),
    ),
  )('find in %s: %s', (id, problem, change) => {
    const recipe = apply(change, recipeOf(id));
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
