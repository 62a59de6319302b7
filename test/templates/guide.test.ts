import { describe, expect, it } from '@jest/globals';
import { findAction, findField } from '../../templates/actions.ts';
import { triggerOf } from '../../templates/trigger.ts';
import { recipeOf, RECIPES } from './sets.ts';

/** What Attro's guide says of one of its recipes. */
interface GuideRecipe {
  name: string;
  trigger: string;
  action: [app: string, event: string];
  filter?: [label: string, condition: string, value: number];
  /** Each field's label and text, word for word. */
  texts: Record<string, string>;
}

/**
 * The section "Popular Zap Templates" of Attro's guide "Zapier & Webhook Automations", word for word
 * but for two things: its page hides the address of the mail, for which one at example.com stands,
 * and for its `[link]` stands the field that holds the link.
 */
const GUIDE: Record<string, GuideRecipe> = {
  'slack-new-affiliate-notification': {
    name: 'Slack: New Affiliate Notification',
    trigger: 'New Affiliate',
    action: ['Slack', 'Send Channel Message'],
    texts: {
      'Message Text': `🎉 New affiliate signed up!
Name: {{affiliate_name}}
Email: {{affiliate_email}}
Type: {{affiliate_type}}
Website: {{affiliate_website}}`,
    },
  },
  'google-sheets-conversion-log': {
    name: 'Google Sheets: Conversion Log',
    trigger: 'Conversion Approved',
    action: ['Google Sheets', 'Create Spreadsheet Row'],
    texts: {
      Date: '{{created_at}}',
      Affiliate: '{{affiliate_name}}',
      Amount: '{{amount}}',
      Commission: '{{commission}}',
      'Customer Email': '{{customer_email}}',
    },
  },
  'gmail-high-value-conversion-alert': {
    name: 'Gmail: High-Value Conversion Alert',
    trigger: 'New Conversion',
    action: ['Gmail', 'Send Email'],
    filter: ['Amount', '(Number) Greater than', 500],
    texts: {
      To: 'you@example.com',
      Subject: 'High-value conversion! ${{amount}}',
      Body: `A high-value conversion just came in!
Amount: \${{amount}}
Affiliate: {{affiliate_name}}
Customer: {{customer_email}}
Review in Attro: {{attro_url}}`,
    },
  },
  'hubspot-crm-contact': {
    name: 'HubSpot: CRM Contact',
    trigger: 'New Affiliate',
    action: ['HubSpot', 'Create Contact'],
    texts: {
      Email: '{{affiliate_email}}',
      'First Name': '{{affiliate_first_name}}',
      Company: '{{affiliate_company}}',
      'Lead Source': 'Affiliate Program',
      'Custom Field (Affiliate ID)': '{{affiliate_id}}',
    },
  },
};

/** What an action needs to run at all, and the guide leaves to the reader. */
const LEFT_TO_THE_READER = ['Channel', 'Spreadsheet', 'Worksheet'];

describe("the guide's recipes", () => {
  it('are the four that the guide has', () => {
    const ids = RECIPES.filter(({ source }) => source === 'guide').map(({ id }) => id);
    expect(ids.sort()).toEqual(Object.keys(GUIDE).sort());
  });

  it.each(Object.entries(GUIDE))('are as the guide has them: %s', (id, guide) => {
    const recipe = recipeOf(id);
    const { label: triggerLabel, outputs } = triggerOf(recipe);
    const { app, event, fields } = recipe.action;
    const action = findAction(app, event);
    if (!action) throw new Error(`The action of ${id} is not known.`);

    expect(recipe.name).toBe(guide.name);
    expect(triggerLabel).toBe(guide.trigger);
    expect(recipe.trigger.inputs).toEqual({});
    expect([app, event]).toEqual(guide.action);

    const label = outputs.find(({ key }) => key === recipe.filter?.field)?.label;
    expect(recipe.filter && [label, recipe.filter.condition, recipe.filter.value]).toEqual(
      guide.filter,
    );

    const texts = Object.entries(fields)
      .map(([key, value]) => [findField(action, key)?.label ?? key, value] as const)
      .filter(([name]) => !LEFT_TO_THE_READER.includes(name));
    expect(Object.fromEntries(texts)).toEqual(guide.texts);
  });
});
