import type { AzureDevOpsClient } from '#azure-devops/client';

/** In whose name a store of the run's organization is read and written: the two may be the same. */
export interface StoreIdentity {
  /** For a message: `the identity of this job (Contoso Build Service)`. */
  readonly who: string;
  readonly reader: AzureDevOpsClient;
  readonly writer: AzureDevOpsClient;
}
