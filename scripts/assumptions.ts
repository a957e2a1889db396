import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { sanitize } from '#text/sanitize';
import { emulatorReport, likeReported } from './assumptions/ask-emulator.js';
import { compareReports, type Difference } from './assumptions/compare.js';
import { onScreen } from './screen.js';
import { ReportFault, readReport, type ReportedQuestion } from './assumptions/read-report.js';

const command = new Command('npm run assumptions --')
  .description(
    'Holds the file of "job-pat doctor --report" against the emulator, which is asked the same questions, and prints ' +
      'where they differ. What differs is to become a test.',
  )
  .argument('<file>', 'the report')
  .helpOption('-h, --help', 'show this help')
  .addHelpText('after', '\nExit codes: 0 no difference, 1 they differ, 2 the file cannot be read.')
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(async (file: string) => {
    process.exitCode = await hold(file);
  });

await command.parseAsync();

async function hold(file: string): Promise<number> {
  let reported: ReportedQuestion[];
  try {
    reported = readReport(await readFile(file, 'utf8'));
  } catch (error) {
    const why = error instanceof ReportFault || error instanceof Error ? error.message : String(error);
    console.error(onScreen(`error: ${sanitize(file)} cannot be read. ${sanitize(why)}`));
    return 2;
  }
  const asked = reported.filter(({ requests, verdict }) => requests.length > 0 || verdict !== 'open');
  const differences = compareReports(reported, await emulatorReport(likeReported(reported)));
  for (const line of linesOf(differences)) console.log(onScreen(line));
  const what = asked.length === 1 ? '1 question was' : `${asked.length} questions were`;
  const count = new Set(differences.map(({ id }) => id)).size;
  console.log(onScreen(count === 0 ? `${what} asked; no difference.` : `${what} asked; ${count} differ.`));
  return count === 0 ? 0 : 1;
}

/** Each question once, each request once below it. */
function linesOf(differences: readonly Difference[]): string[] {
  let [id, where] = ['', ''];
  return differences.flatMap(difference => {
    const lines = difference.id === id ? [] : [difference.id];
    if (difference.where !== '' && (lines.length > 0 || difference.where !== where))
      lines.push(`  ${sanitize(difference.where, 400)}`);
    ({ id, where } = difference);
    return [...lines, `    ${sanitize(difference.text, 400)}`];
  });
}
