import { Command } from 'commander';
import { runLanes, summary } from './test/lanes.js';
import { mocha } from './test/mocha.js';
import { onNode24 } from './test/node24.js';
import { packed } from './test/packed.js';
import type { Part, Result } from './test/part.js';
import { check } from './test/program.js';
import { tab } from './test/tab.js';

const program = new Command('npm test --')
  .description('Everything this project can prove, or the test files that you name.')
  .argument('[file...]', 'test files to run in place of everything')
  .option('--quick', 'types, lint and unit tests only: no package, no end to end', false)
  .addHelpText(
    'after',
    '\nExamples:\n  npm test\n  npm run test:quick\n  npm test -- tests/unit/pat/scopes.test.ts',
  )
  .parse();

/** What the unit tests have to run, in percent of lines. */
const FLOORS = { 'packages/': 95, 'tasks/': 95, 'cli/': 87 };

const checks: readonly Part[] = [
  check('Type check', 'node_modules/typescript/bin/tsc', '--noEmit'),
  check('Type check of the tab', 'node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tab'),
  check('Lint', 'node_modules/eslint/bin/eslint.js', '.'),
  check('Borders', 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs', '.'),
  check('Dead code', 'node_modules/knip/bin/knip.js'),
  check('Format', 'node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
];

const { args: files } = program;
const { quick } = program.opts<{ quick: boolean }>();
const endToEnd = 'tests/e2e/**/*.test.ts';
const unit = 'tests/unit/**/*.test.ts';

const results: Result[] = [];
if (files.length > 0) {
  if (files.some(file => !/tests[\\/](unit|simulation)/.test(file)))
    results.push(...(await runLanes([[packed]])));
  results.push(...(await runLanes([[mocha('Named tests', files)]])));
} else if (quick) {
  results.push(...(await runLanes([checks, [mocha('Unit tests', [unit])]])));
} else {
  results.push(...(await runLanes([[packed]])));
  // Side by side on two cores; each lane takes about as long as the others, and many of their tests wait.
  const ofPackage = [mocha(`End to end, Node ${process.versions.node}`, [endToEnd])];
  // What an attacker tries, and what a tool does, does not depend on the Node.js that runs the task.
  const ofAttackers = [
    mocha('Attacks', ['tests/attacks/**/*.test.ts']),
    mocha('Commands', ['tests/commands/**/*.test.ts']),
    mocha('Tools', ['tests/tools/**/*.test.ts']),
    tab,
    onNode24([endToEnd]),
  ];
  const ofSources = [
    ...checks,
    mocha('Unit tests', [unit], { floors: FLOORS }),
    mocha('Simulation of lives', ['tests/simulation/**/*.test.ts']),
  ];
  results.push(...(await runLanes([ofPackage, ofAttackers, ofSources])));
}
console.log(summary(results));
process.exitCode = results.every(({ failed }) => failed === 0) ? 0 : 1;
