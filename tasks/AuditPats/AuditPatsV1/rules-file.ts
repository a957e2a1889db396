import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { namePattern, namePatternFault } from '#pat/name-pattern';
import { membersOf, readYaml, textOf, wholeNumberOf } from '#text/yaml-text';
import { parseLifetime } from '#text/lifetime';
import { defaultRuleBook, type Exception, type RuleBook } from './rule-book.js';
import {
  defaultRule,
  isRuleId,
  ruleIds,
  severities,
  thresholdOf,
  type ActiveRule,
  type RuleId,
} from './rules.js';

/** A fault continues "Input rulesFile:". */
type Fault = (node: unknown, text: string) => void;

/**
 * Reads rules and exceptions: YAML or JSON as schemas/audit-rules.schema.json says. The schema is held by hand, since a
 * validator for it would be larger than the task, and cannot tell lines.
 *
 * @returns the book, or every fault with its line
 */
export function parseRulesFile(text: string): RuleBook | { readonly faults: readonly string[] } {
  const file = readYaml(text);
  const faults = file.faults.map(({ line, text }) => `line ${line}: ${text}`);
  if (file.root === undefined) return faults.length > 0 ? { faults } : defaultRuleBook;
  const fault: Fault = (node, text) => faults.push(`line ${file.lineOf(node)}: ${text}`);
  const root = members(file.root, ['$schema', 'rules', 'exceptions'], 'the file', fault);
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
  if (['off', 'false'].includes(textOf(node) ?? '')) return undefined;
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
  const found = severities.find(severity => severity === textOf(node));
  if (found === undefined)
    fault(
      node,
      `severity is one of ${severities.join(', ')}, not ${shown(node)}. Example: severity: warning`,
    );
  return found ?? 'error';
}

function readThreshold(node: Node, kind: 'time' | 'number' | undefined, fault: Fault): number {
  if (kind === 'number') {
    const value = wholeNumberOf(node) ?? 0;
    if (value >= 1 && value <= 1000) return value;
    fault(node, `threshold is a whole number from 1 to 1000, not ${shown(node)}. Example: threshold: 1`);
    return 0;
  }
  const text = textOf(node) ?? '';
  const time = /^[\ddhm]+$/.test(text) ? parseLifetime(text) : undefined;
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
  return node.items.flatMap(item => readException(item, fault) ?? []);
}

function readException(node: unknown, fault: Fault): Exception | undefined {
  if (!isMap(node)) {
    fault(node, 'an exception has name, reason and until. Example: - name: Nightly mirror*');
    return undefined;
  }
  const entry = members(node, ['name', 'rules', 'reason', 'until'], 'an exception', fault);
  const text = (key: string, example: string): string => {
    const value = textOf(entry.get(key)) ?? '';
    if (value.trim() !== '') return value;
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
    const value = textOf(item) ?? '';
    if (isRuleId(value)) return value;
    fault(item, `${shown(item)} is not a rule. Rules are ${ruleIds.join(', ')}`);
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
  for (const { key, value } of membersOf(node)) {
    const name = textOf(key) ?? '';
    if (!known.includes(name)) fault(key, `${what} has no "${name}"; it has ${known.join(', ')}`);
    else if (value === undefined) fault(key, `"${name}" is empty`);
    else found.set(name, value);
  }
  return found;
}

function shown(node: unknown): string {
  return isScalar(node) ? `"${String(node.value).slice(0, 60)}"` : 'a list or map';
}
