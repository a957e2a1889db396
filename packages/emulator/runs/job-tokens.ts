import { randomBytes } from '../randomness.js';
import type { User } from '../entra/principals.js';
import { stableGuid, type Organization, type Organizations } from '../organizations.js';

/** What a job gets as `System.AccessToken`. */
export interface JobToken {
  readonly value: string;
  readonly organization: Organization;
  /** Ids of the projects it can read ("limit job authorization scope"); undefined: all of the organization. */
  readonly projects: readonly string[] | undefined;
  readonly expiresAt: Date;
  /** The jobs that have it. */
  readonly jobs: readonly StartedJob[];
}

/** A job as the server hands it to an agent, so far as its OIDC tokens depend on it. */
export interface StartedJob {
  readonly project: { readonly id: string; readonly name: string };
  readonly hub: string;
  readonly planId: string;
  readonly jobId: string;
  readonly pipeline: string;
  readonly stage: string;
  readonly name: string;
  /** The service connections that inputs of its steps name. */
  readonly connections: readonly { readonly id: string; readonly name: string }[];
}

export interface JobTokenOptions {
  readonly organization: string;
  readonly projects?: readonly string[];
  /** Negative for a token of a job that is over; an hour by default. */
  readonly expiresInSeconds?: number;
}

/** The tokens of jobs: each opens what belongs to its organization, and no PAT API. */
export class JobTokens {
  readonly #byValue = new Map<string, JobToken & { readonly jobs: StartedJob[] }>();

  constructor(
    private readonly clock: () => Date,
    private readonly organizations: Organizations,
  ) {}

  /** A token as a job gets it when it starts. Throws when there is no such organization. */
  issueToken({ organization, projects, expiresInSeconds = 3600 }: JobTokenOptions): JobToken {
    const token = {
      value: `eyJ0eXAiOiJKV1QifQ.${randomBytes(192).toString('base64url')}`,
      organization: this.organizations.get(organization),
      projects: projects?.map(id => id.toLowerCase()),
      expiresAt: new Date(this.clock().getTime() + expiresInSeconds * 1000),
      jobs: [],
    };
    this.#byValue.set(token.value, token);
    return token;
  }

  /** A job starts with this token. A token that is not known here is another service's. */
  start(value: string, job: StartedJob): void {
    this.#byValue.get(value)?.jobs.push(job);
  }

  /** The token, unless it has expired. */
  withValue(value: string): JobToken | undefined {
    const token = this.#byValue.get(value);
    return token && token.expiresAt.getTime() > this.clock().getTime() ? token : undefined;
  }
}

/** The identity that the jobs of an organization run under. */
export function buildService({ id, name }: Organization): User {
  return {
    id: stableGuid('build service', id),
    displayName: `Project Collection Build Service (${name})`,
    principalName: id,
    mailAddress: '',
    origin: 'vsts',
    organizations: [name],
    administrator: false,
    active: true,
  };
}
