import type { PlainOutputField } from 'zapier-platform-core';
import { ATTRO_ACTIONS } from './attro-actions.ts';
import { APP } from './recipe.ts';
import { placeholdersOf, type Fields } from './render.ts';

/** How an action's result is drawn for a person. */
export type View = 'message' | 'row' | 'mail' | 'contact' | 'task' | 'record';

/** The place that a field has in its view; a field without one is listed by its label. */
export type Part = 'place' | 'tab' | 'to' | 'title' | 'subtitle' | 'body' | 'tags';

export interface ActionField {
  /** The label in Zapier's editor. */
  label: string;
  required: boolean;
  part?: Part;
  /**
   * Everybody has their own: a channel, a sheet, an address. A recipe gives an example, which a
   * published template leaves empty. A placeholder fills it for everybody.
   */
  own?: boolean;
  /** The values that it may have, with what the editor calls them. */
  choices?: Readonly<Record<string, string>>;
  /** The editor offers it only while an account is connected, since it differs by account. */
  dynamic?: boolean;
}

export interface Action {
  view: View;
  fields: Readonly<Record<string, ActionField>>;
  /** Fields of the user's own beside those: a sheet's columns, a CRM's custom properties. */
  open?: { prefix: string; label: (name: string) => string };
  /** What it gives to the steps after it, as far as recipes use that. */
  gives?: { outputs: readonly PlainOutputField[]; sample: Fields };
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
 * The actions that recipes use: this integration's own, and those of other apps with the fields that Zapier's editor asks for. Labels
 * and which fields are required were taken from the apps' public pages and Attro's guide; the editor
 * has the last word, as those apps may change them.
 */
export const ACTIONS: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
  [APP]: ATTRO_ACTIONS,
  'Formatter by Zapier': {
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
  Slack: {
    'Send Channel Message': {
      view: 'message',
      fields: {
        channel: required('Channel', { part: 'place', own: true }),
        text: required('Message Text', { part: 'body' }),
      },
    },
  },
  'Google Sheets': {
    'Create Spreadsheet Row': {
      view: 'row',
      fields: {
        spreadsheet: required('Spreadsheet', { part: 'place', own: true }),
        worksheet: required('Worksheet', { part: 'tab', own: true }),
      },
      open: { prefix: '', label: (column) => column },
    },
  },
  Gmail: {
    'Send Email': {
      view: 'mail',
      fields: {
        to: required('To', { part: 'to', own: true }),
        subject: required('Subject', { part: 'title' }),
        body: required('Body', { part: 'body' }),
      },
    },
  },
  HubSpot: {
    'Create Contact': HUBSPOT_CONTACT,
    // "Update Contact" wants HubSpot's own ID; this one finds the contact by its address.
    'Create or Update Contact': HUBSPOT_CONTACT,
  },
  Mailchimp: {
    'Add/Update Subscriber': {
      view: 'contact',
      fields: {
        list: required('Audience', { own: true }),
        email: required('Subscriber Email', { part: 'subtitle' }),
        status: required('Status'),
        FNAME: optional('First Name', { part: 'title', dynamic: true }),
        LNAME: optional('Last Name', { part: 'title', dynamic: true }),
        tags: optional('Tag(s)', { part: 'tags' }),
      },
    },
  },
  Asana: {
    'Create Task': {
      view: 'task',
      fields: {
        workspace: required('Workspace', { own: true }),
        project: optional('Project', { part: 'place', own: true }),
        name: required('Task Name', { part: 'title' }),
        notes: optional('Description', { part: 'body' }),
      },
    },
  },
};

/** An action by app and event, or undefined where no recipe may use it yet. */
export function findAction(app: string, event: string): Action | undefined {
  return ACTIONS[app]?.[event];
}

/** One of an action's fields, or undefined for a field that it does not have. */
export function findField({ fields, open }: Action, key: string): ActionField | undefined {
  const known = fields[key];
  if (known) return known;
  const name = openName({ fields, open }, key);
  return open && name !== undefined
    ? { label: open.label(name), required: false, dynamic: true }
    : undefined;
}

/** Tells whether a published template leaves a field empty, for the user to fill in. */
export function isLeftEmpty({ own = false }: Pick<ActionField, 'own'>, value: string): boolean {
  return own && placeholdersOf(value).length === 0;
}

type OpenFields = Pick<Action, 'fields'> & { open?: Action['open'] | undefined };

/** What the user calls a field of their own; undefined for a field that is everybody's. */
export function openName({ fields, open }: OpenFields, key: string): string | undefined {
  return open && !fields[key] && key.startsWith(open.prefix) && key.length > open.prefix.length
    ? key.slice(open.prefix.length)
    : undefined;
}

/** The label of one of an action's fields, or undefined for a field that it does not have. */
export function fieldLabel(action: Action, key: string): string | undefined {
  return findField(action, key)?.label;
}
