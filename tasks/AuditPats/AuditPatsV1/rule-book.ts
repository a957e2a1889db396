import { defaultRule, ruleIds, type ActiveRule, type RuleId } from './rules.js';

/** Lets PATs of a name be, until a day, for a reason. */
export interface Exception {
  readonly name: string;
  readonly matches: (displayName: string) => boolean;
  /** Empty: every rule. */
  readonly rules: readonly RuleId[];
  readonly reason: string;
  readonly until: string;
  /** The first moment at which it no longer counts. */
  readonly end: Date;
}

export interface RuleBook {
  readonly rules: readonly ActiveRule[];
  readonly exceptions: readonly Exception[];
}

/** Without a file. */
export const defaultRuleBook: RuleBook = { rules: ruleIds.map(defaultRule), exceptions: [] };
