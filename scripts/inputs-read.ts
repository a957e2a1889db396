import ts from 'typescript';
import { readFileSync } from 'node:fs';

/** The methods that read an input, by whom they are asked of: the agent port, and `Inputs` of the tasks. */
const READERS: Readonly<Record<string, ReadonlySet<string>>> = {
  agent: new Set(['input', 'secretInput']),
  inputs: new Set(['text', 'texts', 'secret', 'flag', 'choice']),
};

/**
 * Which inputs a task's modules read: the literal names given to `inputs.text(...)` and its like, also by way of an array
 * of names, or of a function that passes one of its parameters on.
 *
 * @throws Error when a name is neither a literal nor a parameter, since nobody could tell then
 */
export function inputsReadBy(paths: readonly string[]): Set<string> {
  const sources = paths.map(path =>
    ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true),
  );
  const names = new Set<string>();
  /** Functions that read the input named by their parameter at this position. */
  const passing = new Map<string, number>();

  const lists = new Map(sources.flatMap(listsIn));
  for (const call of sources.flatMap(callsIn)) {
    if (!isReader(call.expression)) continue;
    const [argument] = call.arguments;
    if (argument === undefined) continue;
    if (ts.isStringLiteral(argument)) names.add(argument.text);
    else if (ts.isIdentifier(argument) && lists.has(argument.text))
      for (const name of namesIn(argument.text, lists)) names.add(name);
    else {
      const parameter = enclosingParameter(argument);
      if (parameter === undefined)
        throw new Error(`${place(call)}: which input is read here? Give a literal name.`);
      passing.set(parameter.of, parameter.index);
    }
  }
  for (const call of sources.flatMap(callsIn)) {
    if (!ts.isIdentifier(call.expression)) continue;
    const index = passing.get(call.expression.text);
    const argument = index === undefined ? undefined : call.arguments[index];
    if (argument !== undefined && ts.isStringLiteral(argument)) names.add(argument.text);
  }
  return names;
}

/** `inputs.text`, or `agent.input`, also as `effects.agent.input`. What `this.agent` is asked, `Inputs` hands on. */
function isReader(callee: ts.Expression): boolean {
  if (!ts.isPropertyAccessExpression(callee)) return false;
  const [, whose = ''] = /(?:^|(?<!^this)\.)(agent|inputs)$/.exec(callee.expression.getText()) ?? [];
  return READERS[whose]?.has(callee.name.text) ?? false;
}

function callsIn(source: ts.SourceFile): ts.CallExpression[] {
  const calls: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) calls.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return calls;
}

/** Arrays `as const` by the names of their constants, which the modules of a task have once each. */
function listsIn(source: ts.SourceFile): [string, ts.ArrayLiteralExpression][] {
  return source.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) =>
    declarationList.declarations.flatMap(({ name, initializer }): [string, ts.ArrayLiteralExpression][] => {
      const list =
        initializer !== undefined && ts.isAsExpression(initializer) ? initializer.expression : undefined;
      return list !== undefined && ts.isArrayLiteralExpression(list) ? [[name.getText(), list]] : [];
    }),
  );
}

/** The names in such an array, those of arrays that are spread in it among them. */
function namesIn(list: string, lists: ReadonlyMap<string, ts.ArrayLiteralExpression>): string[] {
  return (lists.get(list)?.elements ?? []).flatMap(element => {
    if (ts.isStringLiteral(element)) return [element.text];
    return ts.isSpreadElement(element) ? namesIn(element.expression.getText(), lists) : [];
  });
}

function enclosingParameter(argument: ts.Expression): { of: string; index: number } | undefined {
  if (!ts.isIdentifier(argument)) return undefined;
  for (let node: ts.Node = argument; !ts.isSourceFile(node); node = node.parent) {
    if (!ts.isFunctionDeclaration(node) || node.name === undefined) continue;
    const index = node.parameters.findIndex(
      ({ name }) => ts.isIdentifier(name) && name.text === argument.text,
    );
    return index < 0 ? undefined : { of: node.name.text, index };
  }
  return undefined;
}

function place(node: ts.Node): string {
  const source = node.getSourceFile();
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}
