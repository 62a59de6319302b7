import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  globalSetup: '<rootDir>/test/support/run.setup.ts',
  globalTeardown: '<rootDir>/test/support/run.teardown.ts',
  setupFiles: ['<rootDir>/test/support/worker-memory.setup.ts'],
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript' },
          target: 'es2023',
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/build', '<rootDir>/dist', '<rootDir>/.stryker-tmp'],
  // The platform prints whatever the app logs. Tests look at what was logged instead.
  silent: true,
  // Only a hang takes so long: a slow machine must not decide a test.
  testTimeout: 600_000,
  // Some tests wait, for processes of their own or for the network, so one more than there are cores.
  maxWorkers: availableParallelism() + 1,
  // A worker that holds the modules of many files takes a while to end.
  workerGracefulExitTimeout: 10_000,
  restoreMocks: true,
  // V8's own counters slow down all that runs, the platform and the sandbox too, and double the time of a run.
  coverageProvider: 'babel',
  collectCoverageFrom: [
    '{index,authentication,frozen-definition,record-step}.ts',
    '{attro,creates,deliveries,inputs,output,searches,triggers}/**/*.ts',
    // Types only: nothing of them is left to run.
    '!inputs/bundle.ts',
    '!{creates/create,searches/search,triggers/trigger}-row.ts',
  ],
  // Names only what is not covered.
  coverageReporters: [['text', { skipFull: true }]],
  // All that runs on Zapier: a line that no test reaches there is one that nobody has seen work.
  coverageThreshold: { global: { lines: 100, branches: 100, functions: 100, statements: 100 } },
};
