/** A PAT as the service lists it: without its value. */
export interface ListedPat {
  readonly authorizationId: string;
  readonly displayName: string;
  /** Space-separated scopes. */
  readonly scope: string;
  readonly validFrom: Date | undefined;
  readonly validTo: Date | undefined;
  /** A global PAT: the service says that it is for no organization in particular. */
  readonly allOrganizations?: boolean;
  /** For how many organizations it is, where the service says that it is for more than one. */
  readonly organizations?: number;
}

/** Which PATs a list shows: those that can be used, or also the expired and revoked ones of the last months. */
export type ListFilter = 'active' | 'all';

/** What was found in one pass over a list. A list of several pages may have changed in between. */
export interface Listing {
  readonly pats: ListedPat[];
  readonly pages: number;
}
