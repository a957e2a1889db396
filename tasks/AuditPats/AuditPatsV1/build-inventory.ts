import { rotatedNameOf } from '#pat/generations';
import { readJobPatName } from '#pat/run-name';
import { formatLifetime } from '#text/lifetime';
import type { CollectedPats, FoundPat } from './found-pat.js';
import {
  counting,
  expiredException,
  type Counts,
  type Finding,
  type Inventory,
  type InventoryPat,
  type InventoryRun,
  type JudgedRule,
  type UsedException,
} from './inventory.js';
import { scopesOf, type RuleMatch, type RuleMatches } from './evaluate-rules.js';
import type { AuditRequest } from './request.js';
import type { Exception } from './rule-book.js';
import { rules, severities, thresholdOf, type ActiveRule, type Severity } from './rules.js';
import type { RunStates } from './run-states.js';

/** Makes findings of the rules that fire and computes every figure, once: all that is shown comes from here. */
export function buildInventory(
  { pats: found, missing, users }: CollectedPats,
  { actor, organizations, book }: Pick<AuditRequest, 'actor' | 'organizations' | 'book'>,
  matches: RuleMatches,
  runs: RunStates,
  now: Date,
): Inventory {
  const uses = book.exceptions.map(() => 0);
  const pats = found
    .map(pat => entryOf(pat, findingsOf(pat, matches.get(pat) ?? [], book, now, uses), runs))
    .sort(worstFirst);
  const exceptions = book.exceptions.map(({ name, rules, reason, until, end }, index): UsedException => ({
    name,
    rules,
    reason,
    until,
    expired: end <= now,
    uses: uses[index] ?? 0,
  }));
  const general = exceptions.filter(({ expired }) => expired).map(expiredException);
  return {
    version: 1,
    readAt: now.toISOString(),
    people: 'names',
    whose: actor.as === 'issuer' ? 'issuer' : 'organization',
    organizations: organizations.map(({ name }) => name),
    complete: missing.length === 0,
    missing: missing.map(({ organization, user, reason }) => ({ organization, user, reason })),
    counts: countsOf(pats, general, book.rules, users, missing.length),
    rules: book.rules.map(judgedRule),
    pats,
    general,
    exceptions,
  };
}

function findingsOf(
  pat: FoundPat,
  hits: readonly RuleMatch[],
  { rules, exceptions }: AuditRequest['book'],
  now: Date,
  uses: number[],
): Finding[] {
  return hits
    .map(({ rule, message }): Finding => {
      const severity = rules.find(({ id }) => id === rule)?.severity ?? 'error';
      const exception = exceptions.findIndex(exception => covers(exception, pat, rule, now));
      if (exception < 0) return { rule, severity, message };
      uses[exception] = (uses[exception] ?? 0) + 1;
      return { rule, severity, message, exception };
    })
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

function covers(
  { matches, rules, end }: Exception,
  pat: FoundPat,
  rule: RuleMatch['rule'],
  now: Date,
): boolean {
  return now < end && (rules.length === 0 || rules.includes(rule)) && matches(pat.displayName);
}

function entryOf(pat: FoundPat, findings: readonly Finding[], runs: RunStates): InventoryPat {
  const run = readJobPatName(pat.displayName);
  const state = runs.get(pat)?.kind;
  const told: InventoryRun | null =
    run === undefined
      ? null
      : {
          host: run.host,
          projectId: run.projectId,
          runId: run.runId,
          state: state === 'ended' || state === 'running' ? state : 'unknown',
        };
  return {
    authorizationId: pat.authorizationId,
    organization: pat.organization.name,
    user: pat.user,
    displayName: pat.displayName,
    scope: scopesOf(pat).join(' '),
    state: pat.state,
    validFrom: pat.validFrom?.toISOString() ?? null,
    validTo: pat.validTo?.toISOString() ?? null,
    allOrganizations: pat.allOrganizations === true,
    origin: run !== undefined ? 'job' : rotatedNameOf(pat.displayName) !== undefined ? 'rotation' : 'other',
    run: told,
    findings,
  };
}

const STATES = ['active', 'expired', 'revoked'];

function worstFirst(a: InventoryPat, b: InventoryPat): number {
  const worst = (pat: InventoryPat) =>
    Math.min(severities.length, ...counting(pat).map(({ severity }) => severities.indexOf(severity)));
  const end = ({ validTo }: InventoryPat) => validTo ?? '9999';
  return (
    worst(a) - worst(b) ||
    counting(b).length - counting(a).length ||
    STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
    (end(a) < end(b) ? -1 : end(a) > end(b) ? 1 : 0) ||
    (a.authorizationId < b.authorizationId ? -1 : 1)
  );
}

function countsOf(
  pats: readonly InventoryPat[],
  general: readonly Finding[],
  active: readonly ActiveRule[],
  users: number,
  missing: number,
): Counts {
  const findings = [...pats.flatMap(counting), ...general];
  const inState = (state: InventoryPat['state']) => pats.filter(pat => pat.state === state).length;
  const ofSeverity = (severity: Severity) => findings.filter(finding => finding.severity === severity).length;
  const byRule = new Map<string, number>(active.map(({ id }) => [id, 0]));
  for (const { rule } of findings) byRule.set(rule, (byRule.get(rule) ?? 0) + 1);
  const byScope = new Map<string, number>();
  for (const { scope } of pats.filter(({ state }) => state === 'active'))
    for (const word of scope.split(' ').filter(word => word !== ''))
      byScope.set(word, (byScope.get(word) ?? 0) + 1);
  const descending = (counts: Map<string, number>) =>
    Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
  return {
    users,
    pats: pats.length,
    active: inState('active'),
    expired: inState('expired'),
    revoked: inState('revoked'),
    error: ofSeverity('error'),
    warning: ofSeverity('warning'),
    note: ofSeverity('note'),
    excepted: pats.reduce((sum, pat) => sum + pat.findings.length - counting(pat).length, 0),
    missing,
    byRule: Object.fromEntries(byRule),
    byScope: descending(byScope),
  };
}

function judgedRule({ id, severity, threshold }: ActiveRule): JudgedRule {
  const { title, repair } = rules[id];
  const kind = thresholdOf(id);
  return {
    id,
    title,
    severity,
    ...(kind === 'time' && { threshold: threshold === 0 ? '0d' : formatLifetime(threshold) }),
    ...(kind === 'number' && { threshold }),
    repair,
  };
}
