import type { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';
import type { Organization } from '#azure-devops/organization';
import { asGuid } from '#text/json';
import { GUID_EXAMPLE, readConnectionName, readOrganization } from '../options.js';
import { readRequiredProject, type ConnectOptions } from './request.js';
import { checkOneMode, isUpn } from './sign-in-mode.js';
import { typedText } from '../typed-text.js';

/** The connection that an application is to trust: the subject of its OIDC token has these names. */
export interface RegistrationRequest {
  readonly home: Organization;
  readonly project: string;
  readonly name: string;
}

/** @throws Failure that names every fault at once */
export function readRegistrationRequest(
  options: ConnectOptions,
  faults: ValidationErrors,
): RegistrationRequest & {
  readonly agentUser: string | undefined;
  /** Of an application that is there. */
  readonly clientId: string | undefined;
} {
  checkOneMode(options, faults);
  const home = readOrganization(options.organization, faults);
  const project = readRequiredProject(options, faults);
  if (project !== undefined && asGuid(project) !== undefined)
    faults.option(
      '--project',
      'is an id here, and the federated credential needs the name. Example: --project Shop',
    );
  const name = readConnectionName(options.name, faults);
  const clientId = options.clientId?.trim();
  if (clientId !== undefined && options.agentUser !== undefined)
    faults.option('--client-id', "leave it out: the commands for an agent's user make a new blueprint");
  else if (clientId !== undefined && asGuid(clientId) === undefined)
    faults.option(
      '--client-id',
      `"${typedText(clientId)}" is not the id of an Entra application. Example: ${GUID_EXAMPLE}`,
    );
  const agentUser = typeof options.agentUser === 'string' ? options.agentUser.trim() : undefined;
  if (agentUser !== undefined && !isUpn(agentUser))
    faults.option(
      '--agent-user',
      `"${typedText(agentUser)}" is not a UPN, with which the user is made. Example: --agent-user job-pat@contoso.com`,
    );
  faults.throwIfAny();
  if (home === undefined || project === undefined) throw new Error('an option is missing without a fault');
  return { home, project, name, agentUser, clientId };
}
