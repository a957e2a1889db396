import { randomUUID } from '../randomness.js';
import type { User } from '../entra/principals.js';
import type { Organization, Organizations } from '../organizations.js';
import type { PolicyBook } from '../policies.js';
import { kept } from './instant.js';
import { newPatValue } from './value.js';

export type PatState = 'active' | 'expired' | 'revoked';

/** One PAT as the service keeps it, its value included. */
export interface Pat {
  readonly authorizationId: string;
  readonly value: string;
  readonly organization: Organization;
  readonly owner: User;
  readonly displayName: string;
  /** Separated by single spaces, as it was granted. */
  readonly scope: string;
  /** The exact moment of creation; `validFrom` is that in the service's steps, which may lie a little later. */
  readonly issuedAt: Date;
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly revokedAt: Date | undefined;
  /** A global PAT. */
  readonly allOrganizations: boolean;
  /** Now, by the emulator's clock. A revoked PAT stays `revoked` after its end. */
  readonly state: PatState;
}

export interface PatRequest {
  readonly organization: Organization;
  readonly owner: User;
  readonly displayName: string;
  readonly scope: string;
  readonly validTo: Date;
  readonly validFrom?: Date;
  readonly allOrganizations?: boolean;
}

export type PatChange = Partial<Pick<PatRequest, 'displayName' | 'scope' | 'validTo'>>;

export interface PatQuery {
  readonly organization?: string;
  readonly authorizationId?: string;
  readonly displayName?: string;
}

/** What to seed: everything has a default, so that `seed(10_000)` is a valid wish. */
export interface PatSeed {
  readonly organization?: string;
  readonly owner?: User;
  readonly displayName?: string;
  readonly scope?: string;
  readonly validFrom?: Date;
  readonly validTo?: Date;
  readonly revoked?: boolean;
  /** A global PAT, as they could be made before. */
  readonly allOrganizations?: boolean;
}

const day = 24 * 60 * 60 * 1000;

/** Every PAT that was ever issued, in order of creation. */
export class PatStore {
  readonly #byId = new Map<string, StoredPat>();
  readonly #byValue = new Map<string, StoredPat>();
  readonly #waiting = new Set<(pat: Pat) => void>();
  #version = 0;
  #revocations = 0;

  constructor(
    private readonly clock: () => Date,
    private readonly organizations: Organizations,
    private readonly policies: PolicyBook,
    private readonly defaultOwner: User,
  ) {}

  /** Changes when a PAT is made or changed. */
  get version(): number {
    return this.#version;
  }

  /** Changes when a PAT is revoked. */
  get revocations(): number {
    return this.#revocations;
  }

  /** All PATs, or those of one organization. */
  list(organization?: string): Pat[] {
    const all = [...this.#byId.values()];
    const id = organization === undefined ? undefined : this.organizations.get(organization).id;
    return id === undefined ? all : all.filter(pat => pat.organization.id === id);
  }

  /** Those that are neither revoked nor expired. */
  active(organization?: string): Pat[] {
    return this.list(organization).filter(pat => pat.state === 'active');
  }

  activeWithName(displayName: string, organization?: string): Pat[] {
    return this.active(organization).filter(pat => pat.displayName === displayName);
  }

  /** The first PAT that fits all that is asked. Names are not unique; ids are. */
  find({ organization, authorizationId, displayName }: PatQuery): Pat | undefined {
    return this.list(organization).find(
      pat =>
        (authorizationId === undefined || pat.authorizationId === authorizationId.toLowerCase()) &&
        (displayName === undefined || pat.displayName === displayName),
    );
  }

  withId(authorizationId: string): Pat | undefined {
    return this.#byId.get(authorizationId.toLowerCase());
  }

  withValue(value: string): Pat | undefined {
    return this.#byValue.get(value);
  }

  /** Resolves with the first PAT that fits, now or when it is made. */
  async waitFor(fits: (pat: Pat) => boolean): Promise<Pat> {
    const there = this.list().find(fits);
    if (there) return there;
    return new Promise(resolve => {
      const look = (pat: Pat): void => {
        if (!fits(pat)) return;
        this.#waiting.delete(look);
        resolve(pat);
      };
      this.#waiting.add(look);
    });
  }

  /** Makes PATs without a request: a number of like ones, or one for each description. */
  seed(seeds: number | readonly PatSeed[]): Pat[] {
    const wishes = typeof seeds === 'number' ? Array.from({ length: seeds }, (): PatSeed => ({})) : seeds;
    const first = this.#byId.size + 1;
    const now = this.clock();
    return wishes.map((seed, index) => {
      const validFrom = seed.validFrom ?? now;
      const pat = this.add({
        organization: this.organizations.get(seed.organization ?? this.organizations.all[0]?.name ?? ''),
        owner: seed.owner ?? this.defaultOwner,
        displayName: seed.displayName ?? `seeded ${String(first + index).padStart(5, '0')}`,
        scope: seed.scope ?? 'vso.code',
        validFrom,
        validTo: seed.validTo ?? new Date(validFrom.getTime() + 30 * day),
        allOrganizations: seed.allOrganizations ?? false,
      });
      if (seed.revoked === true) this.revoke(pat.authorizationId);
      return pat;
    });
  }

  add(request: PatRequest): Pat {
    const pat = new StoredPat(request, this.clock);
    this.#byId.set(pat.authorizationId, pat);
    this.#byValue.set(pat.value, pat);
    this.#version += 1;
    for (const look of [...this.#waiting]) look(pat);
    return pat;
  }

  /** Throws when there is no such PAT: a mistake of the emulator or of the test. */
  change(authorizationId: string, change: PatChange): Pat {
    const pat = this.#stored(authorizationId);
    Object.assign(pat, change, change.validTo === undefined ? {} : { validTo: kept(change.validTo) });
    this.#version += 1;
    return pat;
  }

  /** Ends a PAT now; one that is revoked already keeps its first date. Throws when there is no such PAT. */
  revoke(authorizationId: string): void {
    const pat = this.#stored(authorizationId);
    pat.revokedAt ??= this.clock();
    this.#revocations += 1;
  }

  /** Whether the PAT opens doors now, which lags behind its state by the delays of the policies. */
  isUsable(pat: Pat): boolean {
    const now = this.clock().getTime();
    const { activationDelay, revocationDelay } = this.policies.of(pat.organization.name);
    if (now < pat.issuedAt.getTime() + activationDelay || now >= pat.validTo.getTime()) return false;
    return pat.revokedAt === undefined || now < pat.revokedAt.getTime() + revocationDelay;
  }

  #stored(authorizationId: string): StoredPat {
    const pat = this.#byId.get(authorizationId.toLowerCase());
    if (!pat) throw new Error(`There is no PAT with authorization id ${authorizationId}.`);
    return pat;
  }
}

class StoredPat implements Pat {
  readonly authorizationId = randomUUID();
  readonly value = newPatValue();
  readonly organization: Organization;
  readonly owner: User;
  displayName: string;
  scope: string;
  readonly issuedAt: Date;
  readonly validFrom: Date;
  validTo: Date;
  revokedAt: Date | undefined;
  readonly allOrganizations: boolean;
  readonly #clock: () => Date;

  constructor(
    { organization, owner, displayName, scope, validTo, validFrom, allOrganizations = false }: PatRequest,
    clock: () => Date,
  ) {
    this.organization = organization;
    this.owner = owner;
    this.displayName = displayName;
    this.scope = scope;
    this.issuedAt = validFrom ?? clock();
    this.validFrom = kept(this.issuedAt);
    this.validTo = kept(validTo);
    this.allOrganizations = allOrganizations;
    this.#clock = clock;
  }

  get state(): PatState {
    if (this.revokedAt) return 'revoked';
    return this.#clock().getTime() >= this.validTo.getTime() ? 'expired' : 'active';
  }
}
