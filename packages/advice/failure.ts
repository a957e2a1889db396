import type { Advice, Situation } from './situation.js';
import { pageOf } from '#text/product';
import { sentence } from '#text/sentence';

/**
 * Every way a step can fail, as headings of docs/troubleshooting.md. A message names the thing, the reason and
 * the repair; the topic leads to the longer text.
 */
export const failureTopics = [
  'input-not-valid',
  'connection-not-usable',
  'ceiling-exceeded',
  'host-not-allowed',
  'variable-refused',
  'entra-refused',
  'entra-answer-not-usable',
  'federation-refused',
  'sign-in-page',
  'sign-in-not-finished',
  'azure-cli-failed',
  'not-handed-out',
  'report-not-written',
  'consent-missing',
  'application-not-confidential',
  'tenant-not-found',
  'identity-not-allowed',
  'access-denied',
  'request-refused',
  'pat-refused',
  'pat-answer-not-usable',
  'pat-not-accepted',
  'pat-wider-than-asked',
  'organization-not-found',
  'project-not-found',
  'pipeline-not-found',
  'user-not-found',
  'service-unreachable',
  'service-unavailable',
  'service-throttled',
  'organization-deactivated',
  'answer-too-large',
  'answer-not-json',
  'answer-mixed-up',
  'redirect-refused',
  'proxy-not-usable',
  'revoke-failed',
  'out-of-time',
  'connection-of-another-type',
  'store-refused',
  'store-not-usable',
  'store-not-known',
  'audit-findings',
  'audit-incomplete',
  'audit-not-written',
  'clock-differs',
  'cancelled',
  'agent-not-usable',
  'node-too-old',
  'unexpected',
] as const;

export type FailureTopic = (typeof failureTopics)[number];

/** What an error ends with: its topic, and where that is explained as it is in this version. */
export function explained(topic: FailureTopic): string {
  return `[${topic}] ${pageOf(`docs/troubleshooting.md#${topic}`)}`;
}

/** What was answered, as values: whoever has to decide looks at these, and never into a sentence. */
export interface FailureFacts {
  readonly host?: string;
  /** Of the answer over HTTP. */
  readonly status?: number;
  /** What the service said, fit to print; of a connection the code of its error; of Entra the OAuth error. */
  readonly reason?: string;
  /** The type of a JSON error of Azure DevOps. */
  readonly typeKey?: string;
  /** AADSTS codes of Entra. */
  readonly entraCodes?: readonly number[];
}

/** A failure that a person can act on. The message is complete sentences: thing, reason, repair. */
export class Failure extends Error {
  /** Also one that a module made which loads on demand, and so has its own copy of this class. */
  static override [Symbol.hasInstance](value: unknown): value is Failure {
    return value instanceof Error && value.name === 'Failure' && 'topic' in value && 'repair' in value;
  }

  override readonly name = 'Failure';
  readonly what: string;
  /** What the repair was chosen by, where a table chose it (see `advice`). */
  readonly situation: Situation | undefined;
  readonly facts: FailureFacts;

  /** @param what may end in a text from outside: it gets one mark at its end, whatever stands there */
  constructor(
    readonly topic: FailureTopic,
    what: string,
    readonly repair: string,
    options: {
      readonly cause?: unknown;
      readonly situation?: Situation | undefined;
      readonly facts?: FailureFacts;
    } = {},
  ) {
    const said = sentence(what);
    // Behind a list it would belong to the last item.
    super(
      `${said}${said.includes('\n') ? '\n' : ' '}${repair}`.trim(),
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.what = said;
    this.situation = options.situation;
    this.facts = options.facts ?? {};
  }
}

/** What was caught, as a Failure: one of ours as it is, anything else as `unexpected` (its text, never its stack). */
export function asFailure(caught: unknown): Failure {
  if (caught instanceof Failure) return caught;
  const text = caught instanceof Error ? caught.message : String(caught);
  return new Failure(
    'unexpected',
    `An error that Job PAT did not foresee: ${text}.`,
    'Run again with System.Debug set to true and report the log of this step.',
    { cause: caught, situation: { about: 'request', code: 'unexpected' } },
  );
}

/** A failure with its repair, in the words of one kind of reader where a table knows what to do. */
export function messageFor(failure: Failure, advice: Advice): string {
  const { what, situation, message } = failure;
  return situation === undefined ? message : `${what} ${advice(situation)}`.trim();
}

/** The same failure under another topic. */
export function underTopic(topic: FailureTopic, failure: Failure): Failure {
  const { what, repair, situation, facts, cause } = failure;
  return new Failure(topic, what, repair, { situation, facts, cause });
}
