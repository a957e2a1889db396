import type { PipelineNode } from './pipeline-node.js';

/** Variable groups by name, with the values of their variables. */
export type VariableGroups = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** `variables:` as a map, or as a list of names with values, and of groups. */
export function readVariables(
  node: PipelineNode | undefined,
  groups: VariableGroups | undefined,
): Map<string, string> {
  if (node?.isList() !== true) return node?.textMap() ?? new Map<string, string>();
  const variables = new Map<string, string>();
  for (const item of node.items()) {
    const fields = item.fields(['name', 'value', 'readonly', 'group']);
    const group = fields.get('group')?.text();
    if (group !== undefined) {
      const values = groups?.[group] ?? item.fail(`The variable group '${group}' is not known here.`);
      for (const [name, value] of Object.entries(values)) variables.set(name, value);
      continue;
    }
    const name = fields.get('name')?.text() ?? item.fail('A variable needs a name.');
    variables.set(name, fields.get('value')?.text() ?? '');
  }
  return variables;
}

/** Gives the parameters their values: those that are given, else their defaults. */
export function readParameters(
  root: PipelineNode,
  node: PipelineNode | undefined,
  given: Readonly<Record<string, string>>,
): void {
  const declared = new Set<string>();
  for (const item of node?.items() ?? []) {
    const fields = item.fields(['name', 'displayName', 'type', 'default', 'values']);
    const name = fields.get('name')?.text() ?? item.fail('A parameter needs a name.');
    declared.add(name.toLowerCase());
    const value = new Map(Object.entries(given)).get(name) ?? fields.get('default')?.text();
    root.setParameter(
      name,
      value ?? item.fail(`The parameter '${name}' has no default and no value was given.`),
    );
  }
  const unknown = Object.keys(given).find(name => !declared.has(name.toLowerCase()));
  if (unknown !== undefined) root.fail(`The pipeline has no parameter '${unknown}'.`);
}
