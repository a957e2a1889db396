import type { Agent } from '#agent/agent';
import { isOfAgentUser } from '#agent/stage-settings';
import { Inputs } from '../../common/inputs/inputs.js';
import { readIssuerConnection, type ConnectionIssuer } from '../../common/inputs/issuer-connection.js';
import type { RefreshTokenSignIn } from '../../common/connection-sign-in.js';
import type { Organization } from '#azure-devops/organization';
import { checkWriteAs, organizationOfRun, type WriteAs } from '../../common/stores/write-as.js';
import { asGuid } from '#text/json';

/** Whether the connection signs in an agent's user, who has no refresh token. */
export function holdsNoRefreshToken(agent: Agent): boolean {
  const connection = agent.connection(asGuid(agent.input('patIssuer')) ?? '');
  return connection !== undefined && isOfAgentUser(connection);
}

/** Everything a RenewPatIssuer step asks for, checked. */
export interface RenewRequest {
  readonly issuer: ConnectionIssuer;
  readonly signIn: RefreshTokenSignIn;
  /** Of the service connection. */
  readonly connectionId: string;
  /** Where the service connection lives: the organization and the project of this run. */
  readonly organization: Organization;
  readonly project: string;
  readonly writeAs: WriteAs;
}

/**
 * Reads all inputs, and the service connection.
 * @throws Failure that names every fault at once
 */
export function readRenewRequest(agent: Agent): RenewRequest {
  const inputs = new Inputs(agent);
  const id = inputs.text('patIssuer');
  const connectionId = asGuid(id);
  const project = asGuid(agent.variable('System.TeamProjectId'));
  const writeAs = inputs.choice('writeAs', ['jobToken', 'issuer']);
  const organization = organizationOfRun(inputs);
  const issuer = readIssuer(inputs, id, connectionId);
  if (organization !== undefined && issuer !== undefined) {
    checkWriteAs(writeAs, organization, issuer.ceilings, inputs);
  }
  if (project === undefined)
    inputs.faults.connection(
      'patIssuer',
      'the agent does not say in which project it is (System.TeamProjectId)',
    );
  inputs.faults.throwIfAny();
  if (
    issuer?.signIn.kind !== 'refresh-token' ||
    connectionId === undefined ||
    organization === undefined ||
    project === undefined
  )
    throw new Error('an input is missing without a fault');
  return { issuer, signIn: issuer.signIn, connectionId, organization, project, writeAs };
}

function readIssuer(
  inputs: Inputs,
  id: string,
  connectionId: string | undefined,
): ConnectionIssuer | undefined {
  if (connectionId !== undefined) return readIssuerConnection(inputs, connectionId);
  inputs.fault(
    'patIssuer',
    `${id === '' ? 'give' : `"${id}" is not`} a service connection of type "Azure DevOps PAT issuer". Example: patIssuer: PAT issuer`,
  );
  return undefined;
}
