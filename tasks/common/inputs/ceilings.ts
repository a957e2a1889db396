import { DAY, parseLifetime, formatLifetime } from '#text/lifetime';
import type { ValidationErrors } from './validation-errors.js';
import {
  ORGANIZATION_EXAMPLE,
  parseOrganization,
  sameOrganization,
  type Organization,
} from '#azure-devops/organization';
import { FULL_ACCESS } from '#pat/scope-catalogue';
import type { Purpose } from '#pat/purposes';
import { includesScope } from '#pat/scopes';

/** What an administrator allows at most, set in the service connection and out of reach of the YAML. */
export interface Ceilings {
  /** Empty: every scope but `app_token`. */
  readonly scopes: readonly string[];
  /** Longest lifetime of a job PAT, in milliseconds. */
  readonly lifetime: number;
  /** Longest lifetime of a PAT that is kept in a store, in milliseconds; undefined: this connection may not rotate. */
  readonly rotatedLifetime: number | undefined;
  readonly organizations: readonly Organization[];
}

const DEFAULT_LIFETIME = DAY;

/** Reads the ceilings of a service connection; what cannot be read is a fault, never "no ceiling". */
export function readCeilings(
  fields: {
    allowedScopes: string;
    maxLifetime: string;
    maxRotatedLifetime?: string;
    allowedOrganizations: string;
  },
  home: Organization,
  faults: ValidationErrors,
): Ceilings {
  const lifetime = fields.maxLifetime === '' ? DEFAULT_LIFETIME : parseLifetime(fields.maxLifetime);
  if (lifetime === undefined || lifetime === 0) {
    faults.connection('maxLifetime', `"${fields.maxLifetime}" is not a lifetime. Example: 24h`);
  }
  const rotated = fields.maxRotatedLifetime?.trim() ?? '';
  // `0d` is how "may not rotate" is written out: `connect` leaves no ceiling empty.
  const stored = parseLifetime(rotated);
  const rotatedLifetime = stored === 0 ? undefined : stored;
  if (rotated !== '' && stored === undefined)
    faults.connection('maxRotatedLifetime', `"${rotated}" is not a lifetime. Example: 90d`);
  const scopes = words(fields.allowedScopes).map(scope => scope.toLowerCase());
  if (scopes.length === 0 && fields.allowedScopes.trim() !== '') {
    faults.connection(
      'allowedScopes',
      `"${fields.allowedScopes}" names no scope. Example: vso.code vso.packaging`,
    );
  }
  const organizations = readOrganizationCeiling(fields.allowedOrganizations, home, faults);
  return { scopes, lifetime: lifetime ?? 0, rotatedLifetime, organizations };
}

/** The organizations that `allowedOrganizations` names; the connection's own when it is empty. */
export function readOrganizationCeiling(
  allowedOrganizations: string,
  home: Organization,
  faults: ValidationErrors,
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
  faults: ValidationErrors,
  by?: string,
): void {
  for (const scope of asked.scopes.filter(scope => !allowsScope(ceilings, scope)))
    faults.ceiling(by ?? 'scopes', `${scope} is beyond ${allowedBy(ceilings)}`);
  if (asked.lifetime !== undefined && asked.lifetime > ceilings.lifetime) {
    faults.ceiling(
      by ?? 'validFor',
      `${formatLifetime(asked.lifetime)} is longer than maxLifetime of the service connection, which is ${formatLifetime(ceilings.lifetime)}`,
    );
  }
  enforceOrganizations(asked.organizations ?? [], ceilings, faults, by);
}

/** Adds a fault for each purpose that takes a scope beyond the ceiling, by its name. */
export function enforcePurposes(
  purposes: readonly Purpose[],
  ceilings: Ceilings,
  faults: ValidationErrors,
): void {
  for (const { name, scopes } of purposes) {
    const beyond = scopes.filter(scope => !allowsScope(ceilings, scope));
    if (beyond.length === 0) continue;
    faults.ceiling('purpose', `${name} takes ${beyond.join(' ')}, beyond ${allowedBy(ceilings)}`);
  }
}

/** Adds a fault for each organization beyond the ceiling: what every task holds to, whatever it does there. */
export function enforceOrganizations(
  organizations: readonly Organization[],
  ceilings: Ceilings,
  faults: ValidationErrors,
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

/**
 * Adds a fault for each PAT that is to be kept in a store longer than the service connection allows, or one where it
 * allows none at all.
 */
export function enforceRotatedLifetime(
  asked: readonly { readonly name: string; readonly validFor: number }[],
  { rotatedLifetime }: Ceilings,
  faults: ValidationErrors,
): void {
  if (rotatedLifetime === undefined) {
    faults.ceiling(
      'patIssuer',
      'maxRotatedLifetime of the service connection is empty or 0d, so this connection may not rotate. An administrator of it sets the longest lifetime of a stored PAT there. Example: 90d',
    );
    return;
  }
  for (const { name, validFor } of asked.filter(({ validFor }) => validFor > rotatedLifetime)) {
    faults.ceiling(
      'validFor',
      `${formatLifetime(validFor)} (of "${name}") is longer than maxRotatedLifetime of the service connection, which is ${formatLifetime(rotatedLifetime)}`,
    );
  }
}

function allowsScope(ceilings: Ceilings, scope: string): boolean {
  if (ceilings.scopes.length === 0) return scope.toLowerCase() !== FULL_ACCESS;
  return ceilings.scopes.some(allowed => includesScope(allowed, scope.toLowerCase()));
}

function allowedBy({ scopes }: Ceilings): string {
  const allowed = scopes.length === 0 ? `every scope but ${FULL_ACCESS}` : scopes.join(' ');
  return `allowedScopes of the service connection, which allows ${allowed}`;
}

function words(text: string): string[] {
  return text.split(/[\s,;]+/).filter(word => word !== '');
}
