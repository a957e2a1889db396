import { scopeCatalogue, type Scope } from '../../tasks/common/inputs/scope-catalogue.js';
import { includesScope, labelOf, parseScopes } from '../../tasks/common/inputs/scopes.js';
import { InputFaults } from '../../tasks/common/inputs/input-faults.js';

import { jsonText } from '../../tasks/common/text/json-text.js';
import { outsideText } from '../../tasks/common/text/outside-text.js';
import { plainTable } from '../../tasks/common/text/table.js';
import { EXIT } from '../run-command.js';
import type { Terminal } from '../terminal.js';

export interface ScopesOptions {
  readonly reduce?: string;
  readonly json: boolean;
}

/** The catalogue, searched; or what a list reduces to. No request is sent. @throws Failure */
export function showScopes(words: readonly string[], options: ScopesOptions, terminal: Terminal): number {
  return options.reduce === undefined
    ? showCatalogue(words, options, terminal)
    : showReduced(options.reduce, options, terminal);
}

function showCatalogue(words: readonly string[], { json }: ScopesOptions, terminal: Terminal): number {
  const found = scopeCatalogue.filter(scope => words.every(word => isAbout(scope, word.toLowerCase())));
  if (json) {
    terminal.print(jsonText(found.map(described)));
    return found.length === 0 ? EXIT.failed : EXIT.done;
  }
  if (found.length === 0) {
    terminal.error(
      `No scope is about "${outsideText(words.join(' '), 80)}". Without a word, job-pat scopes shows all.`,
    );
    return EXIT.failed;
  }
  const { bold, dim, yellow } = terminal.colors.out;
  const rows = found.map(scope => [
    bold(scope.uri),
    scope.label,
    dim(spoken(includedIn(scope), terminal.width)),
    [scope.highPrivilege ? yellow('high privilege') : '', scope.onPortal ? '' : dim('not in the portal')]
      .filter(note => note !== '')
      .join(', '),
  ]);
  terminal.print(
    plainTable(
      ['SCOPE', 'IN THE PORTAL', 'INCLUDES', ''].map(title => dim(title)),
      rows,
    ),
  );
  return EXIT.done;
}

/** All of them where there is room. */
function spoken(scopes: readonly string[], width: number): string {
  const [nearest = '', ...more] = scopes;
  if (more.length === 0 || width >= WIDE) return scopes.join(' ');
  return `${nearest} and ${more.length} more`;
}

/** Columns that the longest row takes. */
const WIDE = 150;

function showReduced(text: string, { json }: ScopesOptions, terminal: Terminal): number {
  const { scopes, included, faults } = parseScopes(text, { allowUnknown: false });
  const problems = new InputFaults();
  for (const fault of faults) problems.option('--reduce', fault);
  if (faults.length === 0 && scopes.length === 0)
    problems.option('--reduce', 'names no scope. Example: --reduce "vso.code_write, Code (Read)"');
  problems.throwIfAny();
  if (json) {
    const left = included.map(([scope, by]) => ({ scope, includedIn: by }));
    terminal.print(jsonText({ scopes, leftOut: left }));
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
  const covered = scopeCatalogue.filter(other => other.uri !== uri && includesScope(uri, other.uri));
  return covered
    .map(other => other.uri)
    .sort((a, b) => Number(includesScope(b, a)) - Number(includesScope(a, b)));
}

function described(scope: Scope): object {
  const { uri, label, highPrivilege, onPortal } = scope;
  return { scope: uri, label, includes: includedIn(scope), highPrivilege, onPortal };
}
