/** A value in a pipeline expression. */
export type ExpressionValue = string | number | boolean | null;

/** What the expression can see. A context is read by member names, such as `variables` then `x`. */
export interface ExpressionScope {
  /** Returns the value at a path of members, the first being the context's name; undefined: no such context. */
  read(path: readonly string[]): ExpressionValue | undefined;
  /** Functions that look at the job: `succeeded`, `failed`, ... Returns undefined if there is none of that name. */
  status(name: string, args: readonly string[]): boolean | undefined;
}

export class ExpressionError extends Error {}

type Token =
  | { readonly kind: 'value'; readonly value: ExpressionValue }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'mark'; readonly text: '(' | ')' | '[' | ']' | '.' | ',' };

const tokenPattern = /\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)(?![\w.])|([A-Za-z_][\w-]*)|([()[\].,]))/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const source = text.trimEnd();
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < source.length) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(source);
    if (match === null)
      throw new ExpressionError(`Unexpected symbol at position ${at + 1} of the expression: ${text}`);
    const [, quoted, number, name, mark] = match;
    if (quoted !== undefined) tokens.push({ kind: 'value', value: quoted.replaceAll("''", "'") });
    else if (number !== undefined) tokens.push({ kind: 'value', value: Number(number) });
    else if (name !== undefined) tokens.push(nameToken(name));
    else if (mark === '(' || mark === ')' || mark === '[' || mark === ']' || mark === '.' || mark === ',') {
      tokens.push({ kind: 'mark', text: mark });
    }
  }
  return tokens;
}

function nameToken(name: string): Token {
  switch (name.toLowerCase()) {
    case 'true':
      return { kind: 'value', value: true };
    case 'false':
      return { kind: 'value', value: false };
    case 'null':
      return { kind: 'value', value: null };
    default:
      return { kind: 'name', text: name };
  }
}

/**
 * Evaluates an expression of `condition:` or `$[ ]`. Throws ExpressionError if it does not parse or names
 * what does not exist.
 */
export function evaluateExpression(text: string, scope: ExpressionScope): ExpressionValue {
  const reader = new ExpressionReader(tokenize(text), text, scope);
  return reader.readAll();
}

class ExpressionReader {
  readonly #tokens: readonly Token[];
  readonly #text: string;
  readonly #scope: ExpressionScope;
  #next = 0;

  constructor(tokens: readonly Token[], text: string, scope: ExpressionScope) {
    this.#tokens = tokens;
    this.#text = text;
    this.#scope = scope;
  }

  readAll(): ExpressionValue {
    const value = this.#readValue();
    if (this.#next < this.#tokens.length) this.#fail('something follows its end');
    return value;
  }

  #readValue(): ExpressionValue {
    const token = this.#tokens[this.#next++];
    if (token === undefined) return this.#fail('it ends too early');
    switch (token.kind) {
      case 'value':
        return token.value;
      case 'name':
        return this.#takes('(') ? this.#call(token.text) : this.#readMembers(token.text);
      case 'mark':
        return this.#fail(`'${token.text}' is not expected there`);
    }
  }

  #call(name: string): ExpressionValue {
    const args: ExpressionValue[] = [];
    if (!this.#takes(')')) {
      do args.push(this.#readValue());
      while (this.#takes(','));
      if (!this.#takes(')')) this.#fail(`')' is missing after ${name}(`);
    }
    const status = this.#scope.status(name.toLowerCase(), args.map(toText));
    if (status !== undefined) return status;
    const applied = applyFunction(name.toLowerCase(), args);
    return applied === undefined
      ? this.#fail(`the function '${name}' is unknown or lacks arguments`)
      : applied;
  }

  #readMembers(context: string): ExpressionValue {
    const path = [context.toLowerCase()];
    for (;;) {
      if (this.#takes('.')) {
        const member = this.#memberName();
        if (member === '') this.#fail("a name is missing after '.'");
        path.push(member);
      } else if (this.#takes('[')) {
        path.push(toText(this.#readValue()));
        if (!this.#takes(']')) this.#fail("']' is missing");
      } else break;
    }
    const value = this.#scope.read(path);
    return value === undefined ? this.#fail(`'${context}' is unknown`) : value;
  }

  #memberName(): string {
    const token = this.#tokens[this.#next++];
    return token?.kind === 'name' ? token.text : '';
  }

  #takes(mark: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.kind !== 'mark' || token.text !== mark) return false;
    this.#next += 1;
    return true;
  }

  #fail(what: string): never {
    throw new ExpressionError(`The expression '${this.#text}' is not valid: ${what}.`);
  }
}

type ExpressionFunction = (args: readonly ExpressionValue[]) => ExpressionValue;

interface Arity {
  readonly least: number;
  readonly most: number;
  readonly apply: ExpressionFunction;
}

const at = (args: readonly ExpressionValue[], index: number): ExpressionValue => args[index] ?? null;
const text = (args: readonly ExpressionValue[], index: number): string =>
  toText(at(args, index)).toLowerCase();
const exactly = (count: number, apply: ExpressionFunction): Arity => ({ least: count, most: count, apply });
const atLeast = (count: number, apply: ExpressionFunction): Arity => ({
  least: count,
  most: Infinity,
  apply,
});

const functions: Readonly<Record<string, Arity>> = {
  and: atLeast(2, args => args.every(isTruthy)),
  or: atLeast(2, args => args.some(isTruthy)),
  xor: exactly(2, args => isTruthy(at(args, 0)) !== isTruthy(at(args, 1))),
  not: exactly(1, args => !isTruthy(at(args, 0))),
  eq: exactly(2, args => compare(at(args, 0), at(args, 1)) === 0),
  ne: exactly(2, args => compare(at(args, 0), at(args, 1)) !== 0),
  gt: exactly(2, args => (compare(at(args, 0), at(args, 1)) ?? 0) > 0),
  ge: exactly(2, args => (compare(at(args, 0), at(args, 1)) ?? -1) >= 0),
  lt: exactly(2, args => (compare(at(args, 0), at(args, 1)) ?? 0) < 0),
  le: exactly(2, args => (compare(at(args, 0), at(args, 1)) ?? 1) <= 0),
  in: atLeast(1, args => args.slice(1).some(item => compare(at(args, 0), item) === 0)),
  notin: atLeast(1, args => !args.slice(1).some(item => compare(at(args, 0), item) === 0)),
  contains: exactly(2, args => text(args, 0).includes(text(args, 1))),
  startswith: exactly(2, args => text(args, 0).startsWith(text(args, 1))),
  endswith: exactly(2, args => text(args, 0).endsWith(text(args, 1))),
  lower: exactly(1, args => toText(at(args, 0)).toLowerCase()),
  upper: exactly(1, args => toText(at(args, 0)).toUpperCase()),
  coalesce: atLeast(1, args => args.find(item => item !== null && item !== '') ?? null),
};

function applyFunction(name: string, args: readonly ExpressionValue[]): ExpressionValue | undefined {
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (known === undefined || args.length < known.least || args.length > known.most) return undefined;
  return known.apply(args);
}

/** The right side is turned into the type of the left one; undefined: they cannot be compared. */
function compare(left: ExpressionValue, right: ExpressionValue): number | undefined {
  switch (typeof left) {
    case 'boolean':
      return Number(left) - Number(isTruthy(right));
    case 'number': {
      const number = right === null || right === '' ? 0 : Number(right);
      return Number.isNaN(number) ? undefined : Math.sign(left - number);
    }
    default: {
      const [a, b] = [toText(left).toUpperCase(), toText(right).toUpperCase()];
      return a === b ? 0 : a < b ? -1 : 1;
    }
  }
}

export function isTruthy(value: ExpressionValue): boolean {
  return value !== null && value !== false && value !== 0 && value !== '';
}

/** Booleans print as `True` and `False`, null as nothing. */
function toText(value: ExpressionValue): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}
