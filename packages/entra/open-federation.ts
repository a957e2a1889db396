import { learnFederatedAdvice } from '#advice/sign-in';
import type { RedactingEffects } from '#agent/effects';
import type { OidcRequest } from '#azure-devops/oidc-request';
import { requestOidcToken } from '#azure-devops/oidc-token';
import type { FederatedApplication, Federation } from './federation.js';

/**
 * The proof of an application by the OIDC token of a service connection. Nothing is sent yet. It loads here, on demand:
 * most runs need none.
 */
export async function openFederation(
  oidc: OidcRequest,
  application: Omit<FederatedApplication, 'connectionId'>,
  { agent, http }: Pick<RedactingEffects, 'agent' | 'http'>,
): Promise<Federation> {
  const { Federation, federatedAdvice } = await import('#entra/federation');
  learnFederatedAdvice(federatedAdvice);
  const mask = (secret: string) => {
    agent.mask(secret);
  };
  const request = (policy: Parameters<typeof requestOidcToken>[3]) =>
    requestOidcToken(http, oidc, mask, policy);
  return new Federation({ ...application, connectionId: oidc.connectionId }, request, agent);
}
