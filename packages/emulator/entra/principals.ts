import type { FederatedCredential } from './federated-credentials.js';

export interface User {
  /** Object id in Entra; the emulator uses it as the identity id (storage key) of Azure DevOps too. */
  readonly id: string;
  readonly displayName: string;
  readonly principalName: string;
  readonly mailAddress: string;
  /** Where the identity comes from: Entra, a Microsoft account, or Azure DevOps itself. */
  readonly origin: 'aad' | 'msa' | 'vsts';
  /** The organizations the user is a member of; undefined: all. */
  readonly organizations: readonly string[] | undefined;
  /** Project Collection Administrator of these organizations. */
  readonly administrator: boolean;
  /** False: no longer an active member, though still listed. */
  readonly active: boolean;
}

/** A registered application with delegated permissions for Azure DevOps. */
export interface Application {
  readonly clientId: string;
  /** False: a confidential client, which proves itself with its secret or with what a federated credential trusts. */
  isPublic: boolean;
  clientSecret: string | undefined;
  /** What it trusts in place of its secret. */
  readonly federatedCredentials: FederatedCredential[];
  signInAudience: 'AzureADMyOrg' | 'AzureADMultipleOrgs';
  enabled: boolean;
  /** Delegated permissions that were consented, for instance `vso.pats`. */
  readonly consented: readonly string[];
}
