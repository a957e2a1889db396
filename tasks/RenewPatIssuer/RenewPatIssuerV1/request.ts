import type { Agent } from '#agent/agent';
import { isOfAgentUser } from '#agent/stage-settings';
import { ValidationErrors } from '../../common/inputs/validation-errors.js';
import { readChoice } from '../../common/inputs/inputs.js';
import {
  readIssuerConnection,
  type ConnectionIssuer,
  type ConnectionSignIn,
} from '../../common/inputs/issuer-connection.js';
import type { Organization } from '#azure-devops/organization';
import { checkWriteAs, organizationOfRun, type WriteAs } from '../../common/stores/write-as.js';
import { asGuid } from '#text/json';

type RefreshTokenSignIn = Extract<ConnectionSignIn, { kind: 'refresh-token' }>;

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
  const faults = new ValidationErrors();
  const id = agent.input('patIssuer');
  const connectionId = asGuid(id);
  const project = asGuid(agent.variable('System.TeamProjectId'));
  const writeAs = readChoice(agent, 'writeAs', ['jobToken', 'issuer'], faults);
  const organization = organizationOfRun(agent, faults);
  const issuer = readIssuer(agent, id, connectionId, faults);
  if (organization !== undefined && issuer !== undefined) {
    checkWriteAs(writeAs, organization, issuer.ceilings, agent, faults);
  }
  if (project === undefined)
    faults.connection('patIssuer', 'the agent does not say in which project it is (System.TeamProjectId)');
  faults.throwIfAny();
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
  agent: Agent,
  id: string,
  connectionId: string | undefined,
  faults: ValidationErrors,
): ConnectionIssuer | undefined {
  if (connectionId !== undefined) return readIssuerConnection(agent, connectionId, faults);
  faults.input(
    'patIssuer',
    `${id === '' ? 'give' : `"${id}" is not`} a service connection of type "Azure DevOps PAT issuer". Example: patIssuer: PAT issuer`,
  );
  return undefined;
}
