import { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';
import { DAY } from '#text/lifetime';
import type { TerminalEffects } from '../effects.js';
import { printAgentRegistration } from '../connect/agent-registration.js';
import { printAppRegistration } from '../connect/app-registration.js';
import { readOrganizationId } from '../connect/expected-credential.js';
import { printFederatedRegistration, printFederatedSignIn } from '../connect/federated-registration.js';
import { readRegistrationRequest } from '../connect/registration-request.js';
import { readConnectRequest, type ConnectOptions, type ConnectRequest } from '../connect/request.js';
import { makeConnection } from '../connect/make-connection.js';
import { proveFederatedSignIn, proveSignIn, type ProvenIssuer } from '../connect/prove.js';
import { reportConnection } from '../connect/report.js';
import { askForMissing } from '../missing-options.js';
import { EXIT } from '../run-command.js';
import { clientFor, secretFor, signIn } from '../sign-in/sign-in.js';

export type { ConnectOptions } from '../connect/request.js';

/** Signs the issuing user in and makes the service connection, or changes the one of this name. @throws Failure */
export async function connect(given: ConnectOptions, effects: TerminalEffects): Promise<number> {
  const options = await askForMissing(given, requiredToConnect(given), effects.agent);
  if (options.printAppRegistration) {
    await printRegistration(options, effects);
    return EXIT.done;
  }
  const request = readConnectRequest(options, new ValidationErrors());
  effects.reach.addOrganization(request.home);
  const issuer = await proven(request, options, effects);
  const made = await makeConnection(request, issuer, effects);
  const organizationId =
    request.signIn.kind === 'refresh-token'
      ? undefined
      : await readOrganizationId(request.home, issuer.accessToken, effects);
  await reportConnection(request, made, organizationId, effects.agent);
  return EXIT.done;
}

function requiredToConnect({ printAppRegistration, federated, agentUser }: ConnectOptions) {
  const names = ['organization', 'project'] as const;
  if (printAppRegistration) return federated === true || agentUser !== undefined ? names : [];
  return [...names, 'clientId', ...(agentUser === undefined ? [] : (['agentIdentity'] as const))] as const;
}

/** What goes into the connection, as far as it can be proven here. @throws Failure */
async function proven(
  request: ConnectRequest,
  options: ConnectOptions,
  effects: TerminalEffects,
): Promise<ProvenIssuer> {
  const { home, application, signIn: mode } = request;
  // The first sign-in of a federated application takes the secret that is removed afterwards.
  const wanted = { ...options, clientSecret: options.clientSecret === true || mode.kind === 'federated' };
  const client = await clientFor(home, application, wanted, effects);
  effects.agent.say(`${home.name} belongs to Entra tenant ${client.tenantId}.`);
  switch (mode.kind) {
    case 'refresh-token':
      return proveSignIn(client, await signIn(client, effects), effects);
    case 'federated':
      return proveFederatedSignIn(client, await signIn(client, effects), effects);
    case 'agent-user': {
      const { agentIdentityId, agentUser } = mode;
      const accessToken = await secretFor('entraToken', true, effects);
      return { fields: { ...client, signIn: { scheme: 'None', agentIdentityId, agentUser } }, accessToken };
    }
  }
}

/** @throws Failure */
async function printRegistration(options: ConnectOptions, effects: TerminalEffects): Promise<void> {
  if (options.federated !== true && options.agentUser === undefined) {
    printAppRegistration(effects.agent);
    return;
  }
  const request = readRegistrationRequest(options, new ValidationErrors());
  effects.reach.addOrganization(request.home);
  const token = await secretFor('entraToken', options.entraToken === true, effects);
  const organizationId = await readOrganizationId(request.home, token === '' ? undefined : token, effects);
  const secretEnds = new Date(effects.clock.now().getTime() + DAY);
  if (request.clientId !== undefined)
    await printFederatedSignIn(request, request.clientId, organizationId, secretEnds, effects.agent);
  else if (options.federated === true)
    await printFederatedRegistration(request, organizationId, secretEnds, effects.agent);
  else await printAgentRegistration(request, request.agentUser, organizationId, secretEnds, effects.agent);
}
