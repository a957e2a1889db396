/** What can be wrong with the OIDC token of a service connection, by which an application proves itself. */
export const federationCodes = [
  /** The job's own token was not accepted where OIDC tokens are made. */
  'job-not-accepted',
  /** The token was refused, or there was none in the answer. */
  'not-given',
  /** `p://...`: a token that every job of the pipeline gets. */
  'of-the-pipeline',
  'of-another-connection',
  /** Out of its time range, also a new one. */
  'out-of-its-time',
] as const;

export type FederationCode = (typeof federationCodes)[number];

/** What to do, for whoever reads the log of a pipeline: the job's own token is what asked. */
export const FEDERATION_ADVICE: Readonly<Record<FederationCode, string>> = {
  'job-not-accepted':
    'The token of the job ends with the job, and is good for the organization of this run alone. If this is the post-job step of a long job, that token has ended: give the job a shorter timeout.',
  'not-given':
    'Check that this pipeline may use the service connection, that it has not been changed since this run began, and that a task of this job names it in an input, by its name or id and not by a variable that is known at run time only.',
  'of-the-pipeline':
    'It says which pipeline runs, not which service connection asks: whoever trusts that trusts every job of the pipeline, so it was not sent. Check whether something between the agent and Azure DevOps drops the query of a request; otherwise report this.',
  'of-another-connection':
    'It was not sent. Check what stands between the agent and Azure DevOps; otherwise report this.',
  'out-of-its-time':
    'Such a token is good for some minutes. Check the clock of the machine that made it (that of Azure DevOps, or of a stand-in), the clock of this agent, and what holds requests up on the way; then run again.',
};
