import { InvalidArgumentError, Option, program } from 'commander';
import { availableParallelism } from 'node:os';
import pc from 'picocolors';
import { onScreen } from '../scripts/screen.js';
import { Crew } from './crew.js';
import type { FailedLife } from './lives.js';
import { stories, type Story } from './plan.js';
import type { Tally } from './tally.js';

program
  .name('npm run simulate --')
  .description(
    'Lives of PATs in a simulated world: the real stories of the tasks, with what can go wrong on the way. The same seed gives the same lives on every machine.',
  )
  .option('--lives <n>', 'how many', wholeNumber, 10_000)
  .option('--seed <text>', 'decides everything', '1')
  .addOption(new Option('--story <name>', 'whose lives').choices(stories).default('mixed'))
  .option('--workers <n>', 'threads', wholeNumber, availableParallelism())
  .helpOption('-h, --help', 'show this help')
  .action(async (options: { lives: number; seed: string; story: Story; workers: number }) => {
    process.exitCode = await simulate(options);
  });
await program.parseAsync();

async function simulate(options: {
  lives: number;
  seed: string;
  story: Story;
  workers: number;
}): Promise<number> {
  const crew = await Crew.hire(options.workers);
  const began = performance.now();
  // What was lived so far is told; who asks twice does not want to know.
  process.once('SIGINT', () => {
    crew.stop();
  });
  let over = 0;
  let told = 0;
  const { tally } = await crew.live(options, {
    over: lives => {
      over += lives;
      const tenth = Math.floor((10 * over) / options.lives);
      if (tenth <= told || tenth >= 10) return;
      told = tenth;
      console.log(pc.dim(`${over.toLocaleString('en')} of ${options.lives.toLocaleString('en')} lives`));
    },
    failed: life => {
      tell(life, options);
    },
  });
  const seconds = (performance.now() - began) / 1000;
  await crew.dismiss();
  console.log(tableOf(tally));
  const [lived, broken] = [tally.times('lives'), tally.times('lives that broke an invariant')];
  const asked = lived === options.lives ? '' : ` of ${options.lives.toLocaleString('en')}`;
  console.log(
    `\n${lived.toLocaleString('en')}${asked} lives of ${options.story}, seed ${options.seed}: ` +
      `${(lived / seconds).toFixed(0)} a second, ${seconds.toFixed(1)} s. ` +
      (broken === 0 ? pc.green('No invariant was broken.') : pc.red(`${broken} broke an invariant.`)),
  );
  return broken === 0 ? 0 : 1;
}

/** A life that failed, as a person would tell it. */
function tell({ number, violations, smallest, story }: FailedLife, { seed }: { seed: string }): void {
  console.log(pc.bold(`\nLife ${number} of ${smallest.story}, seed ${seed}`));
  for (const violation of violations) console.log(pc.red(onScreen(`  ${violation}`)));
  console.log(pc.dim('  The smallest life that fails so:'));
  for (const line of story) console.log(onScreen(`  ${line}`));
}

function tableOf(tally: Tally): string {
  const width = Math.max(...tally.entries.map(([what]) => what.length));
  return tally.entries
    .map(([what, times]) => `${what.padEnd(width)}  ${times.toLocaleString('en').padStart(11)}`)
    .join('\n');
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number from 1 on.');
  return Number(text);
}
