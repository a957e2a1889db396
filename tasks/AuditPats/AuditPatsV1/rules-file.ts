import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Pair, type YAMLMap } from 'yaml';
import { namePattern, namePatternFault } from '../../common/inputs/name-pattern.js';
import { parseLifetime } from '../../common/text/lifetime.js';
import {
  defaultRule,
  isRuleId,
  ruleIds,
  severities,
  thresholdOf,
  type ActiveRule,
  type RuleId,
} from './rules.js';

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

/** A fault continues "Input rulesFile:". */
type Fault = (node: Node | null | undefined, text: string) => void;

/**
 * Reads rules and exceptions: YAML or JSON as schemas/audit-rules.schema.json says. The schema is held by hand, since a
 * validator for it would be larger than the task, and cannot tell lines.
 *
 * @returns the book, or every fault with its line
 */
export function parseRulesFile(text: string): RuleBook | { readonly faults: readonly string[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, schema: 'core' });
  const faults: string[] = [];
  const at = (offset: number, text: string) => faults.push(`line ${lines.linePos(offset).line}: ${text}`);
  for (const { pos, message } of document.errors) at(pos[0], firstSentence(message));
  if (faults.length > 0) return { faults };
  const fault: Fault = (node, text) => at(node?.range?.[0] ?? 0, text);

  const content = document.contents;
  if (content === null) return defaultRuleBook;
  const root = members(content, ['$schema', 'rules', 'exceptions'], 'the file', fault);
  const book: RuleBook = {
    rules: readRules(root.get('rules'), fault),
    exceptions: readExceptions(root.get('exceptions'), fault),
  };
  return faults.length > 0 ? { faults } : book;
}

function readRules(node: Node | undefined, fault: Fault): ActiveRule[] {
  const written = node === undefined ? new Map<string, Node>() : members(node, ruleIds, 'rules', fault);
  return ruleIds.flatMap(id => {
    const entry = written.get(id);
    return entry === undefined ? defaultRule(id) : (readRule(id, entry, fault) ?? []);
  });
}

/** @returns undefined when the rule is off */
function readRule(id: RuleId, node: Node, fault: Fault): ActiveRule | undefined {
  // YAML 1.1 reads a bare `off` as false; both mean the same here.
  if (isScalar(node) && (node.value === 'off' || node.value === false)) return undefined;
  const kind = thresholdOf(id);
  const known = kind === undefined ? ['severity'] : ['severity', 'threshold'];
  const entry = members(node, known, id, fault);
  const usual = defaultRule(id);
  const severity = entry.get('severity');
  const threshold = entry.get('threshold');
  return {
    id,
    severity: severity === undefined ? usual.severity : readSeverity(severity, fault),
    threshold: threshold === undefined ? usual.threshold : readThreshold(threshold, kind, fault),
  };
}

function readSeverity(node: Node, fault: Fault): ActiveRule['severity'] {
  const found = severities.find(severity => severity === valueOf(node));
  if (found === undefined)
    fault(
      node,
      `severity is one of ${severities.join(', ')}, not ${shown(node)}. Example: severity: warning`,
    );
  return found ?? 'error';
}

function readThreshold(node: Node, kind: 'time' | 'number' | undefined, fault: Fault): number {
  const value = valueOf(node);
  if (kind === 'number') {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1000) return value;
    fault(node, `threshold is a whole number from 1 to 1000, not ${shown(node)}. Example: threshold: 1`);
    return 0;
  }
  const time = typeof value === 'string' && /^[\ddhm]+$/.test(value) ? parseLifetime(value) : undefined;
  if (time === undefined)
    fault(node, `threshold is a length of time, not ${shown(node)}. Example: threshold: 90d`);
  return time ?? 0;
}

function readExceptions(node: Node | undefined, fault: Fault): Exception[] {
  if (node === undefined) return [];
  if (!isSeq(node)) {
    fault(node, 'exceptions is a list. Example: - name: Nightly mirror*');
    return [];
  }
  return node.items.flatMap(item => (isNode(item) ? (readException(item, fault) ?? []) : []));
}

function readException(node: Node, fault: Fault): Exception | undefined {
  if (!isMap(node)) {
    fault(node, 'an exception has name, reason and until. Example: - name: Nightly mirror*');
    return undefined;
  }
  const entry = members(node, ['name', 'rules', 'reason', 'until'], 'an exception', fault);
  const text = (key: string, example: string): string => {
    const value = valueOf(entry.get(key));
    if (typeof value === 'string' && value.trim() !== '') return value;
    fault(entry.get(key) ?? node, `an exception needs ${key}, a text. Example: ${key}: ${example}`);
    return '';
  };
  const name = text('name', 'Nightly mirror*');
  const reason = text('reason', 'Replaced in the next release');
  const until = text('until', '2026-12-31');
  const nameFault = name === '' ? undefined : namePatternFault(name, 'all');
  if (nameFault !== undefined) fault(entry.get('name'), `name ${nameFault}. Example: name: Nightly mirror*`);
  if (reason.length > 1000) fault(entry.get('reason'), 'reason is longer than 1000 characters');
  const day = dayOf(until);
  if (until !== '' && day === undefined)
    fault(entry.get('until'), `until is a day, not ${shown(entry.get('until'))}. Example: until: 2026-12-31`);
  const only = entry.get('rules');
  return {
    name,
    matches: nameFault === undefined ? namePattern(name) : () => false,
    rules: only === undefined ? [] : readRuleIds(only, fault),
    reason,
    until,
    end: new Date((day ?? 0) + 86_400_000),
  };
}

function readRuleIds(node: Node, fault: Fault): RuleId[] {
  const items = isSeq(node) ? node.items : [];
  if (items.length === 0) fault(node, 'rules is a list of rule ids. Example: rules: [full-access]');
  return items.flatMap(item => {
    const value = isNode(item) ? valueOf(item) : undefined;
    if (typeof value === 'string' && isRuleId(value)) return value;
    const place = isNode(item) ? item : node;
    fault(place, `${shown(place)} is not a rule. Rules are ${ruleIds.join(', ')}`);
    return [];
  });
}

/** Midnight in UTC; undefined for a day that no calendar has. */
function dayOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) ? time : undefined;
}

/** The members of a map, each of which has to be known. */
function members(node: Node, known: readonly string[], what: string, fault: Fault): Map<string, Node> {
  const found = new Map<string, Node>();
  if (!isMap(node)) {
    fault(node, `${what} has to be a map of ${known.join(', ')}`);
    return found;
  }
  for (const { key, value } of pairsOf(node)) {
    const name = String(valueOf(key));
    if (!known.includes(name)) fault(key, `${what} has no "${name}"; it has ${known.join(', ')}`);
    else if (value === undefined) fault(key, `"${name}" is empty`);
    else found.set(name, value);
  }
  return found;
}

function pairsOf(map: YAMLMap): { key: Node | undefined; value: Node | undefined }[] {
  return map.items.map(({ key, value }: Pair) => ({
    key: isNode(key) ? key : undefined,
    value: isNode(value) && !(isScalar(value) && value.value === null) ? value : undefined,
  }));
}

/** Aliases are none of these: an alias can make a small file large, and no rule needs one. */
function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value);
}

function valueOf(node: Node | undefined): unknown {
  return isScalar(node) ? node.value : undefined;
}

function shown(node: Node | undefined): string {
  return isScalar(node) ? `"${String(node.value).slice(0, 60)}"` : 'a list or map';
}

function firstSentence(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}
