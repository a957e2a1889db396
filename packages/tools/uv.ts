import { join } from 'node:path';
import { isFeedOf } from './addresses.js';
import { ANY_USER, type ToolContext, type ToolVariable } from './tool-settings.js';

/**
 * uv reads the credentials of an index out of two variables that bear the index's name
 * (https://docs.astral.sh/uv/concepts/indexes/#providing-credentials-directly), so the names have to be known: those that
 * the repository gives to feeds of these organizations. Nothing else of uv is told by variables that mind the address.
 *
 * @returns the names too, as they are written
 */
export function uvSettings(context: ToolContext): {
  readonly names: readonly string[];
  readonly variables: readonly ToolVariable[];
} {
  const passwords = new Map<string, string>();
  for (const [name, address] of indexes(context)) {
    const pat = context.pats.find(({ organization }) => isFeedOf(organization, address));
    if (pat !== undefined && !passwords.has(name)) passwords.set(name, pat.value);
  }
  const variables = [...passwords].flatMap(([name, value]): ToolVariable[] => {
    const variable = `UV_INDEX_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
    return [
      { name: `${variable}_USERNAME`, value: ANY_USER, isSecret: false },
      { name: `${variable}_PASSWORD`, value, isSecret: true },
    ];
  });
  return { names: [...passwords.keys()], variables };
}

/** Names and addresses of the tables `[[tool.uv.index]]` of pyproject.toml and `[[index]]` of uv.toml. */
function indexes({ sources, readText }: ToolContext): [name: string, address: string][] {
  const project = readText(join(sources, 'pyproject.toml')) ?? '';
  const own = readText(join(sources, 'uv.toml')) ?? '';
  return [
    ...tables(own, /^\s*\[\[\s*index\s*\]\]/),
    ...tables(project, /^\s*\[\[\s*tool\.uv\.index\s*\]\]/),
  ].flatMap(table => {
    const name = valueOf(table, 'name');
    const address = valueOf(table, 'url');
    return name === undefined || address === undefined || !/^[A-Za-z0-9._-]+$/.test(name)
      ? []
      : [[name, address]];
  });
}

/** The lines below each heading of a kind, up to the next heading. */
function tables(toml: string, heading: RegExp): string[] {
  return toml.split(/^(?=\s*\[)/m).filter(part => heading.test(part));
}

function valueOf(table: string, key: string): string | undefined {
  const found = new RegExp(`^\\s*${key}\\s*=\\s*(?:"([^"\\\\\\n]*)"|'([^'\\n]*)')`, 'm').exec(table);
  return found?.[1] ?? found?.[2];
}
