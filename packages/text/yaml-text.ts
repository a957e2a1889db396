import {
  Composer,
  CST,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  visit,
  type Document,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';

/** What is wrong in a file, and where. */
export interface LineFault {
  readonly line: number;
  readonly text: string;
}

/** A file read as YAML (or JSON), whose nodes know their lines. */
export interface YamlText {
  /** Undefined: the file says nothing, or cannot be read. */
  readonly root: Node | undefined;
  /** Those of YAML itself, in the order of their lines; what a file of its kind may hold is not known here. */
  readonly faults: readonly LineFault[];
  /** Of a node; 1 for what has none. */
  lineOf(node: unknown): number;
}

/** No file of ours is half as deep; what takes a text apart calls itself for each level. */
const DEEPEST = 24;
const MOST_KEYS = 100;
const MOST_ITEMS = 10_000;
/** Characters. A text can be an error in each of them. */
const LONGEST_TEXT = 16_384;
const MOST_FAULTS = 20;
/** Words, marks and blanks; a plan of a thousand entries has some seventy thousand. */
const MOST_LEXEMES = 100_000;

/**
 * Reads a small YAML file that a person wrote, in a time that grows with its length only. Every scalar is the text as
 * written: `0042` is no number and `off` is no "false" (see `textOf`). Anchors, aliases, merge keys and tags are refused,
 * since they make a small text large or mean something else than they show; so is what is nested deeper than any file
 * of ours, and a member that is there twice.
 *
 * @param text at most a megabyte
 * @returns the document, and every fault with its line
 */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const faults: LineFault[] = [];
  const fault = (offset: number, text: string): void => {
    if (faults.length < MOST_FAULTS) faults.push({ line: lines.linePos(offset).line, text });
  };
  const lineOf = (node: unknown) => lines.linePos(startOf(node)).line;
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens = [...tokensOf(text, parser, lines, fault)];
  if (faults.length > 0) return { root: undefined, faults, lineOf };

  let document: Document.Parsed | undefined;
  // The library compares each key with each, and does not say which one is there twice.
  const composer = new Composer({ uniqueKeys: false, schema: 'failsafe', logLevel: 'silent' });
  for (const found of composer.compose(tokens, true, text.length)) {
    if (document !== undefined) {
      fault(found.range[0], 'a second document begins here; a file holds one');
      break;
    }
    document = found;
  }
  for (const { pos, message } of document?.errors ?? []) fault(pos[0], `this is not YAML: ${message}`);
  if (document === undefined || faults.length > 0) return { root: undefined, faults, lineOf };
  visit(document, {
    Map(_, map) {
      for (const key of repeatedKeys(map)) fault(startOf(key), `"${textOf(key) ?? ''}" is there twice`);
    },
  });
  // The members of a map are visited after all its keys.
  faults.sort((a, b) => a.line - b.line);
  const { contents } = document;
  return { root: isNode(contents) && !isNothing(contents) ? contents : undefined, faults, lineOf };
}

function repeatedKeys(map: YAMLMap): unknown[] {
  const known = new Set<string>();
  return map.items.flatMap(({ key }) => {
    const text = textOf(key);
    if (text === undefined) return [];
    const isRepeated = known.has(text);
    known.add(text);
    return isRepeated ? [key] : [];
  });
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

/** Takes the text apart as far as it holds nothing that is refused. */
function* tokensOf(
  text: string,
  parser: Parser,
  lines: LineCounter,
  fault: (offset: number, text: string) => void,
): Generator<CST.Token> {
  let refused = false;
  let scalarFollows = false;
  let lexemes = 0;
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    const why = scalarFollows ? refusedScalar(lexeme) : refusedMark(lexeme);
    scalarFollows = lexeme === CST.SCALAR;
    if (why !== undefined) fault(parser.offset, why);
    refused ||= why !== undefined;
    const size = ++lexemes > MOST_LEXEMES ? 'this has too many parts' : sizeFault(parser.stack);
    if (size !== undefined) {
      fault(parser.offset, size);
      return;
    }
    // After something that is refused only more of that is looked for.
    if (refused) skip(lexeme, parser, lines);
    else
      for (const token of parser.next(lexeme)) {
        yield token;
        if (token.type === 'error' && ++errors > MOST_FAULTS) return;
      }
  }
  if (!refused) yield* parser.end();
}

/** Signs of the lexer that are not in the text. */
const SIGNS: ReadonlySet<string> = new Set([CST.SCALAR, CST.DOCUMENT, CST.FLOW_END]);

function skip(lexeme: string, parser: Parser, lines: LineCounter): void {
  if (SIGNS.has(lexeme)) return;
  for (let end = lexeme.indexOf('\n') + 1; end > 0; end = lexeme.indexOf('\n', end) + 1)
    lines.addNewLine(parser.offset + end);
  parser.offset += lexeme.length;
}

function refusedMark(lexeme: string): string | undefined {
  switch (CST.tokenType(lexeme)) {
    case 'anchor':
    case 'alias':
      return 'anchors (&) and aliases (*) are not read. Write the value out in each place';
    case 'tag':
      return 'tags (!) are not read. Write the value without it, or in quotes';
    case 'single-quoted-scalar':
    case 'double-quoted-scalar':
      return refusedText(lexeme);
    default:
      return undefined;
  }
}

function refusedScalar(lexeme: string): string | undefined {
  return lexeme === '<<'
    ? 'merge keys (<<) are not read. Write the members out in each place'
    : refusedText(lexeme);
}

function refusedText(lexeme: string): string | undefined {
  return lexeme.length > LONGEST_TEXT ? `a text is longer than ${LONGEST_TEXT} characters` : undefined;
}

function sizeFault(stack: readonly CST.Token[]): string | undefined {
  if (stack.length > DEEPEST) return `this is nested deeper than ${DEEPEST} levels`;
  const top = stack.at(-1);
  if (top === undefined || !CST.isCollection(top)) return undefined;
  const isMap = top.type === 'block-map' || (top.type === 'flow-collection' && top.start.source === '{');
  const most = isMap ? MOST_KEYS : MOST_ITEMS;
  return top.items.length > most ? `this has more than ${most} ${isMap ? 'members' : 'items'}` : undefined;
}

/** The text of a scalar; undefined for everything else, and for one that is left empty. */
export function textOf(node: unknown): string | undefined {
  return isTextScalar(node) && !isNothing(node) ? node.value : undefined;
}

/** A whole number without quotes around it. */
export function wholeNumberOf(node: unknown): number | undefined {
  const text = isPlain(node) ? textOf(node) : undefined;
  return text !== undefined && /^(?:0|[1-9]\d{0,8})$/.test(text) ? Number(text) : undefined;
}

/** The members of a map in their order; a value that is left empty is undefined. */
export function membersOf(
  map: YAMLMap,
): { readonly key: Node | undefined; readonly value: Node | undefined }[] {
  return map.items.map(({ key, value }: Pair) => ({
    key: isNode(key) ? key : undefined,
    value: isNode(value) && !isNothing(value) ? value : undefined,
  }));
}

/** A scalar that says nothing: left empty, or `null` or `~` without quotes. */
function isNothing(node: Node): boolean {
  return isPlain(node) && isTextScalar(node) && ['', '~', 'null', 'Null', 'NULL'].includes(node.value);
}

function isPlain(node: unknown): boolean {
  return isScalar(node) && (node.type === undefined || node.type === 'PLAIN');
}

function isTextScalar(node: unknown): node is Scalar<string> {
  return isScalar(node) && typeof node.value === 'string';
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value);
}
