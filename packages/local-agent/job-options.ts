import type { Address } from './checkout.js';
import type { Nodes } from './nodes.js';
import type { JobControl } from './job-control.js';
import type { HostType } from './job-folders.js';
import type { LoggingCommand } from './logging-command.js';
import type { PipelineObject } from './pipeline.js';
import type { CommandRestriction } from './restrictions.js';
import type { Stage } from './results.js';
import type { ServiceConnection } from './service-connections.js';
import type { StepResult } from './job-result.js';

export interface Proxy {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Regular expressions of hosts that are reached without the proxy. */
  readonly bypass?: readonly string[];
  /** Where the agent has it from: its own files (the default), or its environment, which no file tells of. */
  readonly from?: 'configuration' | 'environment';
  readonly basicAuthentication?: boolean;
}

/** Files of the client certificate that the agent was configured with. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly archive: string;
  readonly password?: string;
}

/** A container that the steps run in: it shares the agent's work folder and Node.js binaries, and nothing else. */
export interface Container {
  /** Its own environment; a step gets nothing of the agent's. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The Node.js of its image, which its label names; without it the agent's own runs the tasks. */
  readonly node?: string;
}

/** The delays of the agent, in milliseconds; a test scales them down. */
export interface Timing {
  /** From SIGINT to SIGTERM, when a step is stopped. */
  readonly sigintMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly sigtermMs: number;
  /** How long the pipes of a process may stay open after its exit. */
  readonly pipeMs: number;
  /** From `task.complete` with `done=true` to the end of the step. */
  readonly doneMs: number;
  /** Retry n (from 0) waits (n+1)² units. */
  readonly retryUnitMs: number;
  /** What all remaining steps have together after a cancel; a job's `cancelTimeoutInMinutes` wins. */
  readonly cancelBudgetMs: number;
  /** How long what still runs in a container goes on after the last post-job, until the container is gone. */
  readonly containerMs: number;
  /** One minute of `timeoutInMinutes`. */
  readonly minuteMs: number;
}

export const agentTiming: Timing = {
  sigintMs: 7_500,
  sigtermMs: 2_500,
  pipeMs: 5_000,
  doneMs: 5_000,
  retryUnitMs: 1_000,
  cancelBudgetMs: 300_000,
  containerMs: 500,
  minuteMs: 60_000,
};

/** A stage of a step, as the callbacks name it. */
export interface StageName {
  /** The reference name: `name:` of the step, or the one made for it. */
  readonly name: string;
  /** As in the log: `Post-job: <display name>`. */
  readonly title: string;
  readonly stage: Stage;
}

/** A job as the server hands it to the agent: what it knows of it beside the steps. */
export interface HandedJob {
  readonly token: string;
  readonly project: { readonly id: string; readonly name: string };
  readonly hub: string;
  readonly planId: string;
  readonly jobId: string;
  readonly pipeline: string;
  readonly stage: string;
  readonly name: string;
  /** The service connections that inputs of its tasks name: the only ones that the job may use. */
  readonly connections: readonly { readonly id: string; readonly name: string }[];
}

export type VariableValue = string | { readonly value: string; readonly isSecret: boolean };

export interface JobOptions {
  /** A VSIX file, or a folder laid out like one. */
  readonly vsix: string;
  /** A YAML file, or the same as an object. */
  readonly pipeline: string | PipelineObject;
  readonly hostType?: HostType;
  /** The Node.js binary that runs the tasks, whatever their handler; the one of this process if absent. */
  readonly node?: string;
  /** Other binaries for single folders of the agent's `externals`; null: that folder is missing. */
  readonly nodes?: Nodes;
  /** The system is too old for Node.js 20 and 24. */
  readonly oldSystem?: boolean;
  /** Decides what changed from agent to agent, such as whether variables win over inputs; the newest if absent. */
  readonly agentVersion?: string;
  readonly container?: Container;
  /** Stops a process by Ctrl+C and Ctrl+Break, as Windows does; here `console-break.cjs` stands for its console. */
  readonly windowsConsole?: boolean;
  /** The organization, such as `https://dev.azure.com/fabrikam`. */
  readonly collectionUrl: string;
  /** The job's own token; a random one if absent. */
  readonly jobToken?: string;
  /** They win over the file's and over the predefined ones. */
  readonly variables?: Readonly<Record<string, VariableValue>>;
  readonly serviceConnections?: Readonly<Record<string, ServiceConnection>>;
  /** Sets System.Debug. */
  readonly debug?: boolean;
  /** The agent's folder, kept afterwards; if absent a fresh one, removed afterwards. */
  readonly workFolder?: string;
  readonly proxy?: Proxy;
  /** What the agent was configured with by `--sslcacert`. */
  readonly caFile?: string;
  readonly clientCertificate?: ClientCertificate;
  /** What `--sslskipcertvalidation` configures. */
  readonly skipCertificateCheck?: boolean;
  /** Added to the agent's own environment, which is otherwise PATH, HOME and LANG. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly timing?: Partial<Timing>;
  /** Mixes stdout and stderr by chance, repeatably. */
  readonly interleavingSeed?: number;
  /** Holds for every step, beside the step's and the task's own. */
  readonly commandRestriction?: CommandRestriction;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly variableGroups?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Addresses in the pipeline file, and in what it checks out, that another one stands in for. */
  readonly addresses?: readonly Address[];
  readonly control?: JobControl;
  /** Each job before its first step, which waits for it. */
  readonly onJob?: (job: HandedJob) => unknown;
  /** Each masked line of the log as it is written; no stage: a line of the job itself. */
  readonly onLine?: (line: string, stage: StageName | undefined) => void;
  /** Each logging command right after it took effect. */
  readonly onCommand?: (command: LoggingCommand, stage: StageName) => void;
  readonly onStageStart?: (stage: StageName) => void;
  readonly onStageEnd?: (result: StepResult) => void;
}
