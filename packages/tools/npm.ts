import { join } from 'node:path';
import { feedAddresses, isFeedOf } from './addresses.js';
import { holdsSecret, pnpmSettings } from './pnpm.js';
import {
  ANY_USER,
  namesOf,
  secretVariable,
  secretVariables,
  type ToolContext,
  type ToolSettings,
} from './tool-settings.js';

/**
 * npm looks for credentials by address, and goes up from a feed to the organization, unless it publishes. They stand in the
 * last file that it reads, the one of the whole installation, so that those of the repository and of the user keep their
 * say; the file names a variable. pnpm reads the same file up to version 10, and from 11 on the user's alone (pnpm.ts).
 */
export function npmSettings(context: ToolContext): ToolSettings {
  const { pats, folder } = context;
  const installed = installedSettings(context);
  if (holdsSecret(installed)) {
    const reason =
      'the npmrc of the whole installation holds a secret, which would have to be copied. Move it into the npmrc of the user';
    return { kind: 'left out', tool: 'npm', reason };
  }
  const registries = namedRegistries(context);
  const lines = pats.flatMap(({ organization }) =>
    [
      ...feedAddresses(organization),
      ...registries.filter(address => isFeedOf(organization, address)),
    ].flatMap(address => {
      const key = `${address.replace(/^https?:/, '').replace(/\/$/, '')}/`;
      return [
        `${key}:username=${ANY_USER}`,
        `${key}:_password=\${${secretVariable('npm', organization)}}`,
        `${key}:email=${ANY_USER}@localhost`,
      ];
    }),
  );
  const path = join(folder, 'npmrc');
  const pnpm = pnpmSettings(context, lines);
  const before = installed === '' || installed.endsWith('\n') ? installed : `${installed}\n`;
  return {
    kind: 'ready',
    tool: 'npm',
    variables: [
      ...secretVariables('npm', pats, value => Buffer.from(value, 'utf8').toString('base64')),
      { name: 'NPM_CONFIG_GLOBALCONFIG', value: path, isSecret: false },
      ...pnpm.variables,
    ],
    files: [{ path, text: `${before}${lines.join('\n')}\n` }, ...pnpm.files],
    told: `npm and pnpm use the PAT for the feeds of ${namesOf(context)}${pnpm.told}`,
  };
}

/** Registries that the repository and the user name: npm publishes only where credentials stand under the very address. */
function namedRegistries({ sources, environment, readText }: ToolContext): string[] {
  const home = environment['HOME'] ?? environment['USERPROFILE'] ?? '';
  const texts = [
    readText(join(sources, '.npmrc')),
    readText(join(sources, 'package.json')),
    home === '' ? undefined : readText(join(home, '.npmrc')),
    environment['NPM_CONFIG_REGISTRY'],
  ];
  const found = texts.flatMap(text => text?.match(/https?:\/\/[^\s"'<>,;]+/g) ?? []);
  return [...new Set(found.map(address => address.replace(/\/*$/, '/')))];
}

/** What stands there without us: of an earlier step, of the user, or of the npm that the path leads to. Empty: nothing. */
function installedSettings({ environment, readText }: ToolContext): string {
  const named = environment['NPM_CONFIG_GLOBALCONFIG'] ?? environment['npm_config_globalconfig'] ?? '';
  const prefixes = [environment['PREFIX'] ?? '', ...prefixesOnPath(environment)].filter(
    prefix => prefix !== '',
  );
  const paths = named === '' ? prefixes.map(prefix => join(prefix, 'etc', 'npmrc')) : [named];
  return paths.map(path => readText(path)).find(text => text !== undefined) ?? '';
}

function prefixesOnPath(environment: ToolContext['environment']): string[] {
  const isWindows = process.platform === 'win32';
  const folders = (environment['PATH'] ?? environment['Path'] ?? '').split(isWindows ? ';' : ':');
  if (!isWindows) return folders.flatMap(folder => (folder.endsWith('/bin') ? [folder.slice(0, -4)] : []));
  const roaming = environment['APPDATA'];
  return [...(roaming === undefined ? [] : [join(roaming, 'npm')]), ...folders];
}
