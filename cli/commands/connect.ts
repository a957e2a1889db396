import { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';
import type { TerminalEffects } from '../effects.js';
import { printAppRegistration } from '../connect/app-registration.js';
import { readConnectRequest, type ConnectOptions } from '../connect/request.js';
import { makeConnection } from '../connect/make-connection.js';
import { proveSignIn } from '../connect/prove.js';
import { reportConnection } from '../connect/report.js';
import { EXIT } from '../run-command.js';
import { clientFor, signIn } from '../sign-in/sign-in.js';

export type { ConnectOptions } from '../connect/request.js';

/** Signs the issuing user in and makes the service connection, or changes the one of this name. @throws Failure */
export async function connect(options: ConnectOptions, effects: TerminalEffects): Promise<number> {
  if (options.printAppRegistration) {
    printAppRegistration(effects.agent);
    return EXIT.done;
  }
  const request = readConnectRequest(options, new ValidationErrors());
  effects.reach.addOrganization(request.home);
  const client = await clientFor(request.home, request.application, options, effects);
  effects.agent.say(`${request.home.name} belongs to Entra tenant ${client.tenantId}.`);
  const signedIn = await signIn(client, effects);
  const issuer = await proveSignIn(client, signedIn, effects);
  const made = await makeConnection(request, issuer, effects);
  reportConnection(request, made, effects.agent);
  return EXIT.done;
}
