import type { Application } from './entra/principals.js';
import type { FederatedCredential } from './entra/federated-credentials.js';
import type { Emulator } from './index.js';

/** A job that may ask for the OIDC token of a service connection, and what trusts that token. */
export interface ProvingJob {
  readonly connection: { readonly id: string; readonly name: string };
  /** As `System.OidcRequestUri`. */
  readonly requestUri: string;
  readonly token: string;
  readonly federatedCredentials: readonly FederatedCredential[];
}

/** Starts a job of the first project of an organization, one of whose steps names a connection of the issuer's type. */
export function startedJob(emulator: Emulator, organization: string): ProvingJob {
  const connection = emulator.connections.add({
    organization,
    name: 'PAT issuer',
    type: 'jobPatIssuer',
    url: emulator.organizationUrl(organization),
  });
  const project = connection.organization.project;
  const { value: token } = emulator.jobs.issueToken({ organization });
  const [planId, jobId] = ['plan', 'job'];
  emulator.jobs.start(token, {
    project,
    hub: 'build',
    planId,
    jobId,
    pipeline: 'pipeline',
    stage: '__default',
    name: 'Job',
    connections: [connection],
  });
  return {
    connection,
    requestUri: `${emulator.organizationUrl(organization)}/${project.id}/_apis/distributedtask/hubs/build/plans/${planId}/jobs/${jobId}/oidctoken`,
    token,
    federatedCredentials: emulator.oidc.trustIn(connection, organization),
  };
}

/** Makes an application a confidential client that the job's connection proves. */
export function trust(application: Application, { federatedCredentials }: ProvingJob): void {
  application.isPublic = false;
  application.federatedCredentials.push(...federatedCredentials);
}
