import { describe, expect, it } from '@jest/globals';
import { fieldLabel, findAction } from '../../templates/actions.ts';
import { checkRecipe, checkRecipes } from '../../templates/check.ts';
import { editDistance, nearest } from '../../templates/nearest.ts';
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
    fields.flatMap(({ key: field, value }) =>
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
      const template = step?.fields.find((candidate) => candidate.key === field);
      if (!step || !template) throw new Error(`${id} has no field ${field} of ${event}.`);
      // The step that it names stays, so that it is the field's name that is wrong.
      const wrong = key.replace(/[^.]+$/, misspelled);
      template.value = template.value.replaceAll(`{{${key}}}`, `{{${wrong}}}`);
      const action = findAction(step.app, event);
      const label = action && fieldLabel(action, field);

      const problem = checkRecipe(broken).find((sentence) => sentence.includes(`{{${wrong}}}`));
      expect(problem).toMatch(new RegExp(`^${id}: `));
      expect(problem).toContain(`: ${label} uses {{${wrong}}}, which `);
      expect(problem).toMatch(new RegExp(` The nearest is ${key}\\.$`));
    },
  );
});

describe('the checks', () => {
  type Change = (recipe: Recipe) => void;

  /** Each change to a good recipe, and what is said of it. */
  const MISTAKES: [what: string, id: string, change: Change, problem: string][] = [
    [
      'an unknown trigger',
      'slack-fraud-alert',
      ({ trigger }) => {
        trigger.key = 'high_fraud_scores';
      },
      'the trigger high_fraud_scores does not exist. The nearest is high_fraud_score.',
    ],
    [
      'an unknown action',
      'slack-fraud-alert',
      ({ action }) => {
        action.event = 'Send Chanel Message';
      },
      'the action Slack Send Chanel Message is not described in templates/actions.ts. The nearest is Slack Send Channel Message.',
    ],
    [
      'a field that the action does not have',
      'gmail-payout-failure-alert',
      ({ action }) => {
        action.fields.push({ key: 'subjct', value: 'Hello' });
      },
      'Send Email has no field subjct. The nearest is subject.',
    ],
    [
      'a required field that is missing',
      'gmail-payout-failure-alert',
      ({ action }) => {
        action.fields = action.fields.filter(({ key }) => key !== 'subject');
      },
      'Subject is required and not filled.',
    ],
    [
      'a required field that turns out empty',
      'gmail-payout-failure-alert',
      ({ action }) => {
        action.fields = action.fields.map((field) =>
          field.key === 'subject' ? { ...field, value: '{{transaction_id}}' } : field,
        );
      },
      'Subject is required, and empty for the sample payload.',
    ],
    [
      'a field that is filled twice',
      'gmail-payout-failure-alert',
      ({ action }) => {
        action.fields.push({ key: 'subject', value: 'Again' });
      },
      'Subject is filled twice.',
    ],
    [
      'braces that are no placeholder',
      'gmail-payout-failure-alert',
      ({ action }) => {
        action.fields.push({ key: 'body', value: '{{amount}' });
      },
      'Body has double braces that are no placeholder.',
    ],
    [
      "somebody's address in a text for everybody",
      'gmail-payout-failure-alert',
      ({ action }) => {
        action.fields.push({ key: 'body', value: 'Ask finance@example.com' });
      },
      "Body has an email address in it, which is nobody else's.",
    ],
    [
      'a column that the note does not name, so that it cannot be prepared',
      'google-sheets-payout-record',
      ({ action }) => {
        action.fields.push({ key: 'Payout ID', value: '{{payout_id}}' });
      },
      "Payout ID is a field of the user's own, but the note does not name Payout ID.",
    ],
    [
      'an input that the trigger does not have',
      'slack-fraud-alert',
      ({ trigger }) => {
        trigger.inputs = { min_fraud_scor: 80 };
      },
      'the trigger has no input min_fraud_scor. The nearest is min_fraud_score.',
    ],
    [
      'an input of the wrong kind',
      'slack-fraud-alert',
      ({ trigger }) => {
        trigger.inputs = { min_fraud_score: '80' };
      },
      'the trigger\'s input Minimum Fraud Score takes a number, but "80" is one of another kind.',
    ],
    [
      'a choice that an input does not have',
      'mailchimp-affiliate-onboarding',
      ({ trigger }) => {
        trigger.inputs = { affiliate_type: 'extern' };
      },
      "the trigger's input Affiliate Type has no choice extern. The nearest is external.",
    ],
    [
      "a choice from one account's own records",
      'slack-fraud-alert',
      ({ trigger }) => {
        trigger.inputs = { offer_id: 'off_def456' };
      },
      "the trigger's input Offer is chosen from the user's own records; a template leaves it empty.",
    ],
    [
      'inputs that the trigger refuses',
      'google-sheets-payout-record',
      ({ trigger }) => {
        trigger.inputs = { min_amount: 100 };
      },
      'the trigger would refuse its inputs: Fill in Currency as well as Minimum Amount: amounts can be compared only within one currency.',
    ],
    [
      'inputs that keep out what the gallery shows',
      'slack-fraud-alert',
      ({ trigger }) => {
        trigger.inputs = { min_fraud_score: 99 };
      },
      "the trigger's inputs keep out the very payload that the gallery shows.",
    ],
    [
      'a filter on a field that does not exist',
      'gmail-high-value-conversion-alert',
      (recipe) => {
        recipe.filter = { field: 'amout', condition: '(Number) Greater than', value: 500 };
      },
      'the filter compares amout, which New Conversion does not give. The nearest is amount.',
    ],
    [
      'a text that is compared as a number',
      'gmail-high-value-conversion-alert',
      (recipe) => {
        recipe.filter = { field: 'amount_formatted', condition: '(Number) Greater than', value: 1 };
      },
      'the filter compares Amount (Formatted), a text, as a number ((Number) Greater than).',
    ],
    [
      'a number that is compared as a text',
      'gmail-high-value-conversion-alert',
      (recipe) => {
        recipe.filter = { field: 'amount', condition: '(Text) Contains', value: '5' };
      },
      'the filter compares Amount, a number, as a text ((Text) Contains).',
    ],
    [
      'a number that is compared with a text',
      'gmail-high-value-conversion-alert',
      (recipe) => {
        recipe.filter = { field: 'amount', condition: '(Number) Greater than', value: '500' };
      },
      'the filter compares Amount with "500", not a number.',
    ],
    [
      'a filter that stops what the gallery shows',
      'gmail-high-value-conversion-alert',
      (recipe) => {
        delete recipe.example;
      },
      'the filter stops the very payload that the gallery shows; give it an example.',
    ],
    [
      'metadata that is used without saying so',
      'asana-rejected-conversion-follow-up',
      (recipe) => {
        delete recipe.metadata;
      },
      'Description uses {{metadata_plan}}, which Conversion Rejected does not give. A metadata key has to be listed under "metadata". The nearest is metadata_summary.',
    ],
    [
      'metadata that is listed without being used',
      'asana-rejected-conversion-follow-up',
      ({ metadata }) => {
        metadata?.push('metadata_period');
      },
      'it lists metadata_period under "metadata" without using it.',
    ],
    [
      'metadata that the sample does not have',
      'asana-rejected-conversion-follow-up',
      ({ metadata }) => {
        metadata?.push('metadata_plam');
      },
      'the sample payload has no metadata_plam. The nearest is metadata_plan.',
    ],
    [
      'metadata of which the user is not told',
      'asana-rejected-conversion-follow-up',
      (recipe) => {
        delete recipe.note;
      },
      'it uses metadata, but its note does not tell the user so.',
    ],
    [
      'metadata of a trigger that has none',
      'gmail-payout-failure-alert',
      (recipe) => {
        recipe.metadata = ['metadata_plan'];
      },
      'it lists metadata, but Payout Failed has none.',
    ],
    [
      'an example that no payload has',
      'gmail-high-value-conversion-alert',
      (recipe) => {
        recipe.example = { amount: 750, curency: 'EUR' };
      },
      'its example changes curency, which no payload has. The nearest is currency.',
    ],
    [
      'an example that changes nothing',
      'gmail-high-value-conversion-alert',
      (recipe) => {
        recipe.example = { amount: 750, currency: 'USD' };
      },
      'its example sets currency to what it is in the sample.',
    ],
    [
      'a placeholder that does not say which step it comes from',
      'gmail-tracking-link',
      ({ action }) => {
        action.fields.push({ key: 'body', value: '{{tracking_url}}' });
      },
      'Body uses {{tracking_url}}, which does not say what step it comes from. The nearest is tracking_link.tracking_url.',
    ],
    [
      'a placeholder of a step that there is not',
      'gmail-tracking-link',
      ({ action }) => {
        action.fields.push({ key: 'body', value: '{{link.tracking_url}}' });
      },
      'Body uses {{link.tracking_url}}, but no step is named link. The nearest is tracking_link.tracking_url.',
    ],
    [
      'a placeholder of a later step',
      'attro-stripe-payment',
      ({ steps = [] }) => {
        steps[0]?.fields.push({ key: 'name', value: '{{amount.output}}' });
      },
      'Name or Company uses {{amount.output}}, but amount gives nothing to this step. The nearest is trigger.amount.',
    ],
    [
      'a field that a step in between does not give',
      'attro-stripe-payment',
      ({ action }) => {
        action.fields.push({ key: 'offer_id', value: '{{find_affiliate.affiliate_mail}}' });
      },
      'Offer uses {{find_affiliate.affiliate_mail}}, which Find Affiliate does not give. The nearest is find_affiliate.affiliate_email.',
    ],
    [
      'two steps of one name',
      'attro-stripe-payment',
      ({ steps = [] }) => {
        for (const step of steps) step.name = 'amount';
      },
      'two steps are named amount.',
    ],
    [
      'a step that is named as the trigger is',
      'gmail-tracking-link',
      ({ steps = [] }) => {
        for (const step of steps) step.name = 'trigger';
      },
      'two steps are named trigger.',
    ],
    [
      'an unknown action in between',
      'gmail-tracking-link',
      ({ steps = [] }) => {
        for (const step of steps) step.event = 'Create Tracking Lnk';
      },
      'the action Attro Create Tracking Lnk is not described in templates/actions.ts. The nearest is Attro Create Tracking Link.',
    ],
    [
      'an unknown trigger of another app',
      'attro-stripe-payment',
      ({ trigger }) => {
        trigger.key = 'New Paymint';
      },
      'the trigger Stripe New Paymint is not described in templates/other-triggers.ts. The nearest is Stripe New Payment.',
    ],
    [
      'a choice that an action does not have',
      'attro-fraud-rejection',
      ({ action }) => {
        action.fields = action.fields.map((field) =>
          field.key === 'status' ? { ...field, value: 'reject' } : field,
        );
      },
      'Status has no choice reject. The nearest is rejected.',
    ],
    [
      'a required field of an action of Attro that is missing',
      'attro-fraud-rejection',
      ({ action }) => {
        action.fields = action.fields.filter(({ key }) => key !== 'conversion_id');
      },
      'Conversion is required and not filled.',
    ],
    [
      'a Zap that has nothing to do with Attro',
      'attro-stripe-payment',
      (recipe) => {
        delete recipe.steps;
        recipe.action = { app: 'Slack', event: 'Send Channel Message', fields: [] };
      },
      'none of its steps is one of Attro.',
    ],
    [
      'a name for another app',
      'slack-fraud-alert',
      (recipe) => {
        recipe.name = 'Teams: Fraud Alert';
      },
      'the name is to start with "Slack: ".',
    ],
    [
      'a file that is named otherwise',
      'slack-fraud-alert',
      (recipe) => {
        recipe.id = 'fraud';
      },
      'the file of "Slack: Fraud Alert" is to be named slack-fraud-alert.json.',
    ],
  ];

  it.each(MISTAKES)('find %s', (_what, id, change, problem) => {
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

describe('the nearest key', () => {
  it.each([
    ['', '', 0],
    ['amount', 'amount', 0],
    ['amount', '', 6],
    ['', 'id', 2],
    ['amuont', 'amount', 2],
    ['status', 'state', 2],
    ['kitten', 'sitting', 3],
  ])('has from %p to %p a distance of %p', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  it('is the first of those that are equally near, and none of none', () => {
    expect(nearest('ab', ['xb', 'ax'])).toBe('xb');
    expect(nearest('ab', [])).toBeUndefined();
  });
});
