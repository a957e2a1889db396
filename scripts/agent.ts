import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import colors from 'picocolors';
import { startEmulator, type Emulator } from '#emulator/index';
import { JobControl, type JobOptions, PipelineError, runPipeline } from '#local-agent/index';
import { agentCommand, type Options } from './agent/command.js';
import { exampleList } from './agent/example-list.js';
import { optionsInFile } from './agent/header.js';
import { readServiceConnection } from './agent/service-connection-file.js';
import { LiveLog, resultTable } from './agent/terminal-log.js';
import { currentExtension } from './packed-extension.js';
import { root } from './paths.js';
import { onScreen } from './screen.js';
import { agentRun } from './stand-in/agent-run.js';
import { handedRun } from './stand-in/hand-over.js';
import { furnish } from './stand-in/world.js';

type Place = Pick<
  JobOptions,
  'collectionUrl' | 'serviceConnections' | 'variables' | 'jobToken' | 'addresses' | 'onJob'
>;

const width = Math.min(process.stdout.columns || 80, 100);

await agentCommand(async file => {
  try {
    checkFile(file);
    if (statSync(file).isDirectory()) {
      console.log(`\n${exampleList(file, width).join('\n')}\n`);
      return;
    }
    const given = [...optionsInFile(file), ...process.argv.slice(2)];
    await agentCommand(run).parseAsync(given, { from: 'user' });
  } catch (error) {
    console.error(colors.red(onScreen(error instanceof Error ? error.message : String(error))));
    process.exitCode = 1;
  }
}).parseAsync();

function checkFile(file: string): void {
  if (existsSync(file)) return;
  const folder = existsSync(dirname(file)) ? dirname(file) : relative(process.cwd(), join(root, 'examples'));
  throw new PipelineError(`There is no file ${file}. See what there is: npm run agent -- ${folder}`);
}

async function run(file: string, options: Options): Promise<void> {
  const control = new JobControl();
  const interrupt = () => {
    if (control.state === 'running') {
      console.log(colors.yellow('\nThe run is being canceled. Ctrl+C again ends it at once.'));
      control.cancel();
    } else control.killWorker();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  let emulator: Emulator | undefined;
  try {
    if (options.emulator !== undefined && options.collectionUrl !== undefined)
      throw new Error('Give either --emulator or --collection-url: a run has one place.');
    const vsix =
      options.vsix ??
      (await currentExtension(why => {
        console.log(colors.dim(onScreen(why)));
      }));
    if (options.secret !== undefined) {
      console.log(
        colors.yellow(
          onScreen('Values of --secret are visible to other programs on this machine while this runs.'),
        ),
      );
    }
    if (options.collectionUrl === undefined && options.emulator === undefined)
      emulator = await startEmulator();
    const log = new LiveLog(colors, options.debug === true, text => {
      console.log(onScreen(text));
    });
    const result = await runPipeline({
      vsix,
      pipeline: file,
      hostType: options.hostType,
      parameters: Object.fromEntries(options.parameter ?? []),
      control,
      ...(options.node !== undefined && { node: options.node }),
      ...(options.agentVersion !== undefined && { agentVersion: options.agentVersion }),
      ...(options.container && { container: {} }),
      ...(options.debug && { debug: true }),
      ...withOwn(await placeOf(options, emulator), options),
      onStageStart: stage => {
        log.stage(stage);
      },
      onLine: line => {
        log.line(line);
      },
    });
    console.log(`\n${resultTable(result, colors, width)}`);
    process.exitCode = result.result === 'Succeeded' || result.result === 'SucceededWithIssues' ? 0 : 1;
  } finally {
    await emulator?.close();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** The organization to talk to: of a stand-in, which brings all that a run needs, or a real one. */
async function placeOf(
  { collectionUrl, emulator: url, signIn }: Options,
  emulator: Emulator | undefined,
): Promise<Place> {
  if (url !== undefined) return handedRun(url, signIn);
  if (emulator === undefined) return { collectionUrl: collectionUrl ?? '' };
  return {
    ...agentRun(emulator, furnish(emulator, undefined, signIn)),
    onJob: ({ token, ...job }) => {
      emulator.jobs.start(token, job);
    },
  };
}

/** With the service connections and variables of the command line, which win. */
function withOwn(place: Place, { connection, variable, secret }: Options): Place {
  const connections = [...(connection ?? [])].map(
    ([name, file]) => [name, readServiceConnection(file)] as const,
  );
  const secrets = [...(secret ?? [])].map(([name, value]) => [name, { value, isSecret: true }] as const);
  return {
    ...place,
    serviceConnections: { ...place.serviceConnections, ...Object.fromEntries(connections) },
    variables: { ...place.variables, ...Object.fromEntries(variable ?? []), ...Object.fromEntries(secrets) },
  };
}
