import { DAY, parseLifetime, spokenLifetime } from '../text/lifetime.js';
import type { InputFaults } from './input-faults.js';
import {
  ORGANIZATION_EXAMPLE,
  parseOrganization,
  sameOrganization,
  type Organization,
} from './organization.js';
import { FULL_ACCESS } from './scope-catalogue.js';
import { includesScope } from './scopes.js';

/** What an administrator allows at most, set in the service connection and out of reach of the YAML. */
export interface Ceilings {
  /** Empty: every scope but `app_token`. */
  readonly scopes: readonly string[];
  /** Longest lifetime of a job PAT, in milliseconds. */
  readonly lifetime: number;
  readonly organizations: readonly Organization[];
}

const DEFAULT_LIFETIME = DAY;

/** Reads the ceilings of a service connection; what cannot be read is a fault, never "no ceiling". */
export function readCeilings(
  fields: { allowedScopes: string; maxLifetime: string; allowedOrganizations: string },
  home: Organization,
  faults: InputFaults,
): Ceilings {
  const lifetime = fields.maxLifetime === '' ? DEFAULT_LIFETIME : parseLifetime(fields.maxLifetime);
  if (lifetime === undefined || lifetime === 0) {
    faults.connection('maxLifetime', `"${fields.maxLifetime}" is not a lifetime. Example: 24h`);
  }
  const scopes = words(fields.allowedScopes).map(scope => scope.toLowerCase());
  if (scopes.length === 0 && fields.allowedScopes.trim() !== '') {
    faults.connection(
      'allowedScopes',
      `"${fields.allowedScopes}" names no scope. Example: vso.code vso.packaging`,
    );
  }
  const organizations = readOrganizationCeiling(fields.allowedOrganizations, home, faults);
  return { scopes, lifetime: lifetime ?? 0, organizations };
}

/** The organizations that `allowedOrganizations` names; the connection's own when it is empty. */
export function readOrganizationCeiling(
  allowedOrganizations: string,
  home: Organization,
  faults: InputFaults,
): readonly Organization[] {
  if (allowedOrganizations.trim() === '') return [home];
  return words(allowedOrganizations).flatMap(text => {
    const organization = parseOrganization(text, home);
    if (organization === undefined) {
      faults.connection(
        'allowedOrganizations',
        `"${text}" is not an organization. Example: ${ORGANIZATION_EXAMPLE}`,
      );
    }
    return organization ?? [];
  });
}

/**
 * Adds a fault for everything asked that is beyond a ceiling. Organizations that a step names have been held against it
 * where they were read.
 *
 * @param by the one input that asks for all of it, where it is not those of the same names
 */
export function enforceCeilings(
  asked: { scopes: readonly string[]; lifetime: number | undefined; organizations?: readonly Organization[] },
  ceilings: Ceilings,
  faults: InputFaults,
  by?: string,
): void {
  for (const scope of asked.scopes.filter(scope => !allowsScope(ceilings, scope))) {
    const allowed =
      ceilings.scopes.length === 0 ? `every scope but ${FULL_ACCESS}` : ceilings.scopes.join(' ');
    faults.ceiling(
      by ?? 'scopes',
      `${scope} is beyond allowedScopes of the service connection, which allows ${allowed}`,
    );
  }
  if (asked.lifetime !== undefined && asked.lifetime > ceilings.lifetime) {
    faults.ceiling(
      by ?? 'validFor',
      `${spokenLifetime(asked.lifetime)} is longer than maxLifetime of the service connection, which is ${spokenLifetime(ceilings.lifetime)}`,
    );
  }
  enforceOrganizations(asked.organizations ?? [], ceilings, faults, by);
}

/** Adds a fault for each organization beyond the ceiling: what every task holds to, whatever it does there. */
export function enforceOrganizations(
  organizations: readonly Organization[],
  ceilings: Ceilings,
  faults: InputFaults,
  by = 'organization',
): void {
  for (const organization of organizations) {
    if (ceilings.organizations.some(allowed => sameOrganization(allowed, organization))) continue;
    const names = ceilings.organizations.map(allowed => allowed.name).join(' ');
    faults.ceiling(
      by,
      `${organization.url} is not among allowedOrganizations of the service connection, which allows ${names}`,
    );
  }
}

function allowsScope(ceilings: Ceilings, scope: string): boolean {
  if (ceilings.scopes.length === 0) return scope.toLowerCase() !== FULL_ACCESS;
  return ceilings.scopes.some(allowed => includesScope(allowed, scope.toLowerCase()));
}

function words(text: string): string[] {
  return text.split(/[\s,;]+/).filter(word => word !== '');
}
