/** A run of Azure Pipelines, and one of its jobs. */
export interface Run {
  readonly host: 'build' | 'release';
  readonly projectId: string;
  readonly runId: string;
  readonly jobId: string;
}

/** The same, with as much of the job id as the name of a PAT tells. */
export interface NamedRun {
  readonly host: Run['host'];
  readonly projectId: string;
  readonly runId: string;
  /** First eight hex digits. */
  readonly jobId: string;
}
