import type { PlainOutputField } from 'zapier-platform-core';
import type { FlatRecord } from '../output/mapper.ts';

/** A trigger of another app, as far as recipes use what it gives. */
export interface OtherTrigger {
  outputs: readonly PlainOutputField[];
  sample: FlatRecord;
}

/** How an action's result is drawn for a person. */
export type View = 'message' | 'row' | 'mail' | 'contact' | 'task' | 'record';

/** The place that a field has in its view; a field without one is listed by its label. */
export type Part = 'place' | 'tab' | 'to' | 'title' | 'subtitle' | 'body';

export interface ActionField {
  /** The label in Zapier's editor. */
  label: string;
  required: boolean;
  part?: Part;
  /**
   * Differs for each user: a channel, a sheet, an address. A recipe gives an example, which a
   * published template leaves empty. A placeholder fills it for all of them.
   */
  own?: boolean;
  /** The values that it may have, with what the editor calls them. */
  choices?: Readonly<Record<string, string>>;
  /** The editor offers it only while an account is connected, since it differs by account. */
  dynamic?: boolean;
  /** The user's own name for it: a column of a sheet, a property of a CRM. */
  ownName?: string;
}

export interface Action {
  /** Its key, which is known of this integration's own alone. */
  key?: string;
  view: View;
  fields: Readonly<Record<string, ActionField>>;
  /** Fields of the user's own beside those, by the prefix of their keys: columns, custom properties. */
  open?: { prefix: string; label: (name: string) => string };
  /** What it gives to the steps after it, as far as recipes use that. */
  gives?: { outputs: readonly PlainOutputField[]; sample: FlatRecord };
}

const required = (label: string, more: Partial<ActionField> = {}): ActionField => ({
  label,
  required: true,
  ...more,
});
const optional = (label: string, more: Partial<ActionField> = {}): ActionField => ({
  label,
  required: false,
  ...more,
});

const HUBSPOT_CONTACT: Action = {
  view: 'contact',
  fields: {
    email: required('Email', { part: 'subtitle' }),
    firstname: optional('First Name', { part: 'title' }),
    lastname: optional('Last Name', { part: 'title' }),
    company: optional('Company'),
    hs_lead_source: optional('Lead Source'),
  },
  open: { prefix: 'custom:', label: (name) => `Custom Field (${name})` },
};

/**
 * The triggers and actions of other apps that recipes use. Labels and which fields are required are an
 * assumption, made from the apps' public pages and Attro's guide; the editor has the last word.
 * Stripe's own API counts an amount in the smallest unit (cents) and writes currencies in lower case.
 */
export const OTHER_APPS: Readonly<
  Record<
    string,
    {
      /** What links that open Zapier's editor call the app, where one of Zapier's own shows it. */
      nameInLinks?: string;
      triggers?: Readonly<Record<string, OtherTrigger>>;
      actions?: Readonly<Record<string, Action>>;
    }
  >
> = {
  Stripe: {
    triggers: {
      'New Payment': {
        outputs: [
          { key: 'id', label: 'ID', type: 'string' },
          { key: 'amount', label: 'Amount', type: 'number' },
          { key: 'currency', label: 'Currency', type: 'string' },
          { key: 'receipt_email', label: 'Receipt Email', type: 'string' },
          { key: 'metadata_affiliate_email', label: 'Metadata Affiliate Email', type: 'string' },
        ],
        sample: {
          id: 'pi_abc123',
          amount: 9900,
          currency: 'usd',
          receipt_email: 'customer@example.com',
          metadata_affiliate_email: 'jane@example.com',
        },
      },
    },
  },
  'Formatter by Zapier': {
    actions: {
      // The editor says "Numbers", and then asks for the transform.
      Numbers: {
        view: 'record',
        fields: {
          transform: required('Transform', { choices: { formula: 'Spreadsheet-Style Formula' } }),
          formula: required('Formula'),
        },
        gives: {
          outputs: [{ key: 'output', label: 'Output', type: 'number' }],
          sample: { output: 99 },
        },
      },
    },
  },
  Slack: {
    nameInLinks: 'SlackAPI',
    actions: {
      'Send Channel Message': {
        view: 'message',
        fields: {
          channel: required('Channel', { part: 'place', own: true }),
          text: required('Message Text', { part: 'body' }),
        },
      },
    },
  },
  'Google Sheets': {
    actions: {
      'Create Spreadsheet Row': {
        view: 'row',
        fields: {
          spreadsheet: required('Spreadsheet', { part: 'place', own: true }),
          worksheet: required('Worksheet', { part: 'tab', own: true }),
        },
        open: { prefix: '', label: (column) => column },
      },
    },
  },
  Gmail: {
    actions: {
      'Send Email': {
        view: 'mail',
        fields: {
          to: required('To', { part: 'to', own: true }),
          subject: required('Subject', { part: 'title' }),
          body: required('Body', { part: 'body' }),
        },
      },
    },
  },
  HubSpot: {
    nameInLinks: 'HubSpotCLIAPI@latest',
    triggers: {
      'New Company Property Change': {
        outputs: [
          { key: 'id', label: 'ID', type: 'string' },
          { key: 'properties__name', label: 'Properties Name', type: 'string' },
          { key: 'properties__website', label: 'Properties Website', type: 'string' },
          {
            key: 'properties__affiliate_email',
            label: 'Properties Affiliate Email',
            type: 'string',
          },
        ],
        sample: {
          id: '6355821024',
          properties__name: 'Acme Corporation',
          properties__website: 'https://acme.com',
          properties__affiliate_email: 'jane@example.com',
        },
      },
    },
    actions: {
      'Create Contact': HUBSPOT_CONTACT,
      // "Update Contact" wants HubSpot's own ID; this one finds the contact by its address.
      'Create or Update Contact': HUBSPOT_CONTACT,
    },
  },
  Mailchimp: {
    nameInLinks: 'MailchimpCLIAPI@latest',
    actions: {
      'Add/Update Subscriber': {
        view: 'contact',
        fields: {
          list: required('Audience', { own: true }),
          email: required('Subscriber Email', { part: 'subtitle' }),
          status: required('Status'),
          FNAME: optional('First Name', { part: 'title', dynamic: true }),
          LNAME: optional('Last Name', { part: 'title', dynamic: true }),
          tags: optional('Tag(s)'),
        },
      },
    },
  },
  Asana: {
    actions: {
      'Create Task': {
        view: 'task',
        fields: {
          workspace: required('Workspace', { own: true }),
          project: optional('Project', { own: true }),
          name: required('Task Name', { part: 'title' }),
          notes: optional('Description'),
        },
      },
    },
  },
};
