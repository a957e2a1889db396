import type { Organization } from '#azure-devops/organization';
import type { GitAuthor } from './git-author.js';
import { repositoryAddresses } from './addresses.js';
import {
  ANY_USER,
  namesOf,
  secretVariable,
  secretVariables,
  type ToolContext,
  type ToolSettings,
} from './tool-settings.js';

/** The longest variable that every program on Windows can read. */
const LONGEST_VARIABLE = 32_000;

/**
 * Git asks a credential helper that is named for the organization's addresses alone, and only after a server has asked for
 * credentials: a checkout that persisted its own header goes on with that one. The helper is a line of shell that reads the
 * PAT from the environment; helpers of the user are neither asked for these addresses nor told the PAT to keep it.
 *
 * The settings go into GIT_CONFIG_PARAMETERS, which is how git hands `-c` on to git. GIT_CONFIG_COUNT counts, and the
 * variables of a job win over those of a step: a step that counts its own settings would lose them.
 */
export function gitSettings(context: ToolContext): ToolSettings {
  const { pats, author, environment } = context;
  const settings = [
    ...pats.flatMap(({ organization }) =>
      credentialSettings(organization, spellings(organization, environment)),
    ),
    ...authorSettings(author),
  ];
  const before = environment['GIT_CONFIG_PARAMETERS'] ?? '';
  const parameters = [...(before === '' ? [] : [before]), ...settings.map(quoted)].join(' ');
  if (parameters.length > LONGEST_VARIABLE) {
    const reason = `${pats.length} organizations are too many for one variable. Issue for fewer in a step`;
    return { kind: 'left out', tool: 'git', reason };
  }
  return {
    kind: 'ready',
    tool: 'git',
    variables: [
      ...secretVariables('git', pats),
      { name: 'GIT_CONFIG_PARAMETERS', value: parameters, isSecret: false },
    ],
    files: [],
    told: `clones, fetches and pushes in ${namesOf(context)} use the PAT${authorText(author)}`,
  };
}

function credentialSettings(organization: Organization, names: readonly string[]): string[] {
  const variable = secretVariable('git', organization);
  const helper = `!f() { test "$1" = get || return 0; echo username=${ANY_USER}; echo "password=$${variable}"; }; f`;
  const addresses = new Set(
    names.flatMap(name =>
      repositoryAddresses({ ...organization, name, url: renamed(organization.url, name) }),
    ),
  );
  return [...addresses].flatMap(address => [
    // The empty one takes away what is configured before.
    `credential.${address}.helper=`,
    `credential.${address}.helper=${helper}`,
    // git-lfs asks for the host alone otherwise, and hosts do not tell organizations apart.
    `credential.${address}.useHttpPath=true`,
  ]);
}

/** Git minds the case of a path, Azure DevOps does not: as it is written here, in small letters, and as the run writes it. */
function spellings({ name }: Organization, environment: ToolContext['environment']): string[] {
  const addresses = [environment['SYSTEM_COLLECTIONURI'], environment['BUILD_REPOSITORY_URI']];
  const segments = addresses.flatMap(address => (address ?? '').split(/[/.]/));
  const alike = segments.filter(segment => segment.toLowerCase() === name.toLowerCase());
  return [...new Set([name, name.toLowerCase(), ...alike])];
}

function renamed(url: string, name: string): string {
  return `${url.slice(0, url.lastIndexOf('/'))}/${name}`;
}

/** For commits of the job: `-c`, --author and GIT_AUTHOR_* of a step win over these. */
function authorSettings(author: GitAuthor | undefined): string[] {
  if (author === undefined) return [];
  const { name, email } = author;
  return [`user.name=${name}`, ...(email === undefined ? [] : [`user.email=${email}`])];
}

function authorText(author: GitAuthor | undefined): string {
  if (author === undefined) return '; commits get no author, since verify: false reads none';
  const { name, email } = author;
  return email === undefined
    ? `, and commits the name ${name}; the service tells no mail address`
    : `, and commits the author ${name} <${email}>`;
}

/** As git quotes what it hands on. */
function quoted(setting: string): string {
  return `'${setting.replace(/['!]/g, character => `'\\${character}'`)}'`;
}
