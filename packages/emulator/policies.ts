import type { Organizations } from './organizations.js';

/** What administrators have set, as an organization sees it, and how slowly it takes effect. */
export interface Policies {
  /** "Enforce maximum personal access token lifespan": a longer `validTo` is shortened without a word. */
  maximumLifespanDays: number | undefined;
  /** "Restrict full-scoped personal access token creation". */
  fullScopeRestricted: boolean;
  /** "Restrict personal access token creation", optionally with "Allow creation of PAT with packaging scope only". */
  creation: 'open' | 'packagingOnly' | 'blocked';
  /** Milliseconds for which a new PAT is still refused. */
  activationDelay: number;
  /** Milliseconds for which a revoked PAT still works. */
  revocationDelay: number;
}

/** Policies of every organization; an administrator of the tenant sets them for all at once. */
export class PolicyBook {
  readonly #byOrganization = new Map<string, Policies>();

  constructor(private readonly organizations: Organizations) {}

  /** The policies of one organization, open to change. Throws when there is no such organization. */
  of(name: string): Policies {
    const key = this.organizations.get(name).name;
    const known = this.#byOrganization.get(key);
    if (known) return known;
    const policies: Policies = {
      maximumLifespanDays: undefined,
      fullScopeRestricted: false,
      creation: 'open',
      activationDelay: 0,
      revocationDelay: 0,
    };
    this.#byOrganization.set(key, policies);
    return policies;
  }

  /** Sets policies in every organization. */
  set(policies: Partial<Policies>): void {
    for (const { name } of this.organizations.all) Object.assign(this.of(name), policies);
  }
}
