import { issuerConnectionName } from '#local-agent/emulated-run';
import type { Application } from '#emulator/entra/principals';
import type { FederatedCredential } from '#emulator/entra/federated-credentials';
import type { Emulator } from '#emulator/index';

/** A job that may ask for the OIDC token of a service connection, and what trusts that token. */
export interface ProvingJob {
  readonly connection: { readonly id: string; readonly name: string };
  /** As `System.OidcRequestUri`. */
  readonly requestUri: string;
  readonly token: string;
  readonly federatedCredentials: readonly FederatedCredential[];
}

/** Starts a job of the first project of a furnished organization, one of whose steps names the PAT issuer. */
export function startedJob(emulator: Emulator, organization: string): ProvingJob {
  const connection = emulator.connections.get(issuerConnectionName);
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
