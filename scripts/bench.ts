import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';
import { startEmulator } from '#emulator/index';
import { audit } from './bench/audit.js';
import { sizes, startUp } from './bench/issue-pat.js';
import type { Part } from './bench/part.js';
import { reaper } from './bench/reaper.js';
import { rotation } from './bench/rotation.js';
import { otherPackage } from './bench/other-package.js';
import { tab } from './bench/tab.js';
import { large, wire } from './bench/wire.js';
import { stagedExtension } from './flavour.js';
import { packageExtension } from './package-extension.js';
import { onScreen } from './screen.js';

const parts: Readonly<Record<string, Part>> = {
  'start-up': startUp,
  sizes,
  wire,
  'wire-10000': large,
  reaper,
  rotation,
  audit,
  tab,
};

const {
  runs,
  only,
  against,
  steps = '',
} = new Command('npm run bench --')
  .description(
    'Measures the packed tasks, every server on loopback: IssuePat against an empty Node process, pair by pair; the ' +
      'sizes; round trips over a wire with a delay; a reaper and an audit over 100, 1,000 and 10,000 PATs; rotations of a ' +
      'plan; the tab. Nothing fails: budgets are aims.',
  )
  .option('-n, --runs <count>', 'pairs for each row of start-up', aCount, 25)
  .option('--against <version>', 'a package (*.vsix) or a commit to measure beside: start-up and wire')
  .option('--steps <words>', 'only the steps of the wire whose names hold these words')
  .addOption(new Option('--only <part...>', 'parts to measure').choices(Object.keys(parts)))
  .helpOption('-h, --help', 'show this help')
  .addHelpText(
    'after',
    '\nExamples:\n  npm run bench -- --runs 50\n  npm run bench -- --only reaper\n  npm run bench -- --only wire --against HEAD~1',
  )
  .parse()
  .opts<{ runs: number; only?: string[]; against?: string; steps?: string }>();

const packed = await packageExtension('release');
const other = against === undefined ? undefined : await otherPackage(against);
try {
  for (const [name, measure] of Object.entries(parts)) {
    if (only?.includes(name) === false) continue;
    const emulator = await startEmulator();
    try {
      const table = await measure({
        emulator,
        package: packed,
        tasks: join(stagedExtension('release'), 'tasks'),
        against: other,
        steps: what => what.includes(steps),
        runs,
        say: text => process.stderr.write(pc.dim(`${text} …\n`)),
      });
      console.log(`\n${onScreen(table)}`);
    } finally {
      await emulator.close();
    }
  }
} finally {
  await other?.remove();
}

/** @throws InvalidArgumentError */
function aCount(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a number of pairs, 1 to 9999. Example: --runs 50');
}
