import { dirname, join } from 'node:path';
import { isFeedOf } from './addresses.js';
import { withoutComments } from './nuget.js';
import {
  ANY_USER,
  namesOf,
  secretVariable,
  secretVariables,
  type ToolContext,
  type ToolSettings,
} from './tool-settings.js';

/** Settings of the whole installation; MAVEN_ARGS is read from Maven 3.9 on. */
const OPTION = '--global-settings';

/**
 * Maven finds the credentials of a repository by its id in settings, and there can be three such files. The one of the user
 * and of the project stay; the one of the installation, which says nothing as Maven ships it, is named by MAVEN_ARGS. It
 * names a variable. The ids are those that the pom.xml of the repository gives to feeds of these organizations.
 */
export function mavenSettings(context: ToolContext): ToolSettings {
  const { pats, folder, environment, readText, sources } = context;
  const servers = new Map(
    repositories(readText(join(sources, 'pom.xml')) ?? '').flatMap(([id, address]) => {
      const pat = pats.find(({ organization }) => isFeedOf(organization, address));
      return pat === undefined ? [] : [[id, secretVariable('maven', pat.organization)] as const];
    }),
  );
  if (servers.size === 0) {
    const reason = `no pom.xml in ${sources} names a repository in ${namesOf(context)}. Check the repository out before this step, and name the feeds there`;
    return { kind: 'left out', tool: 'maven', reason };
  }
  const args = environment['MAVEN_ARGS'] ?? '';
  const [, named, unquoted] = /(?:--global-settings|-gs)[ =](?:"([^"]*)"|(\S+))/.exec(args) ?? [];
  const installed = withoutComments(readText(named ?? unquoted ?? installedSettings(context)) ?? '');
  // Of an earlier step: its servers stay beside those of this one.
  const earlier = [...installed.matchAll(SERVER)].filter(([, id]) => !servers.has(id ?? ''));
  if (/<[a-zA-Z]+>\s*[^<\s]/.test(installed.replace(SERVER, ''))) {
    const reason =
      "the settings of the whole Maven installation say something, which would be lost. Move it into the user's settings.xml";
    return { kind: 'left out', tool: 'maven', reason };
  }
  const path = join(folder, 'maven-settings.xml');
  const elements = [
    ...earlier.map(([element]) => element),
    ...[...servers].map(([id, name]) => server(id, name)),
  ];
  const rest = args.replace(/\s*(?:--global-settings|-gs)[ =](?:"[^"]*"|\S+)/, '').trim();
  return {
    kind: 'ready',
    tool: 'maven',
    variables: [
      ...secretVariables('maven', pats),
      {
        name: 'MAVEN_ARGS',
        value: `${rest === '' ? '' : `${rest} `}${OPTION} ${spelled(path)}`,
        isSecret: false,
      },
    ],
    files: [{ path, text: settingsFile(elements) }],
    told: `Maven 3.9 and later use the PAT for the repositories ${[...servers.keys()].join(', ')}`,
  };
}

/** As `server` writes them, in one line. */
const SERVER =
  /<server><id>([^<]*)<\/id><username>job-pat<\/username><password>\$\{env\.JOBPAT_[A-Z0-9_]+\}<\/password><\/server>/g;

function server(id: string, variable: string): string {
  return `<server><id>${id}</id><username>${ANY_USER}</username><password>\${env.${variable}}</password></server>`;
}

function settingsFile(servers: readonly string[]): string {
  return `<settings>\n  <servers>\n${servers.map(element => `    ${element}\n`).join('')}  </servers>\n</settings>\n`;
}

/** Ids and addresses of the repositories in a pom.xml. */
function repositories(pom: string): [id: string, address: string][] {
  const elements = withoutComments(pom).matchAll(
    /<(repository|pluginRepository|snapshotRepository)>([\s\S]*?)<\/\1>/g,
  );
  return [...elements].flatMap(([, , inner = '']): [string, string][] => {
    const id = /<id>\s*([A-Za-z0-9._-]+)\s*<\/id>/.exec(inner)?.[1];
    const address = /<url>\s*([^<\s]+)\s*<\/url>/.exec(inner)?.[1]?.replaceAll('&amp;', '&');
    return id === undefined || address === undefined ? [] : [[id, address]];
  });
}

function installedSettings({ environment, readText }: ToolContext): string {
  const homes = [environment['MAVEN_HOME'], environment['M2_HOME']].flatMap(home => home ?? []);
  const folders = (environment['PATH'] ?? environment['Path'] ?? '').split(
    process.platform === 'win32' ? ';' : ':',
  );
  const candidates = [...homes, ...folders.filter(folder => /[\\/]bin$/.test(folder)).map(dirname)].flatMap(
    home => [join(home, 'conf', 'settings.xml'), join(home, 'share', 'maven', 'conf', 'settings.xml')],
  );
  return candidates.find(path => readText(path) !== undefined) ?? '';
}

/** The scripts of Maven split at blanks. */
function spelled(path: string): string {
  return path.includes(' ') ? `"${path}"` : path;
}
