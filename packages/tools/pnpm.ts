import { join } from 'node:path';
import type { ToolContext, ToolSettings } from './tool-settings.js';

/** A line of npm's settings that holds a secret itself and does not name a variable; the second is a proxy's. */
const SECRET_LINE =
  /^[^#;\n]*(?:(?:_auth|_authToken|_password|\bkey)[ \t]*=[ \t]*(?!["']?\$\{)\S|:\/\/[^\s/@:]*:(?!\$\{)[^\s/@]+@)/m;

/** Whether a file of npm's settings cannot be copied. */
export function holdsSecret(npmrc: string): boolean {
  return SECRET_LINE.test(npmrc);
}

type PnpmSettings = Pick<ToolSettings & { kind: 'ready' }, 'variables' | 'files' | 'told'>;

/**
 * pnpm 11 and later read credentials out of the user's `.npmrc` and no longer out of the installation's; the variable
 * PNPM_CONFIG_NPMRC_AUTH_FILE names another file in its place, and older ones do not know it
 * (https://pnpm.io/settings#npmrcauthfile). What the user's says stands in it too, last, which counts.
 *
 * @param lines the credentials, without secrets
 * @returns `told` continues a sentence, and says why these versions are left out where they are
 */
export function pnpmSettings(
  { folder, environment, readText }: ToolContext,
  lines: readonly string[],
): PnpmSettings {
  const users = readText(usersFile(environment)) ?? '';
  if (holdsSecret(users)) {
    const told =
      '; pnpm 11 and later are left out, since the .npmrc of the user holds a secret that would have to be copied';
    return { variables: [], files: [], told };
  }
  const path = join(folder, 'pnpmrc');
  return {
    variables: [{ name: 'PNPM_CONFIG_NPMRC_AUTH_FILE', value: path, isSecret: false }],
    files: [{ path, text: `${lines.join('\n')}\n${users}` }],
    told: '',
  };
}

/** In pnpm's order. */
function usersFile(environment: ToolContext['environment']): string {
  const named = [
    'pnpm_config_npmrc_auth_file',
    'PNPM_CONFIG_NPMRC_AUTH_FILE',
    'pnpm_config_userconfig',
    'PNPM_CONFIG_USERCONFIG',
    'npm_config_userconfig',
    'NPM_CONFIG_USERCONFIG',
  ]
    .map(name => environment[name] ?? '')
    .filter(path => path !== '');
  const home = environment['HOME'] ?? environment['USERPROFILE'] ?? '';
  return named[0] ?? (home === '' ? '' : join(home, '.npmrc'));
}
