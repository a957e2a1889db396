import type { Pat, PatStore } from './store.js';

export const displayFilters = ['active', 'revoked', 'expired', 'all'] as const;
export const sortOptions = ['displayName', 'displayDate', 'status'] as const;

/** What a page is a page of; later pages must repeat it. */
export interface ListFilter {
  readonly displayFilterOption: (typeof displayFilters)[number];
  readonly sortByOption: (typeof sortOptions)[number];
  readonly isSortAscending: boolean;
}

export interface Page {
  readonly pats: readonly Pat[];
  /** Where the next page begins; empty after the last. */
  readonly continuationToken: string;
}

/**
 * Pages of a user's PATs. A page begins behind the last PAT of the page before, wherever that has moved to, so
 * that revoking while listing skips nothing.
 */
export class Listing {
  #sorted: { readonly key: string; readonly pats: readonly Pat[] } | undefined;

  constructor(
    private readonly store: PatStore,
    private readonly clock: () => Date,
  ) {}

  /** One page, or undefined when the continuation token is not one of this user's for this filter. */
  page(
    owner: string,
    organization: string,
    filter: ListFilter,
    top: number,
    token: string,
  ): Page | undefined {
    const scope = JSON.stringify([owner, organization, filter]);
    const after = token === '' ? undefined : this.#after(token, scope);
    if (token !== '' && !after) return undefined;
    const sorted = this.#sortedFor(scope, owner, organization, filter);
    const start = after ? indexBehind(after, sorted, filter) : 0;
    const pats: Pat[] = [];
    let index = start;
    for (; index < sorted.length && pats.length < top; index += 1) {
      const pat = sorted[index];
      if (pat && isShown(pat, filter)) pats.push(pat);
    }
    const more = sorted.slice(index).some(pat => isShown(pat, filter));
    const last = pats.at(-1);
    return { pats, continuationToken: more && last ? encodeToken(scope, last) : '' };
  }

  #after(token: string, scope: string): Pat | undefined {
    const [tokenScope, id] = Buffer.from(token, 'base64url').toString('utf8').split('\n');
    return tokenScope === scope && id !== undefined ? this.store.withId(id) : undefined;
  }

  /** Sorting 10,000 PATs for each of 100 pages would be the slowest part of the emulator. */
  #sortedFor(scope: string, owner: string, organization: string, filter: ListFilter): readonly Pat[] {
    const stamp = filter.sortByOption === 'status' ? this.clock().getTime() : 0;
    const key = `${this.store.version}/${stamp}/${scope}`;
    if (this.#sorted?.key !== key) {
      const own = this.store.list(organization).filter(pat => pat.owner.id === owner);
      this.#sorted = { key, pats: own.sort(comparing(filter)) };
    }
    return this.#sorted.pats;
  }
}

function indexBehind(last: Pat, sorted: readonly Pat[], filter: ListFilter): number {
  const compare = comparing(filter);
  const index = sorted.findIndex(pat => compare(pat, last) > 0);
  return index < 0 ? sorted.length : index;
}

function isShown(pat: Pat, { displayFilterOption }: ListFilter): boolean {
  return displayFilterOption === 'all' || pat.state === displayFilterOption;
}

/** An order without ties: the authorization id decides last. */
function comparing({ sortByOption, isSortAscending }: ListFilter): (a: Pat, b: Pat) => number {
  const keyOf = (pat: Pat): string | number => {
    switch (sortByOption) {
      case 'displayName':
        return pat.displayName;
      case 'displayDate':
        return pat.validTo.getTime();
      case 'status':
        return pat.state;
    }
  };
  const order = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
  return (a, b) =>
    (order(keyOf(a), keyOf(b)) || order(a.authorizationId, b.authorizationId)) * (isSortAscending ? 1 : -1);
}

function encodeToken(scope: string, last: Pat): string {
  return Buffer.from(`${scope}\n${last.authorizationId}`).toString('base64url');
}
