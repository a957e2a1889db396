import { stableGuid } from '../organizations.js';
import { randomBytes } from '../randomness.js';
import { agentIdentityToken, blueprintToken } from './agent-user.js';
import { authenticateClient, checkProof } from './client-authentication.js';
import type { Directory } from './directory.js';
import { checkAssertion } from './federated-credentials.js';
import { appTokenFor, required, type Form } from './form.js';
import { Refusal } from './refusal.js';

/** What a key vault wants its tokens made for. */
export const keyVaultResource = 'https://vault.azure.net';

/** The application behind Azure Resource Manager connections, with a secret and federated credentials. */
export class AzureApplication {
  readonly clientId = stableGuid('azure application');
  readonly clientSecret = randomBytes(24).toString('base64url');
  readonly isPublic = false;
  readonly enabled = true;
  /** Ids of the service connections whose tokens it trusts; undefined: of all. */
  trusted: readonly string[] | undefined = undefined;

  /** @param connectionOf the connection that a token of Azure Pipelines speaks for */
  constructor(private readonly connectionOf: (token: string) => string | undefined) {}

  /** Throws the refusal of an assertion that proves nothing. */
  checkAssertion(value: string, now: Date): void {
    checkAssertion(value, now);
    const connection = this.connectionOf(value);
    if (connection === undefined || !(this.trusted?.includes(connection) ?? true)) throw new Refusal(700213);
  }
}

/** RFC 6749 section 4.4, and RFC 7523 section 2.2 for an assertion in place of the secret. */
export function clientCredentials(
  form: Form,
  directory: Directory,
  azure: AzureApplication,
): Record<string, unknown> {
  const clientId = required(form, 'client_id');
  const blueprint = directory.blueprints.get(clientId);
  if (blueprint !== undefined) return blueprintToken(form, blueprint, directory);
  const identity = directory.agentIdentities.get(clientId);
  if (identity !== undefined) return agentIdentityToken(form, identity, directory);
  if (clientId === azure.clientId)
    checkProof(form, azure, {
      unproven: 7000216,
      assertion: value => {
        azure.checkAssertion(value, directory.now());
      },
    });
  else if (authenticateClient(form, directory, 7000216).isPublic) throw new Refusal(7000216);
  const scope = required(form, 'scope');
  if (!scope.endsWith('/.default'))
    throw new Refusal(70011, `The provided value for the input parameter scope '${scope}' is not valid.`);
  const audience = scope.slice(0, -'/.default'.length);
  return appTokenFor(audience, directory);
}
