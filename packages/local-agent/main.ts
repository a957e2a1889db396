import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import colors from 'picocolors';
import { startEmulator, type Emulator } from '#emulator/index';
import { emulatedRun, signInModes, type SignInMode } from './emulated-run.js';
import {
  type HostType,
  JobControl,
  type JobOptions,
  PipelineError,
  runPipeline,
  type ServiceConnection,
  type StageName,
  type VariableValue,
} from './index.js';
import { readServiceConnection } from './service-connection-file.js';
import { paintLine, resultTable, stageBanner } from './terminal-log.js';

interface Options {
  readonly vsix?: string;
  readonly collectionUrl?: string;
  readonly connection?: ReadonlyMap<string, string>;
  readonly variable?: ReadonlyMap<string, string>;
  readonly secret?: ReadonlyMap<string, string>;
  readonly parameter?: ReadonlyMap<string, string>;
  readonly hostType: HostType;
  readonly debug?: true;
  readonly node?: string;
  readonly agentVersion?: string;
  readonly container?: true;
  readonly signIn: SignInMode;
}

const command = new Command('npm run agent --')
  .description(
    'Runs the steps of a pipeline file on this machine as an Azure Pipelines agent does, with the tasks of the ' +
      'packaged extension. Without --collection-url it starts an Azure DevOps stand-in on loopback, with the ' +
      "organizations contoso and fabrikam and the service connection 'PAT issuer'.",
  )
  .argument('<file>', 'the pipeline file (YAML)')
  .option('--vsix <file>', 'the packaged extension (default: the newest in dist/)')
  .option('--collection-url <url>', 'the organization to talk to', url)
  .addOption(pairs('--connection <name=file>', 'a service connection, described in a JSON file'))
  .addOption(pairs('--variable <name=value>', 'a variable of the run'))
  .addOption(
    pairs('--secret <name=value>', 'a secret variable; other programs can see it on this command line'),
  )
  .addOption(pairs('--parameter <name=value>', 'a template parameter of the file'))
  .addOption(
    new Option('--host-type <type>', 'kind of run')
      .choices(['build', 'release', 'deployment'])
      .default('build'),
  )
  .option('--node <file>', 'the Node.js binary that runs the tasks (default: this one)')
  .option('--agent-version <version>', 'the agent to stand in for: before 5.277.0 variables win over inputs')
  .option('--container', 'run the steps as in a container: a cancel does not reach them')
  .addOption(
    new Option(
      '--sign-in <mode>',
      "how the stand-in's connection signs in: with a refresh token alone, with one that its own OIDC token has to accompany, or as an agent's user",
    )
      .choices(signInModes)
      .default('refresh-token'),
  )
  .option('--debug', 'show what a run with System.Debug shows')
  .helpOption('-h, --help', 'show this help')
  .addHelpText(
    'after',
    `
Options with <name=...> may be given several times. Ctrl+C cancels the run, post-jobs included; a second one
ends everything at once, as if the machine were lost.

A service connection file:
  { "url": "https://dev.azure.com/contoso", "scheme": "Token",
    "parameters": { "apitoken": "..." }, "data": { "tenantId": "...", "clientId": "..." } }
  In place of a refresh token alone, its own OIDC token proves the application with "clientProof": "federation"
  in "data" (and "id", where the federated credential names it), and with the scheme "None" and "agentIdentityId"
  and "agentUser" in "data" an agent's user signs in.

Examples:
  npm run agent -- examples/quickstart.yml
  npm run agent -- pipeline.yml --debug --variable Environment=test
  npm run agent -- pipeline.yml --host-type release --node /opt/node24/bin/node
`,
  )
  .action(async (file: string, options: Options) => {
    await run(file, options);
  });

await command.parseAsync();

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
    if (!existsSync(file)) throw new PipelineError(`There is no file ${file}.`);
    const vsix = options.vsix ?? newestPackage();
    if (options.secret !== undefined) {
      console.log(
        colors.yellow('Values of --secret are visible to other programs on this machine while this runs.'),
      );
    }
    if (options.collectionUrl === undefined) emulator = await startEmulator();
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
      ...organization(options, emulator),
      ...liveLog(),
    });
    console.log(`\n${resultTable(result, colors)}`);
    process.exitCode = result.result === 'Succeeded' || result.result === 'SucceededWithIssues' ? 0 : 1;
  } catch (error) {
    console.error(colors.red(error instanceof Error ? error.message : String(error)));
    process.exitCode = 1;
  } finally {
    await emulator?.close();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** The organization to talk to with its service connections, and the variables that go with them. */
function organization(
  { collectionUrl, connection, variable, secret, signIn }: Options,
  emulator: Emulator | undefined,
): Pick<JobOptions, 'collectionUrl' | 'serviceConnections' | 'variables' | 'jobToken' | 'onJob'> {
  const emulated = emulator && emulatedRun(emulator, {}, signIn);
  const connections = new Map<string, ServiceConnection>(Object.entries(emulated?.serviceConnections ?? {}));
  const variables = new Map<string, VariableValue>(Object.entries(emulated?.variables ?? {}));
  for (const [name, file] of connection ?? []) connections.set(name, readServiceConnection(file));
  for (const [name, value] of variable ?? []) variables.set(name, value);
  for (const [name, value] of secret ?? []) variables.set(name, { value, isSecret: true });
  return {
    ...emulated,
    collectionUrl: collectionUrl ?? emulated?.collectionUrl ?? '',
    serviceConnections: Object.fromEntries(connections),
    variables: Object.fromEntries(variables),
  };
}

/** Prints each line as it is written, under a banner for each stage. */
function liveLog(): Pick<JobOptions, 'onLine' | 'onStageStart'> {
  return {
    onStageStart: ({ title }: StageName) => {
      console.log(stageBanner(title, colors));
    },
    onLine: line => {
      if (!line.startsWith('##[section]')) console.log(paintLine(line, colors));
    },
  };
}

function newestPackage(): string {
  const files = existsSync('dist') ? readdirSync('dist').filter(isRelease) : [];
  const [newest] = files
    .map(name => ({ file: join('dist', name), time: statSync(join('dist', name)).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  if (newest === undefined)
    throw new Error('There is no package in dist/: run npm run package first, or give --vsix.');
  return newest.file;
}

/** Not a development flavour, whose tasks have other names. */
function isRelease(name: string): boolean {
  return name.endsWith('.vsix') && !name.includes('-dev-');
}

function pairs(flags: string, description: string): Option {
  return new Option(flags, description).argParser(keyAndValue);
}

function keyAndValue(
  text: string,
  before: ReadonlyMap<string, string> | undefined,
): ReadonlyMap<string, string> {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new InvalidArgumentError('It is name=value.');
  return new Map([...(before ?? []), [text.slice(0, equals), text.slice(equals + 1)]]);
}

function url(text: string): string {
  if (!URL.canParse(text))
    throw new InvalidArgumentError('It is a URL such as https://dev.azure.com/contoso.');
  return text;
}
