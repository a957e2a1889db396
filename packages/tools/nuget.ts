import { join } from 'node:path';
import { isFeedOf } from './addresses.js';
import {
  ANY_USER,
  namesOf,
  type ToolContext,
  type ToolSettings,
  type ToolVariable,
} from './tool-settings.js';

/** NuGet's own spellings, for file systems that mind case. */
const FILES = ['nuget.config', 'NuGet.config', 'NuGet.Config'];

/**
 * NuGet reads the credentials of a package source out of a variable that bears the source's name, so the sources have to be
 * known: those that the nuget.config of the repository or of the user names and that are feeds of these organizations.
 */
export function nugetSettings(context: ToolContext): ToolSettings {
  const sources = new Map<string, string>();
  for (const [name, address] of packageSources(context)) {
    const pat = context.pats.find(({ organization }) => isFeedOf(organization, address));
    if (pat !== undefined && !sources.has(name)) sources.set(name, pat.value);
  }
  const unusable = [...sources.keys()].filter(name => !/^[A-Za-z0-9_-]+$/.test(name));
  if (sources.size === 0 || unusable.length > 0) {
    const reason =
      unusable.length > 0
        ? `no variable can bear the name of the package source "${unusable[0] ?? ''}". Name it with letters, digits, _ and - in nuget.config`
        : `no nuget.config in ${context.sources} names a package source in ${namesOf(context)}. Check the repository out before this step, and name the feeds there`;
    return { kind: 'left out', tool: 'nuget', reason };
  }
  return {
    kind: 'ready',
    tool: 'nuget',
    variables: [...sources].map(([name, pat]): ToolVariable => ({
      name: `NuGetPackageSourceCredentials_${name}`,
      value: `Username=${ANY_USER};Password=${pat};ValidAuthenticationTypes=Basic`,
      isSecret: true,
      keepsCase: true,
    })),
    files: [],
    told: `nuget and dotnet use the PAT for the package sources ${[...sources.keys()].join(', ')}`,
  };
}

/** Names and addresses, the repository's first. */
function packageSources({ sources, environment, readText }: ToolContext): [name: string, address: string][] {
  const home = environment['HOME'];
  const roaming = environment['APPDATA'];
  const folders = [
    sources,
    ...(roaming === undefined ? [] : [join(roaming, 'NuGet')]),
    ...(home === undefined ? [] : [join(home, '.nuget', 'NuGet')]),
  ];
  return folders.flatMap(folder => {
    const text = FILES.map(file => readText(join(folder, file))).find(found => found !== undefined) ?? '';
    const listed = /<packageSources>([\s\S]*?)<\/packageSources>/i.exec(withoutComments(text))?.[1] ?? '';
    return [...listed.matchAll(/<add\b[^>]*>/gi)].flatMap(([element]): [string, string][] => {
      const [name, address] = [attribute(element, 'key'), attribute(element, 'value')];
      return name === undefined || address === undefined ? [] : [[name, address]];
    });
  });
}

function attribute(element: string, name: string): string | undefined {
  const found = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(element);
  return (found?.[1] ?? found?.[2])?.replaceAll('&amp;', '&');
}

export function withoutComments(xml: string): string {
  return xml.replace(/<!--[\s\S]*?-->/g, '');
}
