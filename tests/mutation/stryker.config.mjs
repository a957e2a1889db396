/**
 * `npm run mutation`: changes the heart on purpose, a place at a time, and looks whether a unit test notices. What survives is
 * in docs/decisions.md with its reason. `-- --mutate packages/pat/issue.ts` looks at one file.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  packageManager: 'npm',
  plugins: ['@stryker-mutator/mocha-runner'],
  testRunner: 'mocha',
  testRunnerNodeArgs: ['--import', 'tsx'],
  mochaOptions: {
    config: '.mocharc.json',
    spec: ['tests/unit/{advice,azure-devops,entra,http,pat,tasks,text}/**/*.test.ts'],
  },
  mutate: [
    'packages/pat/**/*.ts',
    'packages/http/retry.ts',
    'packages/azure-devops/{ended,runs,run-api,jobs-of-run}.ts',
    'tasks/common/stores/**/*.ts',
    '!packages/pat/{purposes,scope-catalogue}.ts',
  ],
  coverageAnalysis: 'perTest',
  // A constant that is made when its module loads would take a process for each change.
  ignoreStatic: true,
  // What only words a message is compared by tests where the words count.
  mutator: { excludedMutations: ['StringLiteral'] },
  thresholds: { high: 95, low: 90, break: 90 },
  timeoutMS: 20_000,
  concurrency: 2,
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: true, logTests: false, reportTests: false },
  tempDirName: 'dist/mutation',
  ignorePatterns: ['dist', 'tests/{node24,mutation}'],
};
