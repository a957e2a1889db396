import type { ValidationErrors } from '../../tasks/common/inputs/validation-errors.js';
import { UPN } from '../../tasks/common/inputs/issuer-connection.js';
import { asGuid } from '#text/json';
import { GUID_EXAMPLE, type SignInOptions } from '../options.js';
import { typedText } from '../typed-text.js';

/** How jobs sign in with the connection. */
export type SignInMode =
  /** With a refresh token of a public client, or of one with a secret. */
  | { readonly kind: 'refresh-token' }
  /** With a refresh token that only the OIDC token of the connection makes worth something. */
  | { readonly kind: 'federated' }
  /** With nothing that is stored: as an agent's user. */
  | { readonly kind: 'agent-user'; readonly agentIdentityId: string; readonly agentUser: string };

export interface SignInModeOptions {
  readonly federated?: boolean;
  /** True: the option without a value. */
  readonly agentUser?: string | true;
  readonly agentIdentity?: string;
}

type Options = SignInOptions & SignInModeOptions;

/** @returns undefined when there are faults */
export function readSignInMode(options: Options, faults: ValidationErrors): SignInMode | undefined {
  checkOneMode(options, faults);
  if (options.agentUser !== undefined) return readAgent(options, faults);
  if (options.agentIdentity !== undefined)
    faults.option('--agent-identity', `goes with --agent-user. Example: ${AGENT_EXAMPLE}`);
  if (options.entraToken === true)
    faults.option(
      '--entra-token',
      'goes with --agent-user: every other sign-in is that of the issuing user, whose refresh token is stored',
    );
  return options.federated === true ? { kind: 'federated' } : { kind: 'refresh-token' };
}

/** At most one of the options that choose a mode. */
export function checkOneMode({ federated, agentUser }: Options, faults: ValidationErrors): void {
  if (federated === true && agentUser !== undefined)
    faults.option('--federated', 'give either --federated or --agent-user, not both');
}

const AGENT_EXAMPLE = `--agent-user job-pat@contoso.com --agent-identity ${GUID_EXAMPLE}`;

/** A principal name as the tasks read it from the field `agentUser`. */
export function isUpn(text: string): boolean {
  return UPN.test(text);
}

function readAgent({ agentUser, agentIdentity, clientSecret }: Options, faults: ValidationErrors) {
  const user = agentUser === true ? undefined : agentUser?.trim();
  const identity = agentIdentity?.trim();
  if (user === undefined)
    faults.option('--agent-user', `wants the UPN or the object id of the user. Example: ${AGENT_EXAMPLE}`);
  else if (asGuid(user) === undefined && !isUpn(user))
    faults.option(
      '--agent-user',
      `"${typedText(user)}" is neither the UPN nor the object id of a user. Example: ${AGENT_EXAMPLE}`,
    );
  if (identity === undefined)
    faults.option('--agent-identity', `is required with --agent-user. Example: ${AGENT_EXAMPLE}`);
  else if (asGuid(identity) === undefined)
    faults.option(
      '--agent-identity',
      `"${typedText(identity)}" is not the id of an agent identity. Example: ${AGENT_EXAMPLE}`,
    );
  if (clientSecret === true)
    faults.option('--client-secret', "an agent's user signs in without one: leave it out");
  return user === undefined || identity === undefined
    ? undefined
    : { kind: 'agent-user' as const, agentIdentityId: identity, agentUser: user };
}
