import type { RuleId, Severity } from './rules.js';

/** What an audit found, as schemas/inventory.schema.json describes it. Everything shown is rendered from this. */
export interface Inventory {
  readonly version: 1;
  readonly readAt: string;
  /** Whether users and PATs have their names, or stand-ins for them. */
  readonly people: 'names' | 'pseudonyms';
  readonly whose: 'issuer' | 'organization';
  readonly organizations: readonly string[];
  readonly complete: boolean;
  readonly missing: readonly Missing[];
  readonly counts: Counts;
  readonly rules: readonly JudgedRule[];
  /** Worst first. */
  readonly pats: readonly InventoryPat[];
  readonly general: readonly Finding[];
  readonly exceptions: readonly UsedException[];
}

/** Something that could not be read. */
export interface Missing {
  readonly organization: string;
  readonly user: string | null;
  readonly reason: string;
}

export interface Counts {
  readonly users: number;
  readonly pats: number;
  readonly active: number;
  readonly expired: number;
  readonly revoked: number;
  readonly error: number;
  readonly warning: number;
  readonly note: number;
  readonly excepted: number;
  readonly missing: number;
  readonly byRule: Readonly<Record<string, number>>;
  readonly byScope: Readonly<Record<string, number>>;
}

export interface JudgedRule {
  readonly id: RuleId;
  readonly title: string;
  readonly severity: Severity;
  readonly threshold?: string | number;
  readonly repair: string;
}

export interface Finding {
  readonly rule: RuleId | 'exception-expired';
  readonly severity: Severity;
  readonly message: string;
  /** Index into the exceptions: it does not count. */
  readonly exception?: number;
}

export interface InventoryUser {
  readonly id: string;
  readonly displayName: string;
  readonly principalName: string;
  readonly state: 'active' | 'inactive' | 'unknown';
}

/** A PAT without its value: there is no field that could hold one. */
export interface InventoryPat {
  readonly authorizationId: string;
  readonly organization: string;
  readonly user: InventoryUser | null;
  readonly displayName: string;
  readonly scope: string;
  readonly state: 'active' | 'expired' | 'revoked';
  readonly validFrom: string | null;
  readonly validTo: string | null;
  readonly allOrganizations: boolean;
  readonly origin: 'job' | 'rotation' | 'other';
  readonly run: InventoryRun | null;
  readonly findings: readonly Finding[];
}

export interface InventoryRun {
  readonly host: 'build' | 'release';
  readonly projectId: string;
  readonly runId: string;
  readonly state: 'running' | 'ended' | 'unknown';
}

export interface UsedException {
  readonly name: string;
  /** Empty: every rule. */
  readonly rules: readonly RuleId[];
  readonly reason: string;
  /** The last day on which it counts, `2026-12-31`. */
  readonly until: string;
  readonly expired: boolean;
  readonly uses: number;
}

/** The findings that count. */
export function counting(pat: Pick<InventoryPat, 'findings'>): Finding[] {
  return pat.findings.filter(({ exception }) => exception === undefined);
}

/** The finding about an exception that has ended. */
export function expiredException({ name, until }: UsedException): Finding {
  return {
    rule: 'exception-expired',
    severity: 'warning',
    message: `The exception for ${name} ended on ${until} and no longer counts: prolong it with a reason, or delete it.`,
  };
}
