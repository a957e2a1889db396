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
 * Maven finds the credentials of a repository by its id in settings, and there can be three such files. Those of the user
 * and of the project stay; the one of the installation is replaced by way of MAVEN_ARGS by one that says the same, and the
 * name of a variable beside it. The ids are those that the pom.xml of the repository gives to feeds of these organizations.
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
  const installed = withoutComments(readText(named ?? unquoted ?? installedSettings(context)) ?? AS_SHIPPED);
  // Of an earlier step: its servers stay beside those of this one.
  const rest = installed.replace(SERVER, (element, id: string) => (servers.has(id) ? '' : element));
  if (SECRET.test(rest.replace(SERVER, ''))) {
    const reason =
      "the settings of the whole Maven installation hold a secret, which would have to be copied. Move it into the user's settings.xml";
    return { kind: 'left out', tool: 'maven', reason };
  }
  const text = withServers(rest, [...servers].map(([id, name]) => server(id, name)).join('\n    '));
  if (text === undefined) {
    const reason =
      'the settings of the whole Maven installation cannot be read. Look at its conf/settings.xml';
    return { kind: 'left out', tool: 'maven', reason };
  }
  const path = join(folder, 'maven-settings.xml');
  const others = args.replace(/\s*(?:--global-settings|-gs)[ =](?:"[^"]*"|\S+)/, '').trim();
  return {
    kind: 'ready',
    tool: 'maven',
    variables: [
      ...secretVariables('maven', pats),
      {
        name: 'MAVEN_ARGS',
        value: `${others === '' ? '' : `${others} `}${OPTION} ${spelled(path)}`,
        isSecret: false,
      },
    ],
    files: [{ path, text }],
    told: `Maven 3.9 and later use the PAT for the repositories ${[...servers.keys()].join(', ')}`,
  };
}

/** As `server` writes them, in one line. */
const SERVER =
  /<server><id>([^<]*)<\/id><username>job-pat<\/username><password>\$\{env\.JOBPAT_[A-Z0-9_]+\}<\/password><\/server>/g;

/** A password that is written out, encrypted or not. */
const SECRET = /<(password|passphrase)>\s*(?!\$\{)[^<\s]/;

/** What Maven's own settings say from 3.8.1 on, and all that they say: no artifact comes over plain HTTP from elsewhere. */
const AS_SHIPPED = `<settings>
  <mirrors>
    <mirror>
      <id>maven-default-http-blocker</id>
      <mirrorOf>external:http:*</mirrorOf>
      <url>http://0.0.0.0/</url>
      <blocked>true</blocked>
    </mirror>
  </mirrors>
</settings>
`;

function server(id: string, variable: string): string {
  return `<server><id>${id}</id><username>${ANY_USER}</username><password>\${env.${variable}}</password></server>`;
}

/** Undefined: it is no file of settings. */
function withServers(settings: string, servers: string): string | undefined {
  const listed = settings.replace(/<servers\s*\/>/, '<servers></servers>');
  const whole = listed.includes('</servers>')
    ? listed
    : listed.replace(/<\/settings>/, '  <servers>\n  </servers>\n</settings>');
  return whole.includes('</servers>')
    ? whole.replace(/\s*<\/servers>/, () => `\n    ${servers}\n  </servers>`)
    : undefined;
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

/** That of the homes that are named, and that of the program on the path, wherever its link leads. */
function installedSettings({ environment, readText, realPath }: ToolContext): string {
  const homes = [environment['MAVEN_HOME'], environment['M2_HOME']].flatMap(home => home ?? []);
  const isWindows = process.platform === 'win32';
  const folders = (environment['PATH'] ?? environment['Path'] ?? '').split(isWindows ? ';' : ':');
  const programs = folders.flatMap(folder => realPath(join(folder, isWindows ? 'mvn.cmd' : 'mvn')) ?? []);
  const candidates = [...homes, ...programs.map(program => dirname(dirname(program)))].map(home =>
    join(home, 'conf', 'settings.xml'),
  );
  return candidates.find(path => readText(path) !== undefined) ?? '';
}

/** The scripts of Maven split at blanks. */
function spelled(path: string): string {
  return path.includes(' ') ? `"${path}"` : path;
}
