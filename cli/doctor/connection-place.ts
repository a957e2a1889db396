import type { Organization } from '#azure-devops/organization';

/** The service connection that a check is about. */
export interface ConnectionPlace {
  readonly organization: Organization;
  readonly project: string;
  readonly name: string;
  readonly clientId: string | undefined;
}
