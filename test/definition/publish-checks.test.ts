import { describe, expect, it } from '@jest/globals';
import packageJson from '../../package.json' with { type: 'json' };
import { createAppHandler } from '../../local/zapier/platform.ts';
import { app } from '../support/app.ts';

/**
 * What Zapier checks before an integration goes public, as far as it can be restated here. The codes
 * are Zapier's own. Every check looks at the whole definition, so it holds for the next trigger too.
 */

const triggers = Object.values(app.triggers);
const actions = [...Object.values(app.searches), ...Object.values(app.creates)];
const steps = [...triggers, ...actions].map(({ operation, ...step }) => ({
  ...step,
  operation: {
    ...operation,
    declared: operation.outputFields.flatMap((field) =>
      'key' in field ? [{ ...field, label: field.label ?? '' }] : [],
    ),
  },
}));
const triggerCases = triggers.map((trigger) => [trigger.key, trigger] as const);
const stepCases = steps.map((step) => [step.key, step] as const);
const inputs = steps.flatMap(({ key, operation }) =>
  operation.inputFields.map((field) => [`${key}.${field.key}`, field] as const),
);
const pairs = Object.values(app.searchOrCreates);

/** Every text of the definition that a user may read. */
const texts = [
  packageJson.description,
  ...steps.flatMap(({ noun, display }) => [noun, display.label, display.description]),
  ...pairs.flatMap(({ display }) => [display.label, display.description]),
  ...inputs.flatMap(([, { label, helpText }]) => [label ?? '', helpText ?? '']),
  ...steps.flatMap(({ operation }) => operation.declared.map(({ label }) => label)),
];

/** Small words that a title may have in lower case. */
const SMALL_WORDS = ['a', 'an', 'and', 'by', 'for', 'from', 'in', 'of', 'on', 'or', 'the', 'to'];

function isTitleCase(label: string): boolean {
  return label
    .split(' ')
    .every((word, index) => /^[(A-Z0-9]/.test(word) || (index > 0 && SMALL_WORDS.includes(word)));
}

it("is valid by the platform's own schema", async () => {
  const handler = createAppHandler(app);
  const { results } = await handler({ command: 'validate', calledFromCli: true });
  expect(results).toEqual([]);
});

describe('D001: no input asks for a key or secret', () => {
  it.each(inputs)('%s', (_name, field) => {
    expect(`${field.key} ${field.label ?? ''}`).not.toMatch(/secret|password|token|api.?key/i);
    expect(field.type).not.toBe('password');
  });
});

it('D003: the connection has a label', () => {
  expect(typeof app.authentication.connectionLabel).toBe('function');
});

describe('D004: an input that holds an id offers a dropdown', () => {
  // An external ID is of the user's own making, somewhere else: Attro has no list of them.
  const named = inputs.filter(([, { key }]) => key.endsWith('_id') && key !== 'external_id');
  it.each(named)('%s', (_name, field) => {
    expect(field.choices ?? field.dynamic).toBeDefined();
    expect(field.label).not.toMatch(/\bID\b/);
  });
});

describe('D006, D016, D017: a trigger is a REST hook that lists, subscribes and unsubscribes', () => {
  it.each(triggerCases)('%s', (_key, { operation }) => {
    expect(operation).toMatchObject({
      type: 'hook',
      perform: expect.any(Function),
      performList: expect.any(Function),
      performSubscribe: expect.any(Function),
      performUnsubscribe: expect.any(Function),
    });
  });
});

it('D007: every address in the definition is HTTPS', () => {
  expect(JSON.stringify(app)).not.toContain('http://');
});

describe('D008, D011: help text says more than the label, and its links are Markdown', () => {
  it.each(inputs)('%s', (_name, { label = '', helpText = '' }) => {
    expect(helpText.length).toBeGreaterThan(label.length + 30);
    expect(helpText).toMatch(/^[A-Z].*\.$/);
    expect(helpText.replace(/\[[^\]]+\]\(https:[^)]+\)/g, '')).not.toMatch(/https?:|<a /);
  });
});

describe('D012, D023, D024: the sample is whole, flat and of the types that are declared', () => {
  it.each(stepCases)('%s', (_key, { operation }) => {
    const sample: Record<string, unknown> = operation.sample;
    expect(Object.keys(sample)).toEqual(operation.declared.map(({ key }) => key));
    const filled = Object.values(sample).filter((value) => value !== null).length;
    expect(filled).toBeGreaterThanOrEqual(Math.min(operation.declared.length, 8));
    for (const { key, type } of operation.declared) {
      const value = sample[key];
      if (value === null) continue;
      expect([key, typeof value]).toEqual([key, type === 'number' ? 'number' : 'string']);
      if (type === 'datetime') {
        expect(value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
      }
    }
  });
});

describe('D018: labels are in Title Case', () => {
  it.each([
    ...[...steps, ...pairs].map(({ display }) => display.label),
    ...inputs.map(([, { label }]) => label ?? ''),
    ...steps.flatMap(({ operation }) => operation.declared.map(({ label }) => label)),
  ])('%s', (label) => {
    expect(label).not.toBe('');
    expect(isTitleCase(label)).toBe(true);
  });
});

describe("D021: a trigger's description is one sentence that starts with Triggers when", () => {
  it.each(triggerCases)('%s', (_key, { display }) => {
    expect(display.description).toMatch(/^Triggers when an? |^Triggers when the /);
  });
});

describe("D021: a search's and an action's is one in the third person, and begins as its label does", () => {
  const cases = [...actions, ...pairs].map((step) => [step.display.label, step] as const);
  it.each(cases)('%s', (label, { display }) => {
    const [verb = ''] = label.split(' ');
    expect(display.description).toMatch(/^[A-Z][a-z]+s /);
    if (verb !== 'Update') expect(display.description.split(' ')[0]).toBe(`${verb}s`);
  });
});

describe('D021: a description is one sentence, in the words of the screen, with the noun in lower case', () => {
  it.each(stepCases)('%s', (_key, { display, noun }) => {
    expect(display.description).toMatch(/^[^.]+\.$/);
    expect(display.description).not.toMatch(/webhook|payload|API|event/i);
    expect(display.description.toLowerCase()).toContain(noun.toLowerCase());
    expect(display.description).not.toContain(` ${noun}`);
  });
});

describe('a noun is one singular word', () => {
  it.each(stepCases)('%s', (_key, { noun }) => {
    expect(noun).toMatch(/^[A-Z][a-z]+[^s]$/);
  });
});

describe('required inputs come first', () => {
  it.each(stepCases)('%s', (_key, { operation }) => {
    const required = operation.inputFields.map((field) => field.required ?? false);
    expect(required).toEqual([...required].sort((a, b) => Number(b) - Number(a)));
  });
});

it('M002: the description has 40 to 140 characters and does not say Zapier or sync', () => {
  expect(packageJson.description.length).toBeGreaterThanOrEqual(40);
  expect(packageJson.description.length).toBeLessThanOrEqual(140);
  expect(packageJson.description).not.toMatch(/zapier|sync/i);
});

it('copy: no text repeats a word or has a space too many', () => {
  expect(texts.filter((text) => /\b(\w+) \1\b/i.test(text))).toEqual([]);
  expect(texts.filter((text) => / {2}|^ | $/.test(text))).toEqual([]);
});

it('no two steps and no two inputs or outputs of one step have the same key or label', () => {
  const unique = (list: readonly unknown[]) => {
    expect(new Set(list).size).toBe(list.length);
  };
  unique(steps.map(({ key }) => key));
  unique([...steps, ...pairs].map(({ display }) => display.label));
  for (const { operation } of steps) {
    for (const fields of [operation.inputFields, operation.declared]) {
      unique(fields.map(({ key }) => key));
      unique(fields.map(({ label }) => label));
    }
  }
});

describe('a step that finds or creates', () => {
  const cases = pairs.map((pair) => [pair.display.label, pair] as const);

  it.each(cases)('has two inputs with the same label only if they are one: %s', (_label, pair) => {
    const { inputFields: searched } = app.searches[pair.search].operation;
    const { inputFields: created } = app.creates[pair.create].operation;
    const labels = new Map([...searched, ...created].map(({ key, label }) => [key, label]));
    expect(new Set(labels.values()).size).toBe(labels.size);
  });

  it.each(cases)('has one shape, whether it finds or creates: %s', (_label, pair) => {
    const found = steps.find(({ key }) => key === pair.search)?.operation;
    const created = steps.find(({ key }) => key === pair.create)?.operation;
    expect(created?.declared).toEqual(found?.declared);
    expect(created?.sample).toEqual(found?.sample);
  });
});
