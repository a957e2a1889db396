import pc from 'picocolors';
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { emulatedRun } from '#local-agent/emulated-run';
import { type JobResult, type PipelineResult, runPipeline } from '#local-agent/index';
import { startEmulator, type Emulator, type Pat } from '#emulator/index';
import { hanging } from '../cli/screen-text.js';
import { exampleList } from './agent/example-list.js';
import { currentExtension } from './packed-extension.js';
import { labelOf } from '#pat/scopes';
import { dist, root } from './paths.js';
import { onScreen, screenColumns } from './screen.js';
import { tryToClone } from './start/refused-clone.js';
import { say, step } from './start/progress.js';
import { writeTabPage } from './start/tab-page.js';

const tabPage = join(dist, 'start', 'pats-of-the-run.html');

try {
  await quickStart();
} catch (error) {
  console.error(`\n${pc.red(error instanceof Error ? error.message : String(error))}`);
  process.exitCode = 1;
}

async function quickStart(): Promise<void> {
  console.log(`\n${pc.bold('Job PAT')}: a job gets a token, uses it, and the token is gone.\n`);
  const vsix = await step(
    'Pack the extension',
    () => currentExtension(() => undefined),
    path => `${relative(root, path)}, ${Math.ceil(statSync(path).size / 1024)} KB`,
  );
  const emulator = await step(
    'Start Azure DevOps and Entra on loopback',
    () => startEmulator(),
    started => started.url,
  );
  try {
    const { run, job } = await step('Run examples/quickstart.yml on the local agent', () =>
      runQuickstart(emulator, vsix),
    );
    const pat = issuedBy(job, emulator);
    const refusal = await step('Clone again with the same PAT, after the job', () =>
      tryToClone(emulator.gitUrl('contoso'), job.variables['JOB_PAT_BASIC']?.value ?? ''),
    );
    await step('Draw the tab PATs of the run', () => writeTabPage(emulator, run, tabPage));
    console.log(`\n${lifeOf(pat, emulator, refusal)}\n`);
    console.log(`The tab PATs of this run, for your browser:\n  ${pc.cyan(pathToFileURL(tabPage).href)}\n`);
    console.log(`${exampleList(join(root, 'examples'), screenColumns()).join('\n')}\n`);
  } finally {
    await emulator.close();
  }
}

async function runQuickstart(
  emulator: Emulator,
  vsix: string,
): Promise<{ run: PipelineResult; job: JobResult }> {
  const run = await runPipeline({
    vsix,
    pipeline: join(root, 'examples', 'quickstart.yml'),
    ...emulatedRun(emulator),
    onStageStart: ({ title }) => {
      say(`    ${title}`);
    },
    onLine: (line, stage) => {
      if (stage !== undefined && !isBanner(line)) say(pc.dim(onScreen(`      ${line}`)));
    },
  });
  const [job] = run.jobs;
  if (job === undefined || run.result !== 'Succeeded')
    throw new Error(`The quick start ended as ${run.result}.`);
  return { run, job };
}

/** What the agent prints before every step. */
function isBanner(line: string): boolean {
  return /^(=+|(Task|Description|Version|Author|Help) +:.*|Generating script\.|##\[.*|)$/.test(line);
}

function issuedBy(job: JobResult, emulator: Emulator): Pat {
  const value = job.variables['JOB_PAT']?.value;
  const pat = emulator.pats.list('contoso').find(pat => pat.value === value);
  if (pat === undefined) throw new Error('The job has no PAT that the emulator knows.');
  if (emulator.pats.isUsable(pat)) throw new Error(`PAT "${pat.displayName}" is still alive after the job.`);
  return pat;
}

/** The life of the PAT, for a person. */
function lifeOf(pat: Pat, emulator: Emulator, refusal: string): string {
  const clones = emulator.requestsOf('git.fetch').filter(request => request.status === 200).length;
  const revoked = pat.revokedAt;
  const lived =
    revoked === undefined
      ? ''
      : ` (it lived for ${((revoked.getTime() - pat.validFrom.getTime()) / 1000).toFixed(1)} s)`;
  const rows = [
    ['Issued', pat.displayName],
    ['In', `${pat.organization.name}, authorization id ${pat.authorizationId}`],
    ['Scopes', `${pat.scope}, in the portal: ${labelOf(pat.scope) ?? 'unknown'}`],
    ['Valid until', `${moment(pat.validTo)} at the latest`],
    ['Used for', `git clone: ${clones} requests answered`],
    ['Revoked', `${revoked === undefined ? 'no' : moment(revoked)}${lived}`],
    ['Afterwards', `${pc.green('refused')}: ${refusal}`],
  ] as const;
  return rows
    .map(([label, text]) => hanging(`  ${pc.bold(label.padEnd(13))}`, text, screenColumns()))
    .join('\n');
}

function moment(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
