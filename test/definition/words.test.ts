import { describe, expect, it } from '@jest/globals';
import { CREATE_TABLE } from '../../creates/table.ts';
import { SEARCH_TABLE } from '../../searches/table.ts';
import { TRIGGER_TABLE } from '../../triggers/table.ts';
import { app } from '../support/app.ts';

/**
 * People and AI agents choose a step by its label and description alone, and fill it in by the labels and
 * help texts. These rules hold for the next step too.
 */

const searches = Object.values(app.searches);
const actions = [...searches, ...Object.values(app.creates), ...Object.values(app.searchOrCreates)];

describe('a search or an action tells itself apart from its neighbours', () => {
  it.each(actions.map(({ display }) => [display.label, display.description]))(
    '%s: %s',
    (_label, description) => {
      expect(description.length).toBeGreaterThanOrEqual(60);
      expect(description.length).toBeLessThanOrEqual(200);
      // What it does, in the third person, and what it gives.
      expect(description).toMatch(/^[A-Z][a-z]+s\b.* (?:gives|refused)\b.*\.$/);
      expect(description).not.toMatch(/Attro|Zapier/i);
    },
  );

  it('and no two of them say the same', () => {
    const said = actions.map(({ display }) => display.description);
    expect(new Set(said).size).toBe(said.length);
  });

  it('such as the two that update an affiliate', () => {
    const { update_affiliate, update_affiliate_status } = app.creates;
    expect(update_affiliate.display.description).toContain('never the status');
    expect(update_affiliate_status.display.description).toContain('nothing else');
  });
});

const inputs = [
  ...TRIGGER_TABLE.flatMap(({ label, filters }) => filters.map(({ input }) => ({ label, input }))),
  ...[...SEARCH_TABLE, ...CREATE_TABLE].flatMap((row) =>
    row.inputs.map((input) => ({ label: row.label, input })),
  ),
];

describe('the help text of an input says what it takes, with an example', () => {
  it.each(inputs.map(({ label, input }) => [label, input.field.label, input] as const))(
    '%s, %s',
    (_step, _label, { field, record }) => {
      const { helpText = '', choices } = field;
      expect(helpText).toMatch(/such as/);
      if (choices && !('perform' in choices)) {
        const named = Object.values(choices).filter((choice) => helpText.includes(String(choice)));
        expect(named).not.toEqual([]);
      }
      if (!record) return;
      // A record: that an ID does, and which search finds it.
      const row = SEARCH_TABLE.find(({ list }) => list === record.list);
      expect(helpText).toContain(`Takes an ID such as ${record.exampleId}`);
      expect(helpText).toContain(`the step ${row?.label ?? 'that is missing'} finds one.`);
    },
  );
});

it.each(Object.values(app.triggers).map((trigger) => [trigger.key, trigger] as const))(
  'the filters of %s stand in one group',
  (_key, { operation: { inputFields, inputFieldGroups } }) => {
    expect(inputFieldGroups).toEqual([{ key: 'filters', label: 'Only Run For' }]);
    expect(inputFields.map(({ group }) => group)).toEqual(inputFields.map(() => 'filters'));
  },
);
