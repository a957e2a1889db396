import { randomUUID } from 'node:crypto';
import { delimiter } from 'node:path';
import { evaluateVariable } from './job-conditions.js';
import { JobControl } from './job-control.js';
import {
  createJobFolders,
  emptyTempFolder,
  FolderWatch,
  type HostType,
  type JobFolders,
  type Leftover,
  removeJobFolders,
} from './job-folders.js';
import { agentTiming, type JobOptions, type StageName } from './job-options.js';
import type { JobResult, JobVariable, StepResult } from './job-result.js';
import { type JobRun, JobStatus, isTaskInstance, isTaskStep, type StepInstance } from './job-run.js';
import { SecretMasker } from './masker.js';
import { endOrphans, findOrphans, lookupVariable, type OrphanProcess } from './orphans.js';
import { seededRandom } from './output-lines.js';
import type { PipelineJob } from './pipeline.js';
import { deactivateCommands, predefinedVariables, type RunIdentity } from './predefined-variables.js';
import type { Issue, JobOutcome, Stage } from './results.js';
import {
  createEndpoints,
  createSystemConnection,
  maskEndpoint,
  resolveInputs,
} from './service-connections.js';
import { runStage } from './stage-run.js';
import type { TaskPackage } from './task-package.js';
import { VariableStore } from './variables.js';

export interface JobStart {
  readonly job: PipelineJob;
  readonly pipelineName: string;
  readonly taskPackage: TaskPackage;
  readonly run: RunIdentity;
  /** The jobs that this one depends on. */
  readonly dependencies: readonly JobResult[];
  readonly options: JobOptions;
}

/** Runs one job: initialize, all pre-jobs, all main stages, all post-jobs last first, finalize. */
export async function runOneJob(start: JobStart): Promise<JobResult> {
  const folders = await createJobFolders(start.options.hostType ?? 'build', start.options.workFolder);
  try {
    return await new Job(start, folders).run();
  } finally {
    if (start.options.workFolder === undefined) await removeJobFolders(folders);
  }
}

class Job {
  readonly #start: JobStart;
  readonly #masker = new SecretMasker();
  readonly #run: JobRun;
  readonly #lines: string[] = [];
  readonly #issues: Issue[] = [];
  readonly #steps: StepResult[] = [];
  readonly #lookupId = `vsts_${randomUUID()}`;

  constructor(start: JobStart, folders: JobFolders) {
    this.#start = start;
    this.#run = this.#initialize(folders);
  }

  async run(): Promise<JobResult> {
    const release = this.#followControl();
    try {
      const instances = await this.#prepareSteps();
      const watch = await FolderWatch.start(this.#run.folders);
      for (const [instance, stage] of stagesInOrder(instances)) {
        this.#steps.push(await runStage(this.#run, instance, stage));
      }
      return await this.#finalize(watch);
    } catch (error) {
      // Nothing of the job has run: so say the server or "Initialize job".
      if (this.#steps.length > 0) throw error;
      return this.#failedBeforeSteps(error instanceof Error ? error.message : String(error));
    } finally {
      release();
    }
  }

  #initialize(folders: JobFolders): JobRun {
    const { options, job } = this.#start;
    const hostType: HostType = options.hostType ?? 'build';
    const collectionUrl = `${options.collectionUrl.replace(/\/+$/, '')}/`;
    const jobToken = options.jobToken ?? `job-token-${randomUUID()}`;
    const masker = this.#masker;
    const variables = new VariableStore(masker, message => {
      this.#issue('warning', message);
    });
    const control = new JobControl();
    this.#setInitialVariables({ variables, masker, hostType, collectionUrl, jobToken, folders });

    const endpoints = [
      createSystemConnection(collectionUrl, jobToken),
      ...createEndpoints(options.serviceConnections ?? {}),
    ];
    for (const endpoint of endpoints) maskEndpoint(endpoint, masker);

    const minute = { ...agentTiming, ...options.timing }.minuteMs;
    const timing = {
      ...agentTiming,
      ...(job.cancelTimeoutInMinutes !== undefined && {
        cancelBudgetMs: job.cancelTimeoutInMinutes * minute,
      }),
      ...options.timing,
    };
    return {
      options,
      hostType,
      timing,
      folders,
      control,
      masker,
      variables,
      endpoints,
      node: options.node ?? process.execPath,
      random: options.interleavingSeed === undefined ? undefined : seededRandom(options.interleavingSeed),
      agentEnvironment: {
        PATH: systemPath(),
        HOME: folders.home,
        LANG: 'C.UTF-8',
        [lookupVariable]: this.#lookupId,
        ...options.environment,
      },
      prependedPath: [],
      outputs: new Set(),
      uploads: [],
      buildTags: [],
      status: new JobStatus(control),
      log: (line, stage) => {
        this.#log(line, stage);
      },
    };
  }

  #setInitialVariables(
    start: Pick<JobRun, 'variables' | 'masker' | 'hostType' | 'folders'> & {
      readonly collectionUrl: string;
      readonly jobToken: string;
    },
  ): void {
    const { options, job, run, pipelineName, dependencies } = this.#start;
    const { variables, masker, hostType, collectionUrl, jobToken, folders } = start;
    const set = (name: string, value: string, isSecret = false) => {
      if (isSecret) masker.addInitialVariable(value);
      variables.set(name, deactivateCommands(name, value), { isSecret });
    };
    const identity = { run, hostType, collectionUrl, pipelineName, folders };
    const own = {
      jobName: job.name,
      jobDisplayName: job.displayName,
      proxy: options.proxy,
      caFile: options.caFile,
    };
    for (const [name, value] of Object.entries(predefinedVariables({ ...identity, ...own })))
      set(name, value);
    if (options.proxy?.password !== undefined) set('Agent.ProxyPassword', options.proxy.password, true);
    // A classic release hands the token out as a variable only if its job allows scripts to use it.
    if (hostType === 'build') set('System.AccessToken', jobToken, true);
    if (options.debug === true) set('System.Debug', 'true');

    for (const [name, text] of job.variables) {
      const { value, isSecret } = evaluateVariable(text, dependencies, known => variables.get(known));
      set(name, value, isSecret);
    }
    for (const [name, value] of Object.entries(options.variables ?? {})) {
      if (typeof value === 'string') set(name, value);
      else set(name, value.value, value.isSecret);
    }
    variables.expandAll();
  }

  /** Finds and unpacks the tasks and resolves service connections. Throws what keeps the job from starting. */
  async #prepareSteps(): Promise<StepInstance[]> {
    const { job, taskPackage } = this.#start;
    const { endpoints, masker, folders, variables } = this.#run;
    if (this.#run.hostType === 'release') this.#logPublicVariables();
    const counts = new Map<string, number>();
    const instances: StepInstance[] = [];
    for (const step of job.steps.filter(({ enabled }) => enabled)) {
      const base = isTaskStep(step) ? (step.task.name.split('.').at(-1) ?? step.task.name) : 'CmdLine';
      counts.set(base, (counts.get(base) ?? 0) + 1);
      const refName = step.name ?? `${base}${counts.get(base) ?? 1}`;
      const id = randomUUID();
      const taskVariables = new VariableStore(masker, message => {
        this.#issue('warning', message);
      });
      if (!isTaskStep(step)) {
        instances.push({ step, id, refName, taskVariables, displayName: step.displayName ?? refName });
        continue;
      }
      const task = taskPackage.find(step.task.name, step.task.major);
      if (task === undefined) {
        const reference = `${step.task.name}@${step.task.major}`;
        throw new Error(
          `A task is missing. The pipeline references a task called '${step.task.name}'. This usually indicates the ` +
            `task isn't installed, and you may be able to install it from the Marketplace: ` +
            `https://marketplace.visualstudio.com. (Task ${reference}, job '${job.name}', step '${refName}'.)`,
        );
      }
      const publicVariable = (name: string) =>
        variables.all().find(known => !known.isSecret && known.name.toLowerCase() === name.toLowerCase())
          ?.value;
      instances.push({
        step,
        id,
        refName,
        taskVariables,
        displayName: variables.replaceMacros(step.displayName ?? task.definition.friendlyName),
        definition: task.definition,
        folder: await taskPackage.install(task, folders.tasks),
        inputs: resolveInputs(
          { inputs: step.inputs, refName, job: job.name },
          task,
          endpoints,
          publicVariable,
        ),
      });
    }
    return instances;
  }

  /** Lets the caller's control act on this job, together with the job's own timeout and its cancel budget. */
  #followControl(): () => void {
    const { options, job } = this.#start;
    const { control, timing } = this.#run;
    const timers: NodeJS.Timeout[] = [];
    control.onState(state => {
      if (state !== 'canceled') return;
      timers.push(
        setTimeout(() => {
          control.killWorker();
        }, timing.cancelBudgetMs),
      );
    });
    const outer = options.control;
    const follow = () => {
      if (outer?.state === 'canceled') control.cancel();
      if (outer?.state === 'agent shutdown') control.shutdownAgent();
      if (outer?.state === 'worker killed') control.killWorker();
    };
    const forget = [
      outer?.onState(follow),
      outer?.onSignal(signal => {
        control.killStep(signal);
      }),
    ];
    follow();
    if (job.timeoutInMinutes !== undefined && job.timeoutInMinutes > 0) {
      const cancel = () => {
        this.#issue(
          'error',
          `The job running has exceeded the maximum time of ${String(job.timeoutInMinutes)} minutes.`,
        );
        control.cancel();
      };
      timers.push(setTimeout(cancel, job.timeoutInMinutes * timing.minuteMs));
    }
    return () => {
      for (const timer of timers) clearTimeout(timer);
      for (const leave of forget) leave?.();
    };
  }

  async #finalize(watch: FolderWatch): Promise<JobResult> {
    const { control, masker, folders } = this.#run;
    const leftovers = await watch.leftovers(masker);
    const orphans = findOrphans(this.#lookupId);
    endOrphans(orphans);
    const killed = control.state === 'worker killed';
    if (!killed) await emptyTempFolder(folders);
    const lost = killed && this.#start.options.control?.state === 'worker killed';
    return this.#result(lost ? 'Failed' : this.#outcome(), true, leftovers, orphans);
  }

  #outcome(): JobOutcome {
    const { outcome } = this.#run.status;
    return outcome === 'Failed' && this.#start.job.continueOnError ? 'SucceededWithIssues' : outcome;
  }

  #failedBeforeSteps(message: string): JobResult {
    this.#issue('error', message);
    return this.#result('Failed', false, [], []);
  }

  #result(
    result: JobOutcome,
    started: boolean,
    leftovers: readonly Leftover[],
    orphans: readonly OrphanProcess[],
  ): JobResult {
    const { variables, outputs, uploads, buildTags } = this.#run;
    const all = variables
      .all()
      .map(({ name, value, isSecret }): [string, JobVariable] => [name, { value, isSecret }]);
    const outputNames = new Set([...outputs].map(name => name.toLowerCase()));
    return {
      name: this.#start.job.name,
      result,
      started,
      issues: this.#issues,
      steps: this.#steps,
      variables: Object.fromEntries(all),
      outputs: Object.fromEntries(all.filter(([name]) => outputNames.has(name.toLowerCase()))),
      uploads,
      buildTags,
      leftovers,
      orphans,
      log: this.#lines.join('\n'),
    };
  }

  #logPublicVariables(): void {
    const { variables, masker } = this.#run;
    this.#log('Environment variables available are below.', undefined);
    for (const { name, value, isSecret } of variables.all()) {
      if (!isSecret) this.#log(masker.mask(`[${name}] --> [${value}]`), undefined);
    }
  }

  #issue(type: Issue['type'], text: string): void {
    const message = this.#masker.mask(text);
    this.#issues.push({ type, message, data: {} });
    this.#log(`##[${type}]${message}`, undefined);
  }

  #log(line: string, stage: StageName | undefined): void {
    this.#lines.push(line);
    this.#start.options.onLine?.(line, stage);
  }
}

/** All pre-jobs, then all main stages, then the post-jobs of every step, the last one first. */
function stagesInOrder(instances: readonly StepInstance[]): [StepInstance, Stage][] {
  const having = (stage: Stage) =>
    instances
      .filter(instance =>
        isTaskInstance(instance) ? instance.definition.stages[stage] !== undefined : stage === 'main',
      )
      .map((instance): [StepInstance, Stage] => [instance, stage]);
  return [...having('pre'), ...having('main'), ...having('post').reverse()];
}

/** The machine's PATH without what npm puts in front of it. */
function systemPath(): string {
  const entries = (process.env['PATH'] ?? '').split(delimiter);
  return entries.filter(entry => !entry.includes('node_modules')).join(delimiter);
}
