import type { Log, Masker } from '#text/log';
import type { MarkFiles } from './mark-files.js';
import type { ServiceConnection } from './service-connection.js';
import type { StageSettings } from './stage-settings.js';

/**
 * The port between Job PAT and whatever runs it. The tasks know this interface only;
 * `task-lib-agent.ts` speaks it to the Azure Pipelines agent, a test speaks it from memory.
 */
export interface Agent extends Log, Progress, Masker {
  /** An input's value, trimmed; empty when not given. The agent applies the defaults of task.json. */
  input(name: string): string;
  /** An input that only some of the tasks have, read for all of them; empty in the others. */
  inputOfSome(name: string): string;
  /** An input that holds a secret: masked in all its forms before it is returned. */
  secretInput(name: string): string;
  /** A pipeline variable that is not secret. Any step can set it, whatever its name says: it decides nothing. */
  variable(name: string): string | undefined;
  /** A service connection named by a `connectedService:` input; undefined when the agent did not release it. */
  connection(id: string): ServiceConnection | undefined;

  /** What this stage goes by, as far as it decides where something is sent. */
  settings(): StageSettings;
  /** Goes by these from now on, whatever the environment says: those of the main stage, under the seal of the step. */
  reinstate(settings: StageSettings): void;

  /** The address of the organization that this job belongs to: that of its own connection, which no step can change. */
  collectionUrl(): string;
  /** Whether a request with this `authorization` header carries the job's own token. */
  carriesJobToken(authorization: string): boolean;
  /** The job's own token, good for the organization (and perhaps only the project) of this run. Masked. */
  jobToken(): string;

  /** What an earlier stage of this step left. The bag lives in the agent's memory as long as the job. */
  taskVariable(name: string): string | undefined;
  secretTaskVariable(name: string): string | undefined;
  /** Whether a variable of the job bears the name that a task variable has in the environment: there, that one may stand. */
  taskVariableMayBeForged(name: string): boolean;
  /** Resolves when the agent has been handed the value: a kill after that no longer loses it. */
  setTaskVariable(name: string, value: string): Promise<void>;
  setSecretTaskVariable(name: string, value: string): Promise<void>;

  /** By which the stages of a step hear of each other, also where the agent has lost sight of one. */
  readonly marks: MarkFiles;

  setSecretVariable(name: string, value: string): void;
  /**
   * Sets a variable that every later step of the job finds in its environment, which an agent gives no secret one to. What is
   * secret in the value must be masked by now: the log shows it nowhere, but every step can read it.
   *
   * @param keepsCase the environment has the name as it is written, and not in capitals
   */
  setJobVariable(name: string, value: string, keepsCase?: boolean): void;
  setOutput(name: string, value: string): void;

  /**
   * Shows a Markdown file in the run, its name as heading. The file has to stay until the job ends, and is not masked.
   * An agent whose pipeline restricts commands refuses with a warning.
   */
  attachSummary(path: string): void;
  /** Attaches a file to the run, for extensions that look for its type. The same holds. */
  attach(type: string, name: string, path: string): void;
  /** Adds a record to the run's timeline, below this stage of the step. Allowed in restricted command mode. */
  timelineRecord(record: TimelineRecord): void;
}

/** What the run remembers beside its log; it is no place for a secret. The agent adds the time. */
export interface TimelineRecord {
  readonly type: string;
  /** Short: the length that the service takes is not published. */
  readonly name: string;
  readonly result: 'Succeeded' | 'Failed';
  /** A word more, which may get lost. */
  readonly detail: string;
}

/** How far long work has come; the run's page shows it. */
export interface Progress {
  progress(percent: number, text: string): void;
}

/** How a step ends, in the agent's words. */
export type TaskResult = 'Succeeded' | 'SucceededWithIssues' | 'Failed';
