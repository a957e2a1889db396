import type { Agent, ServiceConnection } from '../agent/agent.js';
import { authorityOf } from '../azure/azure-authority.js';
import { isCredentialHost, isLoopback, type HostKind } from '../http/hosts.js';
import type { HttpRequest } from '../http/http.js';
import { organizationOfRun } from '../runs/run-organization.js';
import { Failure } from '../text/failure.js';
import { readOrganizationCeiling } from './ceilings.js';
import { InputFaults } from './input-faults.js';
import { DEFAULT_AUTHORITY, readAuthority } from './issuer-connection.js';
import { belongsTo, organizationAt, organizationOfAddress, type Organization } from './organization.js';

/** Where credentials may go in one run of a task; made of nothing that a script of the job can write. */
interface Destinations {
  /** Those whose API gets the issuing user's tokens and the PATs; undefined: every one in the cloud. */
  readonly organizations: readonly Organization[] | undefined;
  /** Origins that get a sign-in. */
  readonly authorities: ReadonlySet<string>;
  /** Origins on loopback that a connection itself names: an emulator is there. Empty in production. */
  readonly loopback: ReadonlySet<string>;
  /** Gets the token of the job as well. */
  readonly home: Organization | undefined;
}

/**
 * The list of a run, for its HTTP client: the public hosts of Azure DevOps for the organizations that the service
 * connection allows, its authority, key vaults. It is made from the service connections, and the job's own, once; variables,
 * records and answers are compared with it and cannot extend it. A loopback address is on it only where a connection
 * names that very origin, so that in production no listener on the agent's machine is.
 *
 * @returns the check of a request. @throws Failure `host-not-allowed`
 */
export function destinationsOf(agent: Agent): (request: HttpRequest) => void {
  let list: Destinations | undefined;
  return request => {
    list ??= readDestinations(agent);
    const url = new URL(request.url);
    const service = request.service ?? 'azure-devops';
    const authorization = request.headers['authorization'] ?? '';
    if (isOn(list, url, service, authorization !== '' && agent.carriesJobToken(authorization))) return;
    throw new Failure(
      'host-not-allowed',
      `${shown(url, service)} may not receive a credential: it is not ${EXPECTED[service]}.`,
      'Nothing was sent. A loopback address counts only where the service connection itself names it.',
    );
  };
}

const EXPECTED: Readonly<Record<HostKind, string>> = {
  'azure-devops': 'an organization that this step may reach',
  entra: 'the Entra authority of the service connection',
  'key-vault': 'a key vault',
};

function isOn(list: Destinations, url: URL, service: HostKind, isJobs: boolean): boolean {
  if (!isCredentialHost(url, service)) return false;
  switch (service) {
    case 'entra':
      return list.authorities.has(url.origin);
    case 'key-vault':
      return !isLoopback(url) || list.loopback.has(url.origin);
    case 'azure-devops': {
      if (isJobs && list.home !== undefined && belongsTo(url, list.home)) return true;
      if (list.organizations !== undefined)
        return list.organizations.some(organization => belongsTo(url, organization));
      return isLoopback(url) ? list.loopback.has(url.origin) : organizationOfAddress(url) !== undefined;
    }
  }
}

function shown(url: URL, service: HostKind): string {
  const organization = service === 'azure-devops' ? organizationOfAddress(url)?.name : undefined;
  return organization === undefined ? url.origin : `${url.origin} (${organization})`;
}

function readDestinations(agent: Agent): Destinations {
  const issuer = issuerConnection(agent);
  const azure = agent.inputOfSome('azureConnection');
  const azureConnection = azure === '' ? undefined : agent.connection(azure);
  const home = organizationOfRun(agent);
  const own = issuer === undefined ? undefined : organizationAt(issuer.url);
  const named = issuer?.field('authorityUrl') ?? '';
  const authorities = [
    ...(issuer === undefined ? [] : [readAuthority(named === '' ? DEFAULT_AUTHORITY : named)]),
    ...(azureConnection === undefined ? [] : [authorityOf(azureConnection) ?? DEFAULT_AUTHORITY]),
  ].flatMap(origin => origin ?? []);
  const loopback = [
    ...authorities,
    ...[issuer?.url, azureConnection?.url, issuer === undefined ? home?.url : undefined].flatMap(originOf),
  ].filter(origin => isLoopback(new URL(origin)));
  return {
    organizations:
      issuer === undefined
        ? undefined
        : own === undefined
          ? []
          : readOrganizationCeiling(issuer.field('allowedOrganizations'), own, new InputFaults()),
    // A key vault on loopback says itself where to sign in.
    authorities: new Set([...authorities, ...(azureConnection === undefined ? [] : loopback)]),
    loopback: new Set(loopback),
    home,
  };
}

/** An administrator's token is nobody's service connection: its organizations are those that the step names. */
function issuerConnection(agent: Agent): ServiceConnection | undefined {
  const isAdministrator =
    agent.inputOfSome('as').toLowerCase() === 'administrator' ||
    agent.inputOfSome('whose').toLowerCase() === 'organization';
  const id = agent.input('patIssuer');
  return isAdministrator || id === '' ? undefined : agent.connection(id);
}

function originOf(text: string | undefined): string[] {
  return text !== undefined && URL.canParse(text) ? [new URL(text).origin] : [];
}
