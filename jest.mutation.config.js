import process from 'node:process';
import config from './jest.config.js';

// Mutants are judged by the tests of what they mutate, with fewer random cases each.
process.env.PROPERTY_RUNS = '100';

/**
 * Everything is turned into CommonJS here: a mutation run stays in one process for hundreds of test
 * runs, and Node's ESM loader for jest does not survive that.
 *
 * @type {import('jest').Config}
 */
export default {
  ...config,
  testMatch: [
    '<rootDir>/test/{attro,deliveries,output,searches}/**/*.test.ts',
    '<rootDir>/test/triggers/{subscription,four-cases,filters}.test.ts',
    '<rootDir>/test/creates/requests.test.ts',
  ],
  // Megabytes for every mutant would take hours; the bounds that these tests are about are few.
  testPathIgnorePatterns: ['size.test.ts'],
  extensionsToTreatAsEsm: [],
  modulePathIgnorePatterns: [],
  transform: {
    '^.+\\.(ts|m?js)$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [
    '/node_modules/(?!nock|@mswjs|@open-draft|outvariant|is-node-process|rettime|until-async|strict-event-emitter)',
  ],
};
