// `npm run mutation [-- file...]`: changes code on purpose, a place at a time, and looks whether a unit test notices. Stryker
// and the mocha that it knows are installed beside the tests when somebody asks for them.
import { minimatch } from 'minimatch';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { groups } from './mutation-groups.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}tests/mutation`;
const stryker = `${folder}/node_modules/@stryker-mutator/core/bin/stryker.js`;
/** What has to be noticed, in percent. */
const FLOOR = 90;

/** Runs a program in the repository, and ends as it does where it fails. */
function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** What came of the changes in each file of a group, from the report that Stryker goes on from the next time. */
function outcomesOf(group) {
  const { files } = JSON.parse(readFileSync(`${root}dist/mutation/${group}.json`, 'utf8'));
  return Object.entries(files).map(([file, { mutants }]) => {
    const count = (...states) => mutants.filter(({ status }) => states.includes(status)).length;
    return { file, noticed: count('Killed', 'Timeout'), missed: count('Survived', 'NoCoverage') };
  });
}

const named = process.argv.slice(2).map(file => file.replaceAll('\\', '/'));
const isIn = (group, file) => groups[group].mutate.some(pattern => minimatch(file, pattern));
const strange = named.filter(file => !Object.keys(groups).some(group => isIn(group, file)));
if (strange.length > 0) {
  console.error(`Not in scripts/mutation-groups.mjs, which says what is changed: ${strange.join(', ')}`);
  process.exit(1);
}
const wanted = Object.keys(groups).filter(
  group => named.length === 0 || named.some(file => isIn(group, file)),
);

if (!existsSync(stryker)) run('npm', ['ci', '--no-audit', '--no-fund', '--prefix', folder]);
for (const group of wanted) {
  const files = named.filter(file => isIn(group, file));
  const some = files.length > 0 ? ['--mutate', files.join(',')] : [];
  run(process.execPath, [stryker, 'run', `${folder}/stryker.config.mjs`, ...some], {
    JOB_PAT_MUTATION: group,
  });
}

const outcomes = wanted
  .flatMap(outcomesOf)
  .filter(({ file }) => named.length === 0 || named.includes(file))
  .filter(({ noticed, missed }) => noticed + missed > 0);
const total = (part, rows = outcomes) => rows.reduce((sum, row) => sum + row[part], 0);
const percent = rows => (100 * total('noticed', rows)) / (total('noticed', rows) + total('missed', rows));
for (const row of [...outcomes, { file: 'All', noticed: total('noticed'), missed: total('missed') }]) {
  const { file, noticed, missed } = row;
  console.log(`${file}: ${noticed} of ${noticed + missed} noticed, ${percent([row]).toFixed(1)} %`);
}
if (percent(outcomes) < FLOOR) process.exitCode = 1;
