import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'build', 'coverage', 'reports', '.stryker-tmp', 'docs'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // `noPropertyAccessFromIndexSignature` of the compiler asks for the brackets.
      '@typescript-eslint/dot-notation': 'off',
      // An empty text counts as none, so `||` is meant where it is written.
      '@typescript-eslint/prefer-nullish-coalescing': [
        'error',
        { ignorePrimitives: { string: true } },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_' },
      ],
      // Numbers are fine in messages.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // The app is what runs on Zapier: it stays apart from all that proves it.
    files: [
      '{index,authentication,frozen-definition,record-step}.ts',
      '{attro,creates,deliveries,inputs,output,searches,triggers}/**',
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/local/**', '**/templates/**', '**/test/**', '**/scripts/**'],
              message: 'What runs on Zapier does not import what proves it.',
            },
          ],
        },
      ],
    },
  },
  {
    // A request that only nock has seen was not held to the contract.
    files: ['test/**/*.ts'],
    ignores: ['test/support/attro.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.name='nock']",
          message: 'Use attro() or stranger() of test/support/attro.ts.',
        },
      ],
    },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
  {
    // What a browser has that a script of the sandbox's pages uses.
    files: ['local/attro/pages/assets/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...['document', 'location', 'CSS', 'DOMParser', 'EventSource'],
          ...['fetch', 'setTimeout', 'clearTimeout'],
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
);
