import { describe, expect, it } from '@jest/globals';
import type { Definition, InputField } from '../../../local/zapier/definition.ts';
import { loadChoices, offeredSearch } from '../../../local/zapier/editor.ts';

/** What is right is seen in test/zaps/forms.test.ts, with the dropdowns and searches of the app. */

const LOADED = { choices: { perform: '$func$2$f$' } };

/** An app of one search and one action with this input, after another one. */
function appWith(field: Omit<InputField, 'key'>, output = 'id'): Definition {
  const inputFields = [{ key: 'other' }, { key: 'person', ...field }];
  return {
    searches: {
      find: { display: {}, operation: { outputFields: ['$func$2$f$', { key: output }] } },
    },
    creates: { greet: { display: {}, operation: { inputFields } } },
  };
}

describe('the dropdown of an input', () => {
  it('shows what the app loads, page after page', async () => {
    const asked: unknown[] = [];
    const pages = [
      { results: [{ id: 'a', label: 'Ann' }], paging_token: 'next' },
      { results: [{ id: 'b', label: 'Bob' }], paging_token: null },
    ];
    const call = (method: string, bundle: Record<string, unknown>) => {
      asked.push([method, bundle]);
      return Promise.resolve(pages[asked.length - 1]);
    };
    expect(await loadChoices(appWith(LOADED), call, 'creates', 'greet', 'person')).toEqual([
      { value: 'a', label: 'Ann' },
      { value: 'b', label: 'Bob' },
    ]);
    const method = 'creates.greet.operation.inputFields.1.choices.perform';
    expect(asked).toEqual([
      [method, { meta: { isFillingDynamicDropdown: true } }],
      [method, { meta: { isFillingDynamicDropdown: true, paging_token: 'next' } }],
    ]);
  });

  it('is not there where the definition has none', async () => {
    const never = () => Promise.reject(new Error('The app was asked.'));
    await expect(loadChoices(appWith({}), never, 'creates', 'greet', 'person')).rejects.toThrow(
      'The input person has no dropdown.',
    );
  });
});

it.each<[string, Definition, string]>([
  ['no reference', appWith(LOADED), 'No search is offered for the input person.'],
  ['no dropdown', appWith({ search: 'find.id' }), 'No search is offered for the input person.'],
  ['no such search', appWith({ ...LOADED, search: 'seek.id' }), 'has no searches.seek.'],
  [
    'no such output',
    appWith({ ...LOADED, search: 'find.id' }, 'email'),
    'The search find has no output id.',
  ],
])('no search is offered where there is %s', (_name, definition, message) => {
  expect(() => offeredSearch(definition, 'creates', 'greet', 'person')).toThrow(message);
});
