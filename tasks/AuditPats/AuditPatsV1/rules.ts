import { DAY, MINUTE } from '#text/lifetime';

export const severities = ['error', 'warning', 'note'] as const;
export type Severity = (typeof severities)[number];

interface Rule {
  readonly title: string;
  /** One sentence. */
  readonly repair: string;
  readonly severity: Severity;
  /** Milliseconds, where the threshold is a length of time. */
  readonly time?: number;
  readonly most?: number;
}

/** Every rule with its defaults; docs/audit.md explains them. */
export const rules = {
  'full-access': {
    title: 'Full access',
    repair: 'Replace it by a PAT with only the scopes that are used, then revoke it.',
    severity: 'error',
  },
  'global-pat': {
    title: 'Global PAT',
    repair:
      'Issue one PAT for each organization in its place before 2026-12-01, when every global PAT stops working.',
    severity: 'error',
  },
  'lifetime-too-long': {
    title: 'Lifetime too long',
    repair: 'Issue it for a job with IssuePat@1, or rotate it with a shorter lifetime.',
    severity: 'warning',
    time: 90 * DAY,
  },
  'expires-soon': {
    title: 'Expires soon',
    repair: 'Rotate it before it ends, or revoke it when nobody uses it.',
    severity: 'warning',
    time: 7 * DAY,
  },
  'expired-but-listed': {
    title: 'Expired but listed',
    repair: 'Make sure that nothing uses it any more; the service removes it from the list by itself.',
    severity: 'note',
    time: 0,
  },
  'high-privilege-scope': {
    title: 'High-privilege scope',
    repair: 'Ask for the smallest scope that does the work, such as a read scope.',
    severity: 'warning',
  },
  'job-pat-run-ended': {
    title: 'PAT of a job that has ended',
    repair: 'Revoke it with RevokePat@1 and what: orphans, and schedule that pipeline.',
    severity: 'error',
    time: 10 * MINUTE,
  },
  'job-pat-run-unknown': {
    title: 'Named like the PAT of a job, and its run does not know it',
    repair: 'Find out who made it; if nobody knows it, revoke it.',
    severity: 'error',
  },
  'job-pat-project-unknown': {
    title: 'Named like the PAT of a job of a project that cannot be seen',
    repair:
      'Let the job see the project (turn off "Limit job authorization scope to current project"), or find out who made it.',
    severity: 'warning',
  },
  'rotated-generation-unrecorded': {
    title: 'Rotated generation that no store records',
    repair: 'Compare its id with the record beside the stored value, and revoke it when they differ.',
    severity: 'warning',
    time: DAY,
  },
  'never-rotated': {
    title: 'Never rotated',
    repair: 'Let RotatePat@1 look after it, or replace it by a PAT for each job.',
    severity: 'warning',
    time: 90 * DAY,
  },
  'duplicate-names': {
    title: 'Duplicate names',
    repair: 'Find out which one is in use, rename it, and revoke the others.',
    severity: 'note',
    most: 1,
  },
  'inactive-user': {
    title: 'PAT of an inactive user',
    repair: 'Revoke it as an administrator, and let an active user own what still needs one.',
    severity: 'error',
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleId = keyof typeof rules;

export function isRuleId(text: string): text is RuleId {
  return Object.hasOwn(rules, text);
}

export const ruleIds: readonly RuleId[] = Object.keys(rules).filter(isRuleId);

/** A rule that is on. */
export interface ActiveRule {
  readonly id: RuleId;
  readonly severity: Severity;
  /** Milliseconds, or a number; 0 for a rule without threshold. */
  readonly threshold: number;
}

export function defaultRule(id: RuleId): ActiveRule {
  const rule: Rule = rules[id];
  return { id, severity: rule.severity, threshold: rule.time ?? rule.most ?? 0 };
}

/** What the threshold of a rule is. */
export function thresholdOf(id: RuleId): 'time' | 'number' | undefined {
  const rule: Rule = rules[id];
  return rule.time !== undefined ? 'time' : rule.most !== undefined ? 'number' : undefined;
}
