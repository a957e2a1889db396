import type { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';
import { ORGANIZATION_EXAMPLE, parseOrganization, type Organization } from '#azure-devops/organization';
import { FULL_ACCESS, scopeCatalogue } from '#pat/scope-catalogue';
import { includesScope, parseScopes } from '#pat/scopes';
import { MINUTE, parseLifetime, formatLifetime, YEAR } from '#text/lifetime';
import { typedText } from '../typed-text.js';

/** The ceilings of a service connection, as its fields hold them. */
export interface CeilingFields {
  readonly allowedScopes: string;
  readonly maxLifetime: string;
  readonly maxRotatedLifetime: string;
  readonly allowedOrganizations: string;
}

export type CeilingName = keyof CeilingFields;

/** The option for each ceiling. */
export const CEILING_OPTIONS = {
  allowedScopes: '--allowed-scopes',
  maxLifetime: '--max-lifetime',
  maxRotatedLifetime: '--max-rotated-lifetime',
  allowedOrganizations: '--allowed-organizations',
} as const satisfies Record<CeilingName, string>;

/** Written where nothing else is said: no stored PAT is as short as that, so this connection may not rotate. */
export const NO_ROTATION = '0d';
const NO_ROTATION_WORDS = /^(0|none|never)$/i;

const SHORTEST = 5 * MINUTE;

/** What an issuing connection gets where no option says else. Every field has a text, so that none can be filled in. */
export function defaultCeilings(home: Organization): CeilingFields {
  return {
    allowedScopes: EVERY_SCOPE,
    maxLifetime: '24h',
    maxRotatedLifetime: NO_ROTATION,
    allowedOrganizations: home.name,
  };
}

/** Every known scope but full access, those left out that another one includes. */
export const EVERY_SCOPE = scopeCatalogue()
  .map(({ uri }) => uri)
  .filter(uri => uri !== FULL_ACCESS)
  .filter((uri, _, all) => !all.some(other => other !== uri && includesScope(other, uri)))
  .join(' ');

/** The ceilings that options name, checked; what is left away is undefined. */
export function readCeilingOptions(
  options: Partial<CeilingFields>,
  home: Organization | undefined,
  faults: ValidationErrors,
): Partial<CeilingFields> {
  const { allowedScopes, maxLifetime, maxRotatedLifetime, allowedOrganizations } = options;
  return {
    ...(allowedScopes === undefined ? {} : { allowedScopes: readScopes(allowedScopes, faults) }),
    ...(maxLifetime === undefined
      ? {}
      : { maxLifetime: readLifetime('maxLifetime', maxLifetime, '4h', faults) }),
    ...(maxRotatedLifetime === undefined
      ? {}
      : { maxRotatedLifetime: readRotatedLifetime(maxRotatedLifetime, faults) }),
    ...(allowedOrganizations === undefined
      ? {}
      : { allowedOrganizations: readOrganizations(allowedOrganizations, home, faults) }),
  };
}

/** Labels of the portal are understood too; the connection holds URIs. */
function readScopes(text: string, faults: ValidationErrors): string {
  const option = CEILING_OPTIONS.allowedScopes;
  const { scopes, faults: unknown } = parseScopes(text, { allowUnknown: false });
  for (const fault of unknown) faults.option(option, fault);
  if (unknown.length === 0 && scopes.length === 0)
    faults.option(option, 'names no scope. Example: --allowed-scopes "vso.code vso.packaging"');
  return scopes.join(' ');
}

function readLifetime(
  name: 'maxLifetime' | 'maxRotatedLifetime',
  text: string,
  example: string,
  faults: ValidationErrors,
): string {
  const option = CEILING_OPTIONS[name];
  const lifetime = parseLifetime(text.trim());
  if (lifetime === undefined)
    faults.option(option, `"${typedText(text, 40)}" is not a lifetime. Example: ${option} ${example}`);
  else if (lifetime < SHORTEST || lifetime > YEAR)
    faults.option(
      option,
      `no PAT lives ${formatLifetime(lifetime)}: at least 5m, at most ${formatLifetime(YEAR)}. Example: ${option} ${example}`,
    );
  return text.trim();
}

function readRotatedLifetime(text: string, faults: ValidationErrors): string {
  const none = NO_ROTATION_WORDS.test(text.trim()) || parseLifetime(text.trim()) === 0;
  return none ? NO_ROTATION : readLifetime('maxRotatedLifetime', text, '90d', faults);
}

function readOrganizations(text: string, home: Organization | undefined, faults: ValidationErrors): string {
  const option = CEILING_OPTIONS.allowedOrganizations;
  const words = text.split(/[\s,;]+/).filter(word => word !== '');
  if (words.length === 0)
    faults.option(option, `names no organization. Example: ${option} "contoso fabrikam"`);
  for (const word of words) {
    if (parseOrganization(word, home ?? ANYWHERE) === undefined)
      faults.option(option, `"${typedText(word)}" is not an organization. Example: ${ORGANIZATION_EXAMPLE}`);
  }
  return words.join(' ');
}

/** Reads bare names while --organization itself is at fault. */
const ANYWHERE: Organization = {
  name: 'organization',
  url: 'https://dev.azure.com/organization',
  tokensUrl: 'https://vssps.dev.azure.com/organization',
  releasesUrl: 'https://vsrm.dev.azure.com/organization',
};
