import type { RedactingEffects } from '#agent/effects';
import { requestToken, type EntraToken } from '#entra/entra';
import type { RetryPolicy } from '#http/retry';
import { DEFAULT_AUTHORITY } from '#entra/authority';
import { MINUTE } from '#text/lifetime';
import type { AzureApp } from './azure-app.js';
import { assertionFields } from '#entra/jwt-bearer';
import { openFederation } from '#entra/open-federation';

/** Tokens of the application behind an Azure connection; those who need the same one share it. */
export class AzureSignIn {
  readonly #tokens = new Map<string, Promise<EntraToken>>();

  constructor(
    readonly app: AzureApp,
    private readonly effects: RedactingEffects,
  ) {}

  /**
   * A token for a resource, such as `https://vault.azure.net`; signs in when there is none that lives for another minute.
   *
   * @param authority in place of the connection's, which may name none
   * @throws Failure `entra-refused`, `federation-refused`, `service-unreachable` and its like
   */
  async token(resource: string, policy: RetryPolicy, authority?: string): Promise<string> {
    const kept = this.#tokens.get(resource);
    if (kept !== undefined) {
      const { value, expires } = await kept;
      if (expires.getTime() - this.effects.clock.now().getTime() >= MINUTE) return value;
      this.#drop(resource, kept);
    }
    const asked =
      this.#tokens.get(resource) ??
      this.#signIn(resource, authority ?? this.app.authority ?? DEFAULT_AUTHORITY, policy);
    this.#tokens.set(resource, asked);
    try {
      return (await asked).value;
    } catch (error) {
      this.#drop(resource, asked);
      throw error;
    }
  }

  /** Unless somebody else has asked for a new one meanwhile. */
  #drop(resource: string, token: Promise<EntraToken>): void {
    if (this.#tokens.get(resource) === token) this.#tokens.delete(resource);
  }

  async #signIn(resource: string, authority: string, policy: RetryPolicy): Promise<EntraToken> {
    const { http, agent } = this.effects;
    const { clientId, tenantId, proof } = this.app;
    const mask = (secret: string) => {
      agent.mask(secret);
    };
    const grant = { grant_type: 'client_credentials', client_id: clientId, scope: `${resource}/.default` };
    const ask = (proven: Readonly<Record<string, string>>) =>
      requestToken(http, { authority, tenantId }, { ...grant, ...proven }, 'azure-application', mask, policy);
    if (proof.kind === 'secret') return ask({ client_secret: proof.secret });
    const federation = await openFederation(
      proof.oidc,
      { clientId, kind: 'azure-application' },
      this.effects,
    );
    return federation.prove(policy, assertion => ask(assertionFields(assertion)));
  }
}
