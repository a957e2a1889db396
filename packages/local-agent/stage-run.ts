import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandProcessor } from './command-processor.js';
import { DetailTimeline } from './detail-timeline.js';
import type { JobState } from './job-control.js';
import { stepConditionHolds } from './job-conditions.js';
import type { StageName } from './job-options.js';
import type { StepResult } from './job-result.js';
import { isTaskInstance, type JobRun, type StepInstance } from './job-run.js';
import type { Stage, TaskResult } from './results.js';
import { type Launch, prepareLaunch } from './stage-launch.js';
import { StageLog } from './stage-log.js';
import { type ProcessEnd, startProcess, type StepProcess, type Stopping } from './step-process.js';

type StopReason = 'canceled' | 'timed out' | 'worker killed';

const titlePrefix: Readonly<Record<Stage, string>> = { pre: 'Pre-job: ', main: '', post: 'Post-job: ' };

/** Runs one stage of one step, from its condition to its result. Never rejects for what a step does. */
export async function runStage(job: JobRun, instance: StepInstance, stage: Stage): Promise<StepResult> {
  return new StageRun(job, instance, stage).run();
}

class StageRun {
  readonly #job: JobRun;
  readonly #instance: StepInstance;
  readonly #name: StageName;
  readonly #log: StageLog;
  readonly #commands: CommandProcessor;
  readonly #stopping = new AbortController();
  readonly #begin = performance.now();
  readonly #startTime = new Date();
  readonly #timeline: DetailTimeline;
  #stopReason: StopReason | undefined;
  #process: StepProcess | undefined;
  #lastEnd: ProcessEnd | undefined;
  #rawOutput = '';
  #attempts = 0;
  #currentOperation: string | undefined;

  constructor(job: JobRun, instance: StepInstance, stage: Stage) {
    this.#job = job;
    this.#instance = instance;
    this.#name = { name: instance.refName, title: titlePrefix[stage] + instance.displayName, stage };
    this.#log = new StageLog(
      job.masker,
      () => job.variables.isTrue('System.Debug'),
      line => {
        job.log(line, this.#name);
      },
    );
    this.#timeline = new DetailTimeline(job.knownRecords);
    this.#commands = this.#commandProcessor();
  }

  async run(): Promise<StepResult> {
    const { control, options } = this.#job;
    if (control.state === 'worker killed') return this.#result('Abandoned', false);
    if (control.state === 'agent shutdown') return this.#result('Skipped', false);

    this.#job.stageLog.current = this.#log;
    this.#setStageVariables();
    const holds = this.#conditionHolds();
    if (holds !== true) {
      const result = this.#result(holds === false ? 'Skipped' : 'Failed', false);
      this.#job.status.merge(result.result);
      return result;
    }

    options.onStageStart?.(this.#name);
    this.#log.write(`##[section]Starting: ${this.#name.title}`);
    for (const line of banner(this.#instance)) this.#log.write(line);
    await this.#runAttempts();
    const result = this.#conclude();
    if (this.#stopReason !== 'worker killed') this.#timeline.complete();
    this.#job.status.merge(result);
    if (this.#stopReason !== 'worker killed') this.#log.write(`##[section]Finishing: ${this.#name.title}`);
    const stepResult = this.#result(result, this.#attempts > 0);
    options.onStageEnd?.(stepResult);
    return stepResult;
  }

  /** The variables that change from stage to stage; then everything is expanded anew. */
  #setStageVariables(): void {
    const { variables, status } = this.#job;
    const { id, refName } = this.#instance;
    variables.set('Agent.JobStatus', status.outcome);
    variables.set('System.TaskInstanceId', id);
    variables.set('System.TaskInstanceName', refName);
    variables.set('System.TaskDisplayName', this.#name.title);
    variables.set('task.displayname', this.#name.title);
    variables.expandAll();
  }

  #condition(): string {
    return this.#name.stage === 'post' ? 'always()' : (this.#instance.step.condition ?? 'succeeded()');
  }

  /** Undefined: the condition is not valid, which is logged. */
  #conditionHolds(): boolean | undefined {
    const { status, variables } = this.#job;
    const condition = this.#condition();
    try {
      const holds = stepConditionHolds(condition, status.outcome, variables);
      this.#log.debug(`Evaluating condition for step: '${this.#name.title}'`);
      this.#log.debug(`${condition} => ${holds ? 'True' : 'False'}`);
      return holds;
    } catch (error) {
      this.#log.fail(messageOf(error));
      return undefined;
    }
  }

  async #runAttempts(): Promise<void> {
    const { control, timing } = this.#job;
    const { retryCountOnTaskFailure: retries, timeoutInMinutes = 0 } = this.#instance.step;
    const forgetState = control.onState(state => {
      this.#onJobState(state);
    });
    const forgetSignal = control.onSignal(signal => this.#process?.send(signal));
    const timeout =
      timeoutInMinutes > 0
        ? setTimeout(() => {
            this.#stop('timed out');
          }, timeoutInMinutes * timing.minuteMs)
        : undefined;
    try {
      for (let retry = 0; ; retry += 1) {
        const failure = await this.#attempt();
        const last = this.#stopReason !== undefined || retry >= retries;
        if (failure !== undefined && last) this.#log.fail(failure);
        if (last || (failure === undefined && this.#log.result !== 'Failed')) return;
        const wait = (retry + 1) ** 2 * timing.retryUnitMs;
        this.#log.warning(
          `RetryHelper encountered ${failure === undefined ? 'task failure' : 'exception'}, will retry ` +
            `(attempt #: ${retry + 1} ${failure ?? `out of ${retries}`}) after ${wait} ms`,
        );
        // A process that ended with a code leaves what it said of itself: a Failed stays for the next attempt.
        if (failure === undefined) this.#log.result = undefined;
        await delay(wait, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
        if (this.#stopping.signal.aborted) return;
      }
    } finally {
      clearTimeout(timeout);
      forgetState();
      forgetSignal();
    }
  }

  /** Returns what the agent throws for: a process that did not start, or ended with a code. */
  async #attempt(): Promise<string | undefined> {
    const { timing, random } = this.#job;
    let launch: Launch | undefined;
    try {
      launch = prepareLaunch(this.#job, this.#instance, this.#name.stage, message => {
        this.#log.warning(message);
      });
      if (isTaskInstance(this.#instance)) this.#log.debug(`Using node path: ${launch.file}`);
      this.#process = startProcess({
        ...launch,
        timing,
        random,
        stopping: stoppingOf(this.#job),
        onLine: line => {
          if (this.#stopReason !== 'worker killed') this.#commands.handleLine(line);
        },
      });
      this.#attempts += 1;
      const end = await this.#process.ended;
      this.#lastEnd = end;
      this.#rawOutput += end.rawOutput;
      const code = exitCodeOf(end);
      return code !== 0 && this.#stopReason === undefined ? launch.failure(code) : undefined;
    } catch (error) {
      return messageOf(error);
    } finally {
      this.#process = undefined;
      if (launch?.scriptFile !== undefined && this.#stopReason !== 'worker killed') {
        rmSync(launch.scriptFile, { force: true });
      }
    }
  }

  /** A cancel leaves a step alone whose condition still holds; a stopping agent spares none. */
  #onJobState(state: JobState): void {
    if (state === 'worker killed') this.#stop('worker killed');
    else if (state === 'agent shutdown' || this.#conditionHolds() !== true) this.#stop('canceled');
  }

  #stop(reason: StopReason): void {
    if (reason === 'worker killed') {
      this.#stopReason = reason;
      this.#process?.kill();
    } else {
      if (this.#stopReason !== undefined) return;
      this.#stopReason = reason;
      if (this.#process !== undefined) {
        if (this.#job.options.container !== undefined) this.#job.leftRunning.push(this.#process);
        this.#process.stop();
      }
    }
    this.#stopping.abort();
  }

  #conclude(): TaskResult {
    switch (this.#stopReason) {
      case 'worker killed':
        return 'Abandoned';
      case 'canceled':
        this.#log.error('The operation was canceled.');
        this.#log.result = 'Canceled';
        break;
      case 'timed out':
        this.#log.error('The task has timed out.');
        this.#log.result = 'Failed';
        break;
      case undefined:
        break;
    }
    const result = this.#log.merged();
    return result === 'Failed' && this.#instance.step.continueOnError ? 'SucceededWithIssues' : result;
  }

  #commandProcessor(): CommandProcessor {
    const {
      options,
      hostType,
      masker,
      variables,
      endpoints,
      prependedPath,
      outputs,
      buildTags,
      uploads,
      timing,
      agentVersion,
    } = this.#job;
    const { step, taskVariables, refName } = this.#instance;
    const definition = isTaskInstance(this.#instance) ? this.#instance.definition : undefined;
    const target = {
      log: this.#log,
      restrictions: [definition?.restriction ?? {}, step.restriction, options.commandRestriction ?? {}],
      declaredOutputs: new Set((definition?.outputVariables ?? []).map(name => name.toLowerCase())),
      hostType,
      masker,
      variables,
      taskVariables,
      refName,
      outputs,
      endpoints,
      prependedPath,
      buildTags,
      timeline: this.#timeline,
      agentVersion,
      progress: (_percent: number, currentOperation: string) => {
        if (currentOperation !== '') this.#currentOperation = currentOperation;
      },
      upload: (upload: Omit<StepUpload, 'secrets' | 'step'>) => {
        uploads.push({
          ...upload,
          step: refName,
          secrets: masker.countSecretsIn(upload.content.toString('latin1')),
        });
      },
      complete: () => {
        const current = this.#process;
        setTimeout(() => current?.abandon(), timing.doneMs).unref();
      },
    };
    return new CommandProcessor(target, command => {
      options.onCommand?.(command, this.#name);
    });
  }

  #result(result: TaskResult, started: boolean): StepResult {
    return {
      ...this.#name,
      result,
      started,
      issues: this.#log.issues,
      log: this.#log.lines,
      rawOutput: this.#rawOutput,
      exitCode: this.#lastEnd?.exitCode,
      signal: this.#lastEnd?.signal,
      attempts: this.#attempts,
      taskVariables: this.#instance.taskVariables.names(),
      startTime: this.#startTime,
      durationMs: performance.now() - this.#begin,
      task: isTaskInstance(this.#instance) ? this.#instance.definition : undefined,
      timeline: this.#timeline.records,
      currentOperation: this.#currentOperation,
    };
  }
}

function stoppingOf({ options, variables, agentEnvironment }: JobRun): Stopping {
  if (options.container !== undefined) return 'container';
  if (options.windowsConsole === true) return 'console';
  const graceful = 'USE_GRACEFUL_PROCESS_SHUTDOWN';
  return variables.isTrue(graceful) || agentEnvironment[graceful] === 'true' ? 'patient' : 'signals';
}

type StepUpload = JobRun['uploads'][number];

function banner(instance: StepInstance): string[] {
  const rule = '='.repeat(78);
  if (!isTaskInstance(instance)) {
    const { isOwn, shell } = instance.step;
    if (isOwn) return [];
    return [rule, `Task         : ${shell === 'pwsh' ? 'PowerShell' : 'Bash'}`, rule, 'Generating script.'];
  }
  const { friendlyName, description, version, author, helpMarkDown } = instance.definition;
  return [
    rule,
    `Task         : ${friendlyName}`,
    `Description  : ${description}`,
    `Version      : ${version.text}`,
    `Author       : ${author}`,
    `Help         : ${helpMarkDown}`,
    rule,
  ];
}

/** As a shell tells it: 128 and the signal's number. 0 if the step was finished before its process. */
function exitCodeOf({ exitCode, signal }: ProcessEnd): number {
  return exitCode ?? (signal === null ? 0 : 128 + constants.signals[signal]);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
