import { join } from 'node:path';
import { Command, Option } from 'commander';
import pc from 'picocolors';
import { startEmulator } from '#emulator/index';
import { audit } from './bench/audit.js';
import { sizes, startUp } from './bench/issue-pat.js';
import type { Part } from './bench/part.js';
import { reaper } from './bench/reaper.js';
import { rotation } from './bench/rotation.js';
import { tab } from './bench/tab.js';
import { stagedExtension } from './flavour.js';
import { packageExtension } from './package-extension.js';

const parts: Readonly<Record<string, Part>> = { 'start-up': startUp, sizes, reaper, rotation, audit, tab };

const { runs, only } = new Command('npm run bench --')
  .description(
    'Measures the packed tasks, every server on loopback: IssuePat against an empty Node process, pair by pair; the ' +
      'sizes; a reaper and an audit over 100, 1,000 and 10,000 PATs; rotations of a plan; the tab. Nothing fails: budgets are aims.',
  )
  .option('-n, --runs <count>', 'pairs for each row of start-up', '25')
  .addOption(new Option('--only <part...>', 'parts to measure').choices(Object.keys(parts)))
  .addHelpText('after', '\nExamples:\n  npm run bench -- --runs 50\n  npm run bench -- --only reaper')
  .parse()
  .opts<{ runs: string; only?: string[] }>();

const packed = await packageExtension('release');
for (const [name, measure] of Object.entries(parts)) {
  if (only?.includes(name) === false) continue;
  const emulator = await startEmulator();
  try {
    const table = await measure({
      emulator,
      package: packed,
      tasks: join(stagedExtension('release'), 'tasks'),
      runs: Number(runs),
      say: text => process.stderr.write(pc.dim(`${text} …\n`)),
    });
    console.log(`\n${table}`);
  } finally {
    await emulator.close();
  }
}
