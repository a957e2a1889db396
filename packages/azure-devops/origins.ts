import { isCredentialHost, isLoopback, type HostKind } from '#http/hosts';
import type { HttpRequest } from '#http/http';
import { Failure } from '#advice/failure';
import { belongsTo, organizationOfAddress, type Organization } from './organization.js';

/** Where credentials may go, and nowhere else. */
export interface Origins {
  /** Those whose API gets a user's tokens and PATs; undefined: every one in the cloud. */
  readonly organizations: readonly Organization[] | undefined;
  /** Origins that get a sign-in. */
  readonly authorities: ReadonlySet<string>;
  /** Origins on loopback that may stand for an organization or a key vault: an emulator is there. Empty in production. */
  readonly loopback: ReadonlySet<string>;
  /** Gets the token of the job as well. */
  readonly home: Organization | undefined;
}

/**
 * Whether a request goes to one of them.
 *
 * @param isJobs whether it carries the token of the job
 */
export function isAmong(origins: Origins, request: HttpRequest, isJobs: boolean): boolean {
  const url = new URL(request.url);
  const service = serviceOf(request);
  if (!isCredentialHost(url, service)) return false;
  switch (service) {
    case 'entra':
      return origins.authorities.has(url.origin);
    case 'key-vault':
      return !isLoopback(url) || origins.loopback.has(url.origin);
    case 'azure-devops': {
      if (isJobs && origins.home !== undefined && belongsTo(url, origins.home)) return true;
      if (origins.organizations !== undefined)
        return origins.organizations.some(organization => belongsTo(url, organization));
      return isLoopback(url) ? origins.loopback.has(url.origin) : organizationOfAddress(url) !== undefined;
    }
  }
}

/** The refusal of a request that goes elsewhere. `expected` says for each service what it would have to be. */
export function elsewhere(
  request: HttpRequest,
  expected: Readonly<Record<HostKind, string>>,
  repair: string,
): Failure {
  const url = new URL(request.url);
  const service = serviceOf(request);
  const organization = service === 'azure-devops' ? organizationOfAddress(url)?.name : undefined;
  const shown = organization === undefined ? url.origin : `${url.origin} (${organization})`;
  return new Failure(
    'host-not-allowed',
    `${shown} may not receive a credential: it is not ${expected[service]}.`,
    `Nothing was sent. ${repair}`,
  );
}

function serviceOf({ service }: HttpRequest): HostKind {
  return service ?? 'azure-devops';
}
