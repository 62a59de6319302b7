import { expect, it } from '@jest/globals';
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

it('no dropdown is there where the definition has none', async () => {
  const never = () => Promise.reject(new Error('The app was asked.'));
  await expect(loadChoices(appWith({}), never, 'creates', 'greet', 'person')).rejects.toThrow(
    'The input person has no dropdown.',
  );
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
