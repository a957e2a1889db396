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

/** Where a PAT stood when the page that it ended was read; it may have moved since. */
interface Place {
  readonly key: string | number;
  readonly id: string;
}

interface Entry {
  readonly pat: Pat;
  readonly place: Place;
}

/**
 * Pages of a user's PATs. A page begins behind the place where the page before ended, also when that PAT has been
 * revoked or renamed meanwhile: what nobody touched is neither skipped nor repeated.
 */
export class Listing {
  #sorted: { readonly key: string; readonly entries: readonly Entry[] } | undefined;

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
    const shown: Entry[] = [];
    let more = false;
    for (let index = after ? indexBehind(after, sorted, filter) : 0; index < sorted.length; index += 1) {
      const entry = sorted[index];
      if (!entry || !isShown(entry.pat, filter)) continue;
      more = shown.length === top;
      if (more) break;
      shown.push(entry);
    }
    const last = shown.at(-1);
    return {
      pats: shown.map(({ pat }) => pat),
      continuationToken: more && last ? encodeToken(scope, last.place) : '',
    };
  }

  #after(token: string, scope: string): Place | undefined {
    const parts = decodeToken(token);
    if (!Array.isArray(parts) || parts[0] !== scope) return undefined;
    const [, id, key] = parts as unknown[];
    if (typeof id !== 'string' || !this.store.withId(id)) return undefined;
    return typeof key === 'string' || typeof key === 'number' ? { id, key } : undefined;
  }

  /** Sorting 10,000 PATs for each of 100 pages would be the slowest part of the emulator. */
  #sortedFor(scope: string, owner: string, organization: string, filter: ListFilter): readonly Entry[] {
    const { version, revocations } = this.store;
    const states = filter.sortByOption === 'status' ? `${revocations}/${this.clock().getTime()}` : '';
    const key = `${version}/${states}/${scope}`;
    if (this.#sorted?.key !== key) {
      const compare = comparing(filter);
      const entries = this.store
        .list(organization)
        .filter(pat => pat.owner.id === owner)
        .map(pat => ({ pat, place: placeOf(pat, filter) }))
        .sort((a, b) => compare(a.place, b.place));
      this.#sorted = { key, entries };
    }
    return this.#sorted.entries;
  }
}

/** The first index behind the place, found by halving. */
function indexBehind(after: Place, sorted: readonly Entry[], filter: ListFilter): number {
  const compare = comparing(filter);
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = sorted[middle];
    if (entry && compare(entry.place, after) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isShown(pat: Pat, { displayFilterOption }: ListFilter): boolean {
  return displayFilterOption === 'all' || pat.state === displayFilterOption;
}

/** An order without ties: the authorization id decides last. */
function comparing({ isSortAscending }: ListFilter): (a: Place, b: Place) => number {
  const order = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
  return (a, b) => (order(a.key, b.key) || order(a.id, b.id)) * (isSortAscending ? 1 : -1);
}

function placeOf(pat: Pat, { sortByOption }: ListFilter): Place {
  const id = pat.authorizationId;
  switch (sortByOption) {
    case 'displayName':
      return { id, key: pat.displayName };
    case 'displayDate':
      return { id, key: pat.validTo.getTime() };
    case 'status':
      return { id, key: pat.state };
  }
}

function encodeToken(scope: string, { id, key }: Place): string {
  return Buffer.from(JSON.stringify([scope, id, key])).toString('base64url');
}

function decodeToken(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
