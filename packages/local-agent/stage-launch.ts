import { existsSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import {
  type JobRun,
  type ScriptInstance,
  isTaskInstance,
  type StepInstance,
  type TaskInstance,
} from './job-run.js';
import { nodeBinary } from './agent-root.js';
import { chooseNode, type Knob } from './node-selection.js';
import type { Stage } from './results.js';
import {
  computeInputs,
  type Environment,
  endpointsOf,
  scriptEnvironment,
  taskEnvironment,
} from './step-environment.js';
import { chooseHandler, type HandlerKind, runsOnNode } from './task-definition.js';
import { replaceMacros } from './variables.js';

/** How a stage's process is started. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  /** The error of the step if the process ends with this code. */
  failure(exitCode: number): string;
  /** A file that serves this process only. */
  readonly scriptFile?: string;
}

/** Works out what to start, from the variables of this moment. Throws what then fails the step. */
export function prepareLaunch(
  job: JobRun,
  instance: StepInstance,
  stage: Stage,
  warn: (message: string) => void,
): Launch {
  const launch = isTaskInstance(instance)
    ? launchTask(job, instance, stage, warn)
    : launchScript(job, instance);
  if (!existsSync(launch.cwd)) throw new Error(`The working directory '${launch.cwd}' does not exist.`);
  return launch;
}

function launchTask(
  job: JobRun,
  instance: TaskInstance,
  stage: Stage,
  warn: (message: string) => void,
): Launch {
  const { definition, folder } = instance;
  const { variables, agentEnvironment } = job;
  const handler = chooseHandler(definition.stages[stage] ?? [], process.platform);
  if (handler === undefined || !runsOnNode(handler)) {
    throw new Error(
      'A supported task execution handler was not found. This error can occur if a task was using a deprecated ' +
        'execution handler that has been removed, or if the task does not contain an implementation that is ' +
        'compatible with your current operating system.',
    );
  }
  const script = join(folder, handler.target);
  if (handler.target === '' || !existsSync(script)) throw new Error(`File not found: '${script}'`);
  const node = nodeFor(job, handler.kind, warn);

  const inputs = computeInputs(definition, instance.inputs, variables, agentEnvironment);
  const inputByName = (name: string) =>
    [...inputs].find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];
  const ownFolder = stage === 'main' ? folder : undefined;
  const workingDirectory = variables.replaceMacros(
    replaceMacros(handler.workingDirectory, name =>
      name.toLowerCase() === 'currentdirectory' ? ownFolder : inputByName(name),
    ),
  );
  return {
    file: node,
    args: [...job.nodeArguments, script],
    cwd: workingDirectory || defaultWorkingDirectory(job),
    env: taskEnvironment({
      agent: agentEnvironment,
      stepEnv: instance.step.env,
      variables,
      inputs,
      endpoints: endpointsOf(definition, inputs, job.endpoints),
      taskVariables: instance.taskVariables,
      prependedPath: job.prependedPath,
      agentVersion: job.agentVersion,
    }),
    failure: code => `Exit code ${code} returned from process: file name '${node}', arguments '"${script}"'.`,
  };
}

/** The binary that runs a handler: of the container's image if that names one, else of the agent's `externals`. */
function nodeFor(job: JobRun, kind: HandlerKind, warn: (message: string) => void): string {
  const { options, variables, agentEnvironment } = job;
  const own = options.container?.node;
  if (own !== undefined) return own;
  const isOn = (name: string) => /^(?:1|\$?true)$/i.test(variables.get(name) ?? agentEnvironment[name] ?? '');
  const knob: Knob = (name, feature) => isOn(name) || (feature !== undefined && isOn(feature));
  const { folder, warning } = chooseNode(kind, knob, options.oldSystem === true);
  if (warning !== undefined) warn(warning);
  const file = nodeBinary(job.agentRoot, folder);
  if (!existsSync(file))
    throw new Error(`This step requires a node version that does not exist in path '${file}'.`);
  if (options.oldSystem === true && (folder === 'node20_1' || folder === 'node24'))
    throw new Error(`${file}: /lib64/libc.so.6: version \`GLIBC_2.28' not found (required by ${file})`);
  return file;
}

/** As the tasks Bash and PowerShell start their scripts. */
const shells = {
  bash: { title: 'Bash', extension: 'sh', args: ['--noprofile', '--norc'] },
  pwsh: {
    title: 'PowerShell',
    extension: 'ps1',
    args: ['-NoLogo', '-NoProfile', '-NonInteractive', '-File'],
  },
} as const;

function launchScript(job: JobRun, { step }: ScriptInstance): Launch {
  const { variables, agentEnvironment, prependedPath } = job;
  const { title, extension, args } = shells[step.shell];
  const scriptFile = join(job.folders.temp, `${randomUUID()}.${extension}`);
  const script = variables.replaceMacros(step.script);
  writeFileSync(scriptFile, step.shell === 'pwsh' ? `$ErrorActionPreference = 'stop'\n${script}` : script);
  return {
    file: step.shell,
    args: [...args, scriptFile],
    cwd: resolve(defaultWorkingDirectory(job), variables.replaceMacros(step.workingDirectory)),
    env: scriptEnvironment({ agent: agentEnvironment, stepEnv: step.env, variables, prependedPath }),
    failure: code => `${title} exited with code '${code}'.`,
    scriptFile,
  };
}

function defaultWorkingDirectory({ variables, folders }: JobRun): string {
  return variables.get('System.DefaultWorkingDirectory') ?? folders.work;
}
