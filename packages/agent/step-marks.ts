import { isAbsolute, join } from 'node:path';
import type { Agent } from './agent.js';
import type { Clock } from '#http/clock';
import type { MarkFiles } from './mark-files.js';
import { Failure } from '#advice/failure';

/** Whether the main stage of a step may still be at work, as its post-job stage sees it. */
export type MainStage =
  | 'over'
  /** Over, with PATs on its record. */
  | 'left PATs'
  | 'goes on'
  | 'not seen';

/**
 * The marks that both stages of a step leave each other in the job's temp folder, which a container sees too. In a
 * container a cancelled main stage is not told to stop: the agent ends the docker client, loses sight of the process, and
 * runs the post-job stage beside it. The process then finds the mark of that stage, and ends what it made.
 *
 * The marks are empty but for a process id. Whoever can write there can stop a step from issuing, and nothing else.
 */
export class StepMarks {
  readonly #path: string | undefined;

  private readonly files: MarkFiles;

  constructor(agent: Pick<Agent, 'variable' | 'marks'>) {
    this.files = agent.marks;
    this.#path = pathOf(agent);
  }

  /**
   * Marks that the main stage is at work.
   *
   * @param work gets a place to say how many PATs are on its record
   * @throws Failure what `work` throws; `cancelled` when the post-job stage has been here
   */
  async duringMain<T>(work: (left: { onRecord: () => number }) => Promise<T>): Promise<T> {
    this.mustBeWanted();
    this.#remove('done', 'main');
    this.#write('main', String(this.files.processId));
    const left = { onRecord: () => 0 };
    try {
      return await work(left);
    } finally {
      this.#write('done', String(left.onRecord()));
    }
  }

  /** @throws Failure `cancelled` when the post-job stage has been here: nobody would revoke what is made now */
  mustBeWanted(): void {
    if (!this.#has('post')) return;
    throw new Failure(
      'cancelled',
      'The post-job stage of this step has run already: the step was cancelled, or ran out of time.',
      'What it made is revoked again.',
    );
  }

  /**
   * The post-job stage begins: from now on the main stage makes nothing. Waits for one that is still at work.
   *
   * @param longest milliseconds
   */
  async postJobBegins(clock: Clock, longest: number): Promise<MainStage> {
    this.#write('post', '');
    if (!this.#has('main')) return 'not seen';
    const until = clock.now().getTime() + longest;
    while (this.#isAtWork()) {
      if (clock.now().getTime() >= until) return 'goes on';
      await clock.wait(LOOK_EVERY);
    }
    const left = Number(this.#read('done'));
    this.#remove('main', 'done', 'post');
    return left > 0 ? 'left PATs' : 'over';
  }

  #isAtWork(): boolean {
    if (this.#has('done')) return false;
    const id = Number(this.#read('main'));
    return Number.isSafeInteger(id) && id > 0 && id !== this.files.processId && this.files.isAlive(id);
  }

  #has(mark: Mark): boolean {
    return this.#path !== undefined && this.files.has(`${this.#path}.${mark}`);
  }

  #read(mark: Mark): string {
    return this.#path === undefined ? '' : this.files.read(`${this.#path}.${mark}`);
  }

  #write(mark: Mark, text: string): void {
    if (this.#path !== undefined) this.files.write(`${this.#path}.${mark}`, text);
  }

  #remove(...marks: readonly Mark[]): void {
    for (const mark of marks) if (this.#has(mark)) this.files.remove(`${this.#path ?? ''}.${mark}`);
  }
}

type Mark = 'main' | 'done' | 'post';

const LOOK_EVERY = 250;

/** Undefined when the agent does not say which step this is, or where its temp folder is. */
function pathOf(agent: Pick<Agent, 'variable'>): string | undefined {
  const folder = agent.variable('Agent.TempDirectory') ?? '';
  const step = agent.variable('System.TaskInstanceId') ?? '';
  // A share on another machine would be signed in to: the folder is a variable, and any step can set one.
  if (step === '' || !isAbsolute(folder) || /^[\\/]{2}/.test(folder)) return undefined;
  const place = [
    'Build.BuildId',
    'Release.ReleaseId',
    'System.JobId',
    'System.JobAttempt',
    'System.StageAttempt',
  ];
  const parts = [step, ...place.map(name => agent.variable(name) ?? '')];
  return join(
    folder,
    `job-pat-${parts.map(part => part.replace(/[^A-Za-z0-9-]/g, '')).join('-')}`.slice(0, 200),
  );
}
