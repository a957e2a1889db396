import type { Agent } from '#agent/agent';
import type { ServiceConnection } from '#agent/service-connection';
import { authorityOf } from './azure-authority.js';
import { isLoopback } from '#http/hosts';
import type { HttpRequest } from '#http/http';
import { organizationOfRun } from '../run-organization.js';
import { readOrganizationCeiling } from './ceilings.js';
import { ValidationErrors } from './validation-errors.js';
import { DEFAULT_AUTHORITY, readAuthority } from '#entra/authority';
import { organizationAt, type Organization } from '#azure-devops/organization';
import { elsewhere, isAmong, type Origins } from '#azure-devops/origins';

/**
 * The list of a run, for its HTTP client: the public hosts of Azure DevOps for the organizations that the service
 * connection allows, its authority, key vaults. It is made from the service connections, and the job's own, once; variables,
 * records and answers are compared with it and cannot extend it. A loopback address is on it only where a connection
 * names that very origin, so that in production no listener on the agent's machine is.
 *
 * @returns the check of a request. @throws Failure `host-not-allowed`
 */
export function destinationsOf(agent: Agent): (request: HttpRequest) => void {
  let list: Origins | undefined;
  return request => {
    list ??= readDestinations(agent);
    const authorization = request.headers['authorization'] ?? '';
    if (isAmong(list, request, authorization !== '' && agent.carriesJobToken(authorization))) return;
    throw elsewhere(
      request,
      EXPECTED,
      'A loopback address counts only where the service connection itself names it.',
    );
  };
}

/** Whether a service connection of this step names this loopback origin: then an emulator is there. */
export function isNamedLoopback(origin: string, agent: Agent): boolean {
  return readDestinations(agent).loopback.has(origin);
}

const EXPECTED = {
  'azure-devops': 'an organization that this step may reach',
  entra: 'the Entra authority of the service connection',
  'key-vault': 'a key vault',
} as const;

function readDestinations(agent: Agent): Origins {
  const issuer = issuerConnection(agent);
  const azure = agent.inputOfSome('azureConnection');
  const azureConnection = azure === '' ? undefined : agent.connection(azure);
  const own = issuer === undefined ? undefined : organizationAt(issuer.url);
  const home = homeBeside(own, agent);
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
          : readOrganizationCeiling(issuer.field('allowedOrganizations'), own, new ValidationErrors()),
    // A key vault on loopback says itself where to sign in.
    authorities: new Set([...authorities, ...(azureConnection === undefined ? [] : loopback)]),
    loopback: new Set(loopback),
    home,
  };
}

/**
 * Where the token of the job may go. Until agent 4.274.1 `task.setendpoint` could change the job's own connection too: one on
 * loopback is not believed beside a service connection to the cloud.
 */
function homeBeside(own: Organization | undefined, agent: Agent): Organization | undefined {
  const home = organizationOfRun(agent);
  const isHere = (organization: Organization | undefined) =>
    organization !== undefined && isLoopback(new URL(organization.url));
  return own !== undefined && isHere(home) && !isHere(own) ? undefined : home;
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
