import type { OidcRequest } from '#azure-devops/oidc-request';

/** How the application behind an Azure Resource Manager connection proves who it is. */
export type AppProof =
  | { readonly kind: 'secret'; readonly secret: string }
  /** With a token that Azure Pipelines makes for the connection, asked for with the job's own. */
  | { readonly kind: 'federation'; readonly oidc: OidcRequest };

/** The application behind an Azure Resource Manager connection. */
export interface AzureApp {
  /** Origin of the authority; undefined when the connection names none, nor a cloud. */
  readonly authority: string | undefined;
  readonly tenantId: string;
  readonly clientId: string;
  readonly proof: AppProof;
}
