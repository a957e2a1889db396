import { randomUUID } from 'node:crypto';
import { layOutAgentRoot, layOutNodes } from './agent-root.js';
import {
  createJobFolders,
  emptyTempFolder,
  FolderWatch,
  isRelease,
  type JobFolders,
  type Leftover,
  removeJobFolders,
} from './job-folders.js';
import { handedJob, initializeJob, type JobStart, prepareSteps } from './job-initialize.js';
import type { StageName } from './job-options.js';
import type { JobResult, JobVariable, StepResult } from './job-result.js';
import { isTaskInstance, type JobRun, type StepInstance } from './job-run.js';
import { SecretMasker } from './masker.js';
import { endOrphans, findOrphans, type OrphanProcess } from './orphans.js';
import type { Issue, JobOutcome, Stage } from './results.js';
import { runStage } from './stage-run.js';

/** Runs one job: initialize, all pre-jobs, all main stages, all post-jobs last first, finalize. */
export async function runOneJob(start: JobStart): Promise<JobResult> {
  const folders = await createJobFolders(start.options.hostType ?? 'build', start.options.workFolder);
  try {
    if (start.options.container !== undefined) await layOutNodes(folders.containerAgent, start.options);
    await layOutAgentRoot(folders.root, start.options);
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
    this.#run = initializeJob(start, folders, this.#lookupId, {
      masker: this.#masker,
      log: (line, stage) => {
        this.#log(line, stage);
      },
      issue: (type, message) => {
        this.#issue(type, message);
      },
    });
  }

  async run(): Promise<JobResult> {
    const release = this.#followControl();
    try {
      if (isRelease(this.#run.hostType)) this.#logPublicVariables();
      const instances = await prepareSteps(this.#start, this.#run);
      await this.#start.options.onJob?.(handedJob(this.#start, this.#run, instances));
      const watch = await FolderWatch.start(this.#run.folders);
      for (const [instance, stage] of stagesInOrder(instances)) {
        this.#steps.push(await runStage(this.#run, instance, stage));
      }
      await Promise.all(this.#run.leftRunning.map(left => left.remove(this.#run.timing.containerMs)));
      return await this.#finalize(watch);
    } catch (error) {
      // Nothing of the job has run: so say the server or "Initialize job".
      if (this.#steps.length > 0) throw error;
      return this.#failedBeforeSteps(error instanceof Error ? error.message : String(error));
    } finally {
      release();
    }
  }

  /** Lets the caller's control act on this job, together with the job's own timeout and its cancel budget. */
  #followControl(): () => void {
    const { options, job } = this.#start;
    const { control, timing } = this.#run;
    const timers: NodeJS.Timeout[] = [];
    control.onState(state => {
      if (state !== 'canceled') return;
      const flushMs = timing.cancelBudgetMs - timing.minuteMs / 4;
      const flush = () => {
        this.#issue('error', 'Job cancelled due to worker timeout.');
      };
      if (flushMs > 0) timers.push(setTimeout(flush, flushMs));
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
      pipelineStage: this.#start.stageName,
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

  /** As the release agent does at the start of a job. */
  #logPublicVariables(): void {
    const masker = this.#masker;
    this.#log('Environment variables available are below.', undefined);
    for (const { name, value, isSecret } of this.#run.variables.all()) {
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
