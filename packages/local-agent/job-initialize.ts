import { randomUUID } from 'node:crypto';
import { delimiter, join } from 'node:path';
import { newestAgent } from './agent-version.js';
import { type Dependencies, evaluateVariable } from './job-conditions.js';
import { JobControl } from './job-control.js';
import { type HostType, isRelease, type JobFolders } from './job-folders.js';
import {
  agentTiming,
  type HandedJob,
  type JobOptions,
  type StageName,
  type VariableValue,
} from './job-options.js';
import { isTaskInstance, isTaskStep, type JobRun, JobStatus, type StepInstance } from './job-run.js';
import type { SecretMasker } from './masker.js';
import { networkVariables } from './network-variables.js';
import { lookupVariable } from './orphans.js';
import { seededRandom } from './output-lines.js';
import type { PipelineJob, TaskStep } from './pipeline.js';
import {
  deactivateCommands,
  defaultProject,
  hubOf,
  jobIdOf,
  predefinedVariables,
  type ProjectOfRun,
  releaseHostUrl,
  type RunIdentity,
} from './predefined-variables.js';
import type { Issue } from './results.js';
import {
  createEndpoints,
  createSystemConnection,
  maskEndpoint,
  resolveInputs,
} from './service-connections.js';
import type { PackagedTask, TaskPackage } from './task-package.js';
import { VariableStore } from './variables.js';

const consoleBreak = join(import.meta.dirname, 'console-break.cjs');

export interface JobStart {
  readonly job: PipelineJob;
  /** Of the pipeline. */
  readonly stageName: string;
  readonly pipelineName: string;
  readonly taskPackage: TaskPackage;
  readonly run: RunIdentity;
  readonly dependencies: Dependencies;
  readonly options: JobOptions;
}

/** Where a job's own words go. */
export interface JobLog {
  readonly masker: SecretMasker;
  log(line: string, stage: StageName | undefined): void;
  issue(type: Issue['type'], message: string): void;
}

/** Sets a job up: variables, connections, masks and the agent's own environment. Throws ExpressionError. */
export function initializeJob(
  start: JobStart,
  folders: JobFolders,
  lookupId: string,
  jobLog: JobLog,
): JobRun {
  const { options, job } = start;
  const { masker } = jobLog;
  const hostType = options.hostType ?? 'build';
  const collectionUrl = `${options.collectionUrl.replace(/\/+$/, '')}/`;
  const jobToken = options.jobToken ?? `job-token-${randomUUID()}`;
  const agentVersion = options.agentVersion ?? newestAgent;
  const agentRoot = options.container === undefined ? folders.root : folders.containerAgent;
  const control = new JobControl();
  const project = projectOf(options);
  const stageLog: JobRun['stageLog'] = { current: undefined };
  const newVariableStore = () =>
    new VariableStore(masker, message => {
      if (stageLog.current === undefined) jobLog.issue('warning', message);
      else stageLog.current.warning(message);
    });
  const variables = newVariableStore();
  setInitialVariables(start, {
    variables,
    masker,
    hostType,
    collectionUrl,
    jobToken,
    folders,
    agentVersion,
    agentRoot,
    project,
  });

  const endpoints = [
    createSystemConnection(isRelease(hostType) ? releaseHostUrl(collectionUrl) : collectionUrl, jobToken),
    ...createEndpoints(options.serviceConnections ?? {}),
  ];
  for (const endpoint of endpoints) maskEndpoint(endpoint, masker);

  const minuteMs = options.timing?.minuteMs ?? agentTiming.minuteMs;
  const ownBudget = job.cancelTimeoutInMinutes;
  return {
    options,
    hostType,
    project,
    jobToken,
    folders,
    control,
    masker,
    variables,
    endpoints,
    stageLog,
    newVariableStore,
    timing: {
      ...agentTiming,
      ...options.timing,
      ...(ownBudget !== undefined && { cancelBudgetMs: ownBudget * minuteMs }),
    },
    agentVersion,
    agentRoot,
    nodeArguments: options.windowsConsole === true ? ['--require', consoleBreak] : [],
    random: options.interleavingSeed === undefined ? undefined : seededRandom(options.interleavingSeed),
    agentEnvironment: {
      PATH: systemPath(),
      HOME: folders.home,
      LANG: 'C.UTF-8',
      [lookupVariable]: lookupId,
      ...(options.container === undefined ? options.environment : options.container.environment),
    },
    prependedPath: [],
    outputs: new Set(),
    uploads: [],
    buildTags: [],
    leftRunning: [],
    knownRecords: new Map(),
    status: new JobStatus(control),
    log: (line, stage) => {
      jobLog.log(line, stage);
    },
  };
}

interface VariableSources {
  readonly variables: VariableStore;
  readonly masker: SecretMasker;
  readonly hostType: HostType;
  readonly folders: JobFolders;
  readonly collectionUrl: string;
  readonly jobToken: string;
  readonly agentVersion: string;
  readonly agentRoot: string;
  readonly project: ProjectOfRun;
}

function setInitialVariables(start: JobStart, sources: VariableSources): void {
  const { options, job, stageName, run, pipelineName, dependencies } = start;
  const { variables, masker, hostType, jobToken, folders, ...place } = sources;
  const set = (name: string, value: string, isSecret = false) => {
    if (isSecret) masker.addInitialVariable(value);
    variables.set(name, deactivateCommands(name, value), { isSecret });
  };
  const names = { stageName, jobName: job.name, jobDisplayName: job.displayName, pipelineName };
  const setAll = (values: Readonly<Record<string, VariableValue>>) => {
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === 'string') set(name, value);
      else set(name, value.value, value.isSecret);
    }
  };
  setAll(predefinedVariables({ run, hostType, folders, ...place, ...names }));
  setAll(networkVariables(options));
  // A classic release hands the token out as a variable only if its job allows scripts to use it.
  if (hostType === 'build') set('System.AccessToken', jobToken, true);
  if (options.debug === true) set('System.Debug', 'true');

  for (const [name, text] of job.variables) {
    const { value, isSecret } = evaluateVariable(text, dependencies, known => variables.get(known));
    set(name, value, isSecret);
  }
  setAll(options.variables ?? {});
  variables.expandAll();
}

/** The project of the run, as whoever starts it names it. */
function projectOf({ variables = {} }: JobOptions): ProjectOfRun {
  const named = (wanted: string): string | undefined => {
    const value = Object.entries(variables).find(([name]) => name.toLowerCase() === wanted)?.[1];
    return typeof value === 'string' ? value : value?.value;
  };
  return {
    id: named('system.teamprojectid') ?? defaultProject.id,
    name: named('system.teamproject') ?? defaultProject.name,
  };
}

/** What the server knows of a job whose steps are prepared. */
export function handedJob(
  { job, stageName, pipelineName, run: { planId } }: JobStart,
  run: JobRun,
  steps: readonly StepInstance[],
): HandedJob {
  const named = steps
    .filter(isTaskInstance)
    .flatMap(({ definition, inputs }) =>
      definition.inputs
        .filter(({ type }) => type.startsWith('connectedService:'))
        .flatMap(({ name }) => (inputs.get(name) ?? '').split(',')),
    );
  return {
    token: run.jobToken,
    project: run.project,
    hub: hubOf(run.hostType),
    planId,
    jobId: jobIdOf(stageName, job.name),
    pipeline: pipelineName,
    stage: stageName,
    name: job.name,
    connections: run.endpoints.filter(({ id }) => named.includes(id)).map(({ id, name }) => ({ id, name })),
  };
}

/**
 * Finds and unpacks the tasks of a job's enabled steps and resolves the service connections they name.
 * Throws what keeps the job from starting, in the words of Azure DevOps.
 */
export async function prepareSteps({ job, taskPackage }: JobStart, run: JobRun): Promise<StepInstance[]> {
  const { endpoints, folders, variables } = run;
  const publicVariable = (name: string) =>
    variables.all().find(known => !known.isSecret && known.name.toLowerCase() === name.toLowerCase())?.value;
  const counts = new Map<string, number>();
  const instances: StepInstance[] = [];
  for (const step of job.steps.filter(({ enabled }) => enabled)) {
    const base = isTaskStep(step) ? (step.task.name.split('.').at(-1) ?? step.task.name) : 'CmdLine';
    const count = (counts.get(base) ?? 0) + 1;
    counts.set(base, count);
    const refName = step.name ?? `${base}${count}`;
    const shared = { refName, id: randomUUID(), taskVariables: run.newVariableStore() };
    if (!isTaskStep(step)) {
      instances.push({ ...shared, step, displayName: variables.replaceMacros(step.displayName ?? refName) });
      continue;
    }
    const task = findTask(taskPackage, step, job.name, refName);
    instances.push({
      ...shared,
      step,
      displayName: variables.replaceMacros(step.displayName ?? task.definition.friendlyName),
      definition: task.definition,
      folder: await taskPackage.install(task, folders.tasks),
      inputs: resolveInputs({ inputs: step.inputs, refName, job: job.name }, task, endpoints, publicVariable),
    });
  }
  return instances;
}

function findTask(taskPackage: TaskPackage, { task }: TaskStep, job: string, step: string): PackagedTask {
  const found = taskPackage.find(task.name, task.major);
  if (found !== undefined) return found;
  throw new Error(
    `A task is missing. The pipeline references a task called '${task.name}'. This usually indicates the task isn't ` +
      'installed, and you may be able to install it from the Marketplace: https://marketplace.visualstudio.com. ' +
      `(Task version ${task.major}, job '${job}', step '${step}'.)`,
  );
}

/** The machine's PATH without what npm puts in front of it. */
function systemPath(): string {
  const entries = (process.env['PATH'] ?? '').split(delimiter);
  return entries.filter(entry => !entry.includes('node_modules')).join(delimiter);
}
