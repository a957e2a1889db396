import { countOf } from '#text/count';
import { AUDIT } from '#agent/budgets';
import { retryFor, type Effects } from '#agent/effects';
import type { Failure } from '#advice/failure';
import { bearer } from '#azure-devops/identity';
import type { ListedPat } from '#azure-devops/listed-pat';
import type { Organization } from '#azure-devops/organization';
import type { PatApi } from '#azure-devops/pats';
import type { RetryPolicy } from '#http/retry';
import { UserPats } from '#pat/user-pats';
import type { Issuer } from '../../common/inputs/issuer.js';
import { openSession } from '../../common/sign-in.js';
import { foundPat, type CollectedPats, type PatLists } from './found-pat.js';
import { missed, notCancelled, readBefore, type Missed } from './missing.js';

/** The PATs of the issuing user, who signs in first. */
export class OwnPats implements PatLists {
  readonly #issuer: Issuer;
  readonly #effects: Effects;
  readonly #policy: RetryPolicy;
  readonly failures: Failure[] = [];

  constructor(issuer: Issuer, effects: Effects, policy: RetryPolicy) {
    this.#issuer = issuer;
    this.#effects = effects;
    this.#policy = policy;
  }

  /** @throws Failure of the sign-in */
  async read(organizations: readonly Organization[]): Promise<CollectedPats[]> {
    const { agent, http } = this.#effects;
    const { token } = await openSession(this.#issuer, agent, http, retryFor(this.#effects, AUDIT.signIn));
    const user = new UserPats(bearer('issuing-user', token), this.#effects);
    return Promise.all(organizations.map(organization => this.#in(organization, user.in(organization))));
  }

  async #in(organization: Organization, api: PatApi): Promise<CollectedPats> {
    const listed = new Map<string, ListedPat>();
    const active = new Set<string>();
    const missing: Missed[] = [];
    const attempt = async (what: string, list: Promise<unknown>, count: () => number) => {
      try {
        await list;
        return true;
      } catch (error) {
        const failure = notCancelled(error);
        this.failures.push(failure);
        missing.push(missed({ organization: organization.name }, readBefore(count(), what), failure));
        return false;
      }
    };
    const whole = await attempt('PATs of all states', this.#listAll(api, listed), () => listed.size);
    // No answer says whether a PAT was revoked: one that may still be used is on the list of active ones. This second
    // list also finds what moved between two pages of the first.
    const knowsActive = await attempt(
      'active PATs',
      api.readList(pat => {
        active.add(pat.authorizationId);
        listed.set(pat.authorizationId, pat);
        return false;
      }, this.#policy),
      () => active.size,
    );
    const now = this.#effects.clock.now();
    const pats = [...listed.values()].map(pat =>
      foundPat(pat, { organization, user: null }, knowsActive && !active.has(pat.authorizationId), now),
    );
    return { pats, missing, users: whole || knowsActive || pats.length > 0 ? 1 : 0 };
  }

  #listAll(api: PatApi, listed: Map<string, ListedPat>): Promise<unknown> {
    const keep = (pat: ListedPat) => {
      listed.set(pat.authorizationId, pat);
      if (listed.size % 500 === 0) this.#effects.agent.progress(25, countOf(listed.size, 'PAT'));
      return false;
    };
    return api.readList(keep, this.#policy, 'all');
  }
}
