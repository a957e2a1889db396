import {
  CST,
  isAlias,
  isScalar,
  Lexer,
  LineCounter,
  parseDocument,
  Parser,
  visit,
  type Node,
  type Scalar,
} from 'yaml';

/** A YAML file that a user wrote, or what is wrong with it. */
export type YamlText =
  { readonly root: Node | null; lineOf(node: unknown): number } | { readonly faults: readonly YamlFault[] };

export interface YamlFault {
  readonly line: number;
  readonly text: string;
}

/** Far more than a file written by hand needs, and little enough to be read in seconds. */
const MOST_PARTS = 150_000;
const MOST_CURIOUS_PARTS = 1_000;
const LONGEST_PART = 16 * 1024;
const DEEPEST = 40;
const MOST_FAULTS = 50;

/**
 * Reads YAML whose time and memory grow with its length only. An alias can make a small file large, and a merge key
 * hides what an entry holds: neither is read. A key stands in a map once.
 */
export function readYaml(text: string): YamlText {
  const unfit = unfitPart(text);
  if (unfit !== undefined) return { faults: [unfit] };
  const lines = new LineCounter();
  // Keys are compared below: the library compares each with each.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    schema: 'core',
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0]);
    return { faults: [{ line, text: `this is not YAML: ${error.message.split('\n')[0] ?? ''}` }] };
  }
  const lineOf = (node: unknown) => lines.linePos(startOf(node)).line;
  const faults: YamlFault[] = [];
  const fault = (node: unknown, text: string) => {
    if (faults.length < MOST_FAULTS) faults.push({ line: lineOf(node), text });
  };
  visit(document, {
    Alias(_, alias) {
      fault(alias, `an alias ("*${alias.source}") is not read. Write out what it stands for`);
    },
    Map(_, map) {
      const known = new Set<string>();
      for (const { key } of map.items) {
        if (isAlias(key) || !isScalar(key)) continue;
        const name = textOf(key);
        if (name === '<<' && key.type === 'PLAIN')
          fault(key, 'a merge key ("<<") is not read. Write out what the entry holds');
        else if (known.has(name)) fault(key, `"${name}" is there twice`);
        known.add(name);
      }
    },
  });
  return faults.length > 0 ? { faults } : { root: document.contents, lineOf };
}

/** A value as it is written: `0042` and `1.10` are names, and no numbers. Empty where nothing is written. */
export function textOf(scalar: Scalar): string {
  return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? '');
}

/** The first part that no file written by hand has; nothing of the file is kept in memory until it is known to be fit. */
function unfitPart(text: string): YamlFault | undefined {
  const parser = new Parser();
  let line = 1;
  let parts = 0;
  let curious = 0;
  let before = '';
  let isContent = false;
  for (const part of new Lexer().lex(text)) {
    // Finished parts are of no interest here, but have to be fetched.
    Array.from(parser.next(part));
    const kind: string = isContent ? 'content' : (CST.tokenType(part) ?? 'content');
    isContent = kind === 'scalar';
    parts += 1;
    const isEmptyItem = kind === 'comma' && (before === 'comma' || before.endsWith('-start'));
    if (CURIOUS.has(kind) || isEmptyItem) curious += 1;
    if (kind !== 'space' && kind !== 'newline' && kind !== 'comment') before = kind;
    const isText = kind !== 'comment' && kind !== 'space' && kind !== 'newline';
    if (parser.stack.length > DEEPEST) return { line, text: 'this is nested too deep' };
    if (isText && part.length > LONGEST_PART)
      return { line, text: `a text of ${part.length} characters is too long` };
    if (curious > MOST_CURIOUS_PARTS)
      return { line, text: 'there are too many tags, anchors, aliases, directives or empty items' };
    if (parts > MOST_PARTS) return { line, text: 'the file has too many parts' };
    for (let at = part.indexOf('\n'); at >= 0; at = part.indexOf('\n', at + 1)) line += 1;
  }
  return undefined;
}

/** Each of these can be a character long and costs as much as a whole line. */
const CURIOUS: ReadonlySet<string> = new Set([
  'tag',
  'anchor',
  'alias',
  'directive-line',
  'explicit-key-ind',
  'flow-error-end',
  'doc-start',
  'doc-end',
  'doc-mode',
]);

function startOf(node: unknown): number {
  const range: unknown =
    typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) ? Number(range[0]) : 0;
}
