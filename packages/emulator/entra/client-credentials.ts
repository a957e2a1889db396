import { randomBytes } from '../randomness.js';
import { stableGuid } from '../organizations.js';
import type { Directory } from './directory.js';
import { Refusal, required, type Form } from './form.js';

/** What a key vault wants its tokens made for. */
export const keyVaultResource = 'https://vault.azure.net';
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const assertionMinutes = 10;

/** The application behind Azure Resource Manager connections, with a secret and federated credentials. */
export class AzureApplication {
  readonly clientId = stableGuid('azure application');
  readonly clientSecret = randomBytes(24).toString('base64url');
  /** Ids of the service connections whose tokens it trusts; undefined: of all. */
  trusted: readonly string[] | undefined = undefined;
  readonly #assertions = new Map<string, { readonly connectionId: string; readonly expiresAt: Date }>();

  constructor(private readonly clock: () => Date) {}

  /** A token as Azure Pipelines makes it for a service connection. */
  issueAssertion(connectionId: string, organization: string): string {
    const expiresAt = new Date(this.clock().getTime() + assertionMinutes * 60_000);
    const claims = {
      iss: 'https://login.microsoftonline.com/contoso/v2.0',
      aud: 'api://AzureADTokenExchange',
      sub: `sc/${organization}/${connectionId}`,
      exp: Math.floor(expiresAt.getTime() / 1000),
    };
    const parts = [{ typ: 'JWT', alg: 'RS256' }, claims].map(part =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const value = [...parts, randomBytes(64).toString('base64url')].join('.');
    this.#assertions.set(value, { connectionId: connectionId.toLowerCase(), expiresAt });
    return value;
  }

  /** Throws the refusal of an assertion that proves nothing. */
  checkAssertion(value: string): void {
    const known = this.#assertions.get(value);
    if (known === undefined) throw new Refusal(700213);
    if (known.expiresAt <= this.clock()) throw new Refusal(700024);
    if (!(this.trusted?.includes(known.connectionId) ?? true)) throw new Refusal(700213);
  }
}

/** RFC 6749 section 4.4, and RFC 7523 section 2.2 for an assertion in place of the secret. */
export function clientCredentials(
  form: Form,
  directory: Directory,
  application: AzureApplication,
): Record<string, unknown> {
  const clientId = required(form, 'client_id');
  if (clientId !== application.clientId)
    throw new Refusal(700016, `Application with identifier '${clientId}' was not found in the directory.`);
  const assertion = form.get('client_assertion');
  if (assertion !== undefined) {
    if (form.get('client_assertion_type') !== JWT_BEARER) throw new Refusal(7000218);
    application.checkAssertion(assertion);
  } else if (required(form, 'client_secret') !== application.clientSecret) {
    throw new Refusal(7000215);
  }
  const scope = required(form, 'scope');
  if (!scope.endsWith('/.default'))
    throw new Refusal(70011, `The provided value for the input parameter scope '${scope}' is not valid.`);
  const audience = scope.slice(0, -'/.default'.length);
  const token = directory.issueAccessToken({ kind: 'servicePrincipal' }, { audience, scopes: [] });
  return { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: token.value };
}
