import { purposes, type Purpose } from '#pat/purposes';
import { scopeCatalogue, type Scope } from '#pat/scope-catalogue';
import { includesScope, labelOf, parseScopes } from '#pat/scopes';
import { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';

import { printJson } from '../print-json.js';
import { EXIT } from '../run-command.js';
import { fittedTable } from '../screen-text.js';
import type { Terminal } from '../terminal.js';
import { typedText } from '../typed-text.js';

export interface ScopesOptions {
  readonly reduce?: string;
  /** What PATs are for, in place of the scopes. */
  readonly purpose?: boolean;
  readonly json: boolean;
}

/** The catalogue, searched; or what a list reduces to. No request is sent. @throws Failure */
export function showScopes(words: readonly string[], options: ScopesOptions, terminal: Terminal): number {
  if (options.purpose === true) return showPurposes(words, options, terminal);
  return options.reduce === undefined
    ? showCatalogue(words, options, terminal)
    : showReduced(options.reduce, options, terminal);
}

function showCatalogue(words: readonly string[], { json }: ScopesOptions, terminal: Terminal): number {
  const found = scopeCatalogue().filter(scope => words.every(word => isAbout(scope, word.toLowerCase())));
  if (json) {
    printJson(found.map(described), terminal);
    return found.length === 0 ? EXIT.failed : EXIT.done;
  }
  if (found.length === 0) {
    terminal.error(
      `No scope is about "${typedText(words.join(' '), 80)}". Without a word, job-pat scopes shows all.`,
    );
    return EXIT.failed;
  }
  const { bold, dim, yellow } = terminal.colors.out;
  const rows = found.map(scope => [
    scope.uri,
    scope.label,
    includedIn(scope).join(' '),
    [scope.highPrivilege ? yellow('high privilege') : '', scope.onPortal ? '' : dim('not in the portal')]
      .filter(note => note !== '')
      .join(', '),
  ]);
  const columns = [
    { title: 'SCOPE', paint: bold },
    { title: 'IN THE PORTAL' },
    { title: 'INCLUDES', paint: dim },
    { title: 'NOTE' },
  ];
  terminal.print(fittedTable(columns, rows, terminal.width, dim));
  return EXIT.done;
}

const SOURCES = 'https://learn.microsoft.com/';

function showPurposes(words: readonly string[], { json }: ScopesOptions, terminal: Terminal): number {
  const found = purposes.filter(({ name, title, scopes }) =>
    words.every(word => `${name} ${title} ${scopes.join(' ')}`.toLowerCase().includes(word.toLowerCase())),
  );
  if (json) printJson(found.map(describedPurpose), terminal);
  if (found.length === 0) {
    if (!json)
      terminal.error(
        `No purpose is about "${typedText(words.join(' '), 80)}". Without a word, job-pat scopes --purpose shows all.`,
      );
    return EXIT.failed;
  }
  if (json) return EXIT.done;
  const { bold, dim, yellow } = terminal.colors.out;
  const rows = found.map(({ name, title, scopes, warning }) => [
    name,
    title,
    scopes.join(' '),
    warning === undefined ? '' : yellow(warning),
  ]);
  const columns = [
    { title: 'PURPOSE', paint: bold },
    { title: 'WHAT FOR' },
    { title: 'SCOPES' },
    { title: 'NOTE' },
  ];
  terminal.print(fittedTable(columns, rows, terminal.width, dim));
  return EXIT.done;
}

function describedPurpose({ name, title, scopes, source, warning, tools = [] }: Purpose): object {
  return { purpose: name, title, scopes, tools, warning, source: SOURCES + source };
}

function showReduced(text: string, { json }: ScopesOptions, terminal: Terminal): number {
  const { scopes, included, faults } = parseScopes(text, { allowUnknown: false });
  const problems = new ValidationErrors();
  for (const fault of faults) problems.option('--reduce', fault);
  if (faults.length === 0 && scopes.length === 0)
    problems.option('--reduce', 'names no scope. Example: --reduce "vso.code_write, Code (Read)"');
  problems.throwIfAny();
  if (json) {
    const left = included.map(([scope, by]) => ({ scope, includedIn: by }));
    printJson({ scopes, leftOut: left }, terminal);
    return EXIT.done;
  }
  terminal.print(scopes.join(' '));
  for (const [scope, by] of included)
    terminal.info(`${scope} (${labelOf(scope) ?? ''}) is left out: ${by} includes it.`);
  return EXIT.done;
}

function isAbout({ uri, label }: Scope, word: string): boolean {
  return uri.includes(word) || label.toLowerCase().includes(word);
}

/** Every other scope that this one covers, the nearest first. */
function includedIn({ uri, includes }: Scope): string[] {
  if (includes === undefined) return [];
  const covered = scopeCatalogue().filter(other => other.uri !== uri && includesScope(uri, other.uri));
  return covered
    .map(other => other.uri)
    .sort((a, b) => Number(includesScope(b, a)) - Number(includesScope(a, b)));
}

function described(scope: Scope): object {
  const { uri, label, highPrivilege, onPortal } = scope;
  return { scope: uri, label, includes: includedIn(scope), highPrivilege, onPortal };
}
