import { countOf } from '#text/count';
import type { Effects } from '#agent/effects';
import type { Failure } from '#advice/failure';
import { administrator } from '#azure-devops/administrator';
import { AzureDevOpsClient } from '#azure-devops/client';
import { graph, type Graph, type GraphUser } from '#azure-devops/graph';
import type { Organization } from '#azure-devops/organization';
import {
  tokenAdministration,
  type AdministeredPat,
  type TokenAdministration,
} from '#azure-devops/token-administration';
import { inTurn } from '#http/pace';
import type { RetryPolicy } from '#http/retry';
import { foundPat, type CollectedPats, type FoundPat, type PatLists } from './found-pat.js';
import { Memberships } from './memberships.js';
import { missed, notCancelled, readBefore, shortText, type Missed } from './missing.js';

interface Administered {
  readonly organization: Organization;
  readonly administration: TokenAdministration;
  readonly graph: Graph;
  /** Undefined when no rule looks at it. */
  readonly memberships: Memberships | undefined;
}

/** The PATs of all users, as an administrator reads them. */
export class EveryonesPats implements PatLists {
  readonly #token: string;
  readonly #asksUsers: boolean;
  readonly #effects: Effects;
  readonly #policy: RetryPolicy;
  readonly failures: Failure[] = [];

  /** @param asksUsers whether some rule looks at who is active */
  constructor(token: string, asksUsers: boolean, effects: Effects, policy: RetryPolicy) {
    this.#token = token;
    this.#asksUsers = asksUsers;
    this.#effects = effects;
    this.#policy = policy;
  }

  async read(organizations: readonly Organization[]): Promise<CollectedPats[]> {
    const parts: CollectedPats[] = [];
    for (const organization of organizations) parts.push(await this.#in(this.#opened(organization)));
    return parts;
  }

  #opened(organization: Organization): Administered {
    const client = new AzureDevOpsClient(administrator(this.#token), organization, this.#effects);
    const users = graph(client);
    const memberships = this.#asksUsers ? new Memberships(users, this.#policy) : undefined;
    return { organization, administration: tokenAdministration(client), graph: users, memberships };
  }

  async #in({ organization, administration, graph, memberships }: Administered): Promise<CollectedPats> {
    const { agent, clock } = this.#effects;
    const missing: Missed[] = [];
    const miss = (what: string, failure?: Failure, user?: GraphUser): void => {
      if (failure !== undefined) this.failures.push(failure);
      missing.push(missed({ organization: organization.name, user }, what, failure));
    };
    const users = await this.#users(graph, miss);
    agent.info(`${organization.name}: ${countOf(users.length, 'user')}; reading their PATs.`);

    let finished = 0;
    let read = 0;
    const found = await inTurn(users, async user => {
      const pats: AdministeredPat[] = [];
      try {
        const unreadable = await administration.readEvery(
          user.descriptor,
          pat => pats.push(pat),
          this.#policy,
        );
        read += 1;
        if (unreadable > 0)
          miss(
            `${countOf(unreadable, 'entry', 'entries')} of the list of PATs without an authorization id`,
            undefined,
            user,
          );
      } catch (error) {
        miss(readBefore(pats.length, 'PATs'), notCancelled(error), user);
      }
      finished += 1;
      if (finished % 25 === 0)
        agent.progress((80 * finished) / users.length, `${finished} of ${countOf(users.length, 'user')}`);
      if (pats.length === 0) return [];
      const membership = (await memberships?.of(user)) ?? { state: user.deleted ? 'inactive' : 'unknown' };
      if (membership.failure !== undefined)
        missing.push(
          missed(
            { organization: organization.name, user },
            'whether the user is an active member could not be read',
            membership.failure,
          ),
        );
      const owner: FoundPat['user'] = {
        id: shortText(user.descriptor),
        displayName: shortText(user.name),
        principalName: shortText(user.signInName),
        state: membership.state,
      };
      const now = clock.now();
      return pats.map(({ valid, ...pat }) =>
        foundPat(pat, { organization, user: owner }, valid === false, now),
      );
    });
    return { pats: found.flat(), missing, users: read };
  }

  /** The users of an organization: it has one at least, the administrator who asks. */
  async #users(graph: Graph, miss: (what: string, failure?: Failure) => void): Promise<GraphUser[]> {
    const users = new Map<string, GraphUser>();
    try {
      const unreadable = await graph.readUsers(user => users.set(user.descriptor, user), this.#policy);
      if (unreadable > 0)
        miss(`${countOf(unreadable, 'entry', 'entries')} of the list of users without a descriptor`);
      else if (users.size === 0) miss('the list of users is empty');
    } catch (error) {
      miss(readBefore(users.size, 'users'), notCancelled(error));
    }
    return [...users.values()];
  }
}
