import type { ListedPat } from '#azure-devops/listed-pat';
import type { Organization } from '#azure-devops/organization';
import type { Failure } from '#advice/failure';
import { MINUTE } from '#text/lifetime';
import type { InventoryUser } from './inventory.js';
import { shortText, type Missed } from './missing.js';

/** A PAT as it was found. */
export interface FoundPat extends ListedPat {
  readonly organization: Organization;
  readonly user: InventoryUser | null;
  readonly state: 'active' | 'expired' | 'revoked';
}

export interface CollectedPats {
  readonly pats: readonly FoundPat[];
  readonly missing: readonly Missed[];
  /** Users whose PATs were read. */
  readonly users: number;
}

/** The lists of PATs that somebody may read, and what failed while they were read. */
export interface PatLists {
  /** What stays broken after its repetitions is told as missing; what was read before that is kept. */
  read(organizations: readonly Organization[]): Promise<CollectedPats[]>;
  readonly failures: readonly Failure[];
}

/** The agent's clock may be off. */
const CLOCK_TOLERANCE = MINUTE;

/** A PAT of a list. @param now by the clock of the agent */
export function foundPat(
  pat: ListedPat,
  whose: Pick<FoundPat, 'organization' | 'user'>,
  revoked: boolean,
  now: Date,
): FoundPat {
  const { displayName, scope } = pat;
  return {
    ...pat,
    displayName: shortText(displayName),
    scope: shortText(scope, 10_000),
    ...whose,
    state: stateOf(pat, revoked, now),
  };
}

function stateOf({ validTo }: ListedPat, revoked: boolean, now: Date): FoundPat['state'] {
  if (validTo !== undefined && validTo.getTime() + (revoked ? 0 : CLOCK_TOLERANCE) <= now.getTime())
    return 'expired';
  return revoked ? 'revoked' : 'active';
}
