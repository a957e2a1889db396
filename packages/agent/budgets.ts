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

/** What a step may still do after it was told to stop: one of these, never both. */
export const CANCELLED_STAGE = {
  /** Revoking what was made. */
  undo: 6 * SECOND,
  /** Reading whether a store has taken what was written to it. */
  readBack: 6 * SECOND,
} as const;

/** Parts of RevokePat. The lists, and asking about runs; a single page or run gives up earlier. */
export const REVOCATION = {
  signIn: MINUTE,
  reading: 30 * MINUTE,
  revoking: 30 * MINUTE,
  /** One PAT. */
  each: MINUTE,
} as const;

/** Parts of RotatePat; a rotation is all of those of an entry, after the sign-in and the lists. */
export const ROTATION = {
  signIn: MINUTE,
  /** One store. */
  look: MINUTE,
  list: 10 * MINUTE,
  /** Writing to a store and reading it back, with every attempt. */
  commit: 2 * MINUTE,
  /** One generation that nobody needs any more. */
  revokeSuperseded: MINUTE,
  /** Starting the pipeline that has to know. */
  queue: 2 * MINUTE,
} as const;

/** Parts of AuditPats. */
export const AUDIT = {
  signIn: MINUTE,
  /** All lists; a single page gives up earlier. */
  reading: 30 * MINUTE,
  runs: 15 * MINUTE,
  /** Whether one user is active, and for how long that is asked while nobody answers such questions. */
  membership: 10 * SECOND,
  membershipAfterFailure: 2 * SECOND,
} as const;

/** Parts of RenewPatIssuer. */
export const RENEWAL = {
  /** Redeeming a refresh token; it is done twice. */
  redeem: MINUTE,
  /** Reading the connection; and writing it, with all reading back. */
  connection: 2 * MINUTE,
  /** For a write to show; part of `connection`. */
  readBack: 10 * SECOND,
} as const;

/** Only for showing the name of a PAT. */
export const FIND_NAME = 10 * SECOND;

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
