import { fileURLToPath } from 'node:url';
import { groups } from '../../scripts/mutation-groups.mjs';

/** Which group this run looks at, and the files of it that somebody named; see scripts/mutation.mjs. */
const name = process.env.JOB_PAT_MUTATION ?? 'names';
const { mutate, tests } = groups[name];

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  packageManager: 'npm',
  plugins: ['@stryker-mutator/mocha-runner', fileURLToPath(new URL('ignore-wording.mjs', import.meta.url))],
  testRunner: 'mocha',
  testRunnerNodeArgs: ['--import', 'tsx', '--import', new URL('fewer-runs.mjs', import.meta.url).href],
  mochaOptions: { config: '.mocharc.json', spec: tests },
  mutate,
  ignorers: ['wording'],
  coverageAnalysis: 'perTest',
  // A constant that is made when its module loads would take a process for each change.
  ignoreStatic: true,
  // Only what was changed since the last run is tried again.
  incremental: true,
  incrementalFile: `dist/mutation/${name}.json`,
  // A change that makes a loop endless is noticed by its time.
  timeoutMS: 5_000,
  timeoutFactor: 1.25,
  concurrency: 1,
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  tempDirName: 'dist/mutation/sandbox',
  ignorePatterns: ['dist', 'docs', 'images', 'tests/{node24,mutation}'],
};
