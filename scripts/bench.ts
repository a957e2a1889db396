import Table from 'cli-table3';
import { Command } from 'commander';
import pc from 'picocolors';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmulator } from '../emulator/index.js';
import { issuePatEnvironment } from './bench/environment.js';
import { measureMemory, pairedRuns, type Pair } from './bench/process-runs.js';
import { packageExtension } from './package-extension.js';
import { stagedExtension } from './flavour.js';

const program = new Command('npm run bench --')
  .description(
    'Measures the tasks against an empty Node process, pair by pair, every server on loopback. Nothing fails: budgets are aims.',
  )
  .option('-n, --runs <count>', 'pairs for each row', '25')
  .addHelpText('after', '\nExample:\n  npm run bench -- --runs 50')
  .parse();
const runs = Number(program.opts<{ runs: string }>().runs);

const vsix = await packageExtension('release');
const folder = join(stagedExtension('release'), 'tasks', 'IssuePat', 'IssuePatV1');
const emulator = await startEmulator();
const table = new Table({
  head: ['what', 'median', 'ratio to an empty process', 'budget', 'requests'].map(text => pc.bold(text)),
  style: { head: [], border: [] },
  colAligns: ['left', 'right', 'right', 'right', 'right'],
});

try {
  for (const stage of await issuePatEnvironment(emulator, folder)) {
    process.stderr.write(pc.dim(`${stage.what}: ${runs} pairs …\n`));
    const before = emulator.requests.length;
    const pair = await pairedRuns(stage.script, stage.prepare, runs);
    const requests = (emulator.requests.length - before) / (runs + pair.warmups);
    const memory = await measureMemory(stage.script, await stage.prepare());
    table.push(
      [
        stage.what,
        `${pair.median.toFixed(1)} ms`,
        spread(pair),
        `${stage.budget.toFixed(1)}x`,
        requests.toFixed(1),
      ],
      [
        `  peak memory`,
        `${(memory.task / 1024).toFixed(0)} MB`,
        `${(memory.task / memory.empty).toFixed(2)}x`,
        '1.5x',
        '',
      ],
    );
  }
  for (const file of ['main.js', 'post.js']) {
    table.push([
      `bundle IssuePat ${file}`,
      kilobytes((await stat(join(folder, file))).size),
      '',
      '300 KB',
      '',
    ]);
  }
  table.push(['package', kilobytes(vsix.bytes), '', '900 KB', '']);
  console.log(table.toString());
  console.log(
    pc.dim(`Node ${process.version}, ${runs} pairs; ratio: median of the pairs (fastest to slowest tenth).`),
  );
} finally {
  await emulator.close();
}

function spread({ ratio, tenth, ninetieth }: Pair): string {
  return `${pc.bold(`${ratio.toFixed(2)}x`)} (${tenth.toFixed(2)} to ${ninetieth.toFixed(2)})`;
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KB`;
}
