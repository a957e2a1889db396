import { MINUTE } from '#text/lifetime';

const SECOND = 1_000;

/**
 * How long each part of a stage may take, with all its requests and waits; milliseconds. Every request is cut to what is
 * left of its part, so that a stage never takes longer than the sum. A test holds the sums against the agent's limits.
 */
export const MAIN_STAGE = {
  signIn: MINUTE,
  /** What an earlier attempt of the same step left. */
  leftovers: 20 * SECOND,
  /** One PAT: create, look for a doubtful one, try again. */
  create: MINUTE,
  /** The PATs of all organizations together. */
  createAll: 10 * MINUTE,
  /** One PAT. A new one may need a moment until every server of the organization knows it. */
  verify: 30 * SECOND,
  verifyAll: 5 * MINUTE,
  /** Revoking what was made, after a failure: the post-job step tries again with more time. */
  undo: 20 * SECOND,
} as const;

/** Of the budget of a create request, kept for looking whether a request that hangs made a PAT. */
export const LOOKING_RESERVE = 12 * SECOND;

export const POST_JOB_STAGE = {
  /** Everything; the agent gives all post-jobs of a cancelled job five minutes together. */
  all: MINUTE,
  /** At most this part of what is left may go to a new sign-in, so that revoking is tried in any case. */
  signInShare: 0.6,
  /** For a main step that outlived its post-job to end what it made: it is part of `all`. */
  awaitMain: 15 * SECOND,
} as const;

/** What a step may still do after it was told to stop. */
export const CANCELLED_STAGE = {
  /** Revoking what was made. */
  undo: 6 * SECOND,
} as const;

/**
 * Pauses that a service asks for, of a step of many requests, beside the time of its parts. Whatever is asked for, such a
 * step ends well within the hour that a job has.
 */
export const PAUSES = { longest: 5 * MINUTE, all: 15 * MINUTE } as const;

/** The agent's side (its documentation, and the constants of its source). */
export const AGENT_LIMITS = {
  /** Interrupt to terminate. */
  toTerminate: 7.5 * SECOND,
  /** Terminate to kill. */
  toKill: 2.5 * SECOND,
  /** `cancelTimeoutInMinutes`, by default; it can be no less than a minute. */
  cancelTimeout: 5 * MINUTE,
  leastCancelTimeout: MINUTE,
  /** `timeoutInMinutes` of a job, by default. */
  job: 60 * MINUTE,
} as const;
