import type { ConnectionOfJob } from './agent.js';
import type { SignIn } from './plan.js';
import type { World } from './world.js';

const NAME = 'PAT issuer';
const CEILINGS = { allowedScopes: 'vso.code', maxLifetime: '2h', maxRotatedLifetime: '90d' };
const FEDERATED = { id: 'fede1a7e-0000-4000-8000-000000000001', name: 'PAT issuer without a secret' };
const OF_AN_AGENT = { id: 'a9e27000-0000-4000-8000-000000000002', name: 'PAT issuer of an agent' };
/** The Azure Resource Manager connection to the key vault. */
export const AZURE = 'a27e0000-0000-4000-8000-000000000003';
const ENTRA_TOKEN_SECONDS = 3_599;

/** What a step signs in with, as the agent hands it over. */
interface Handed {
  readonly inputs: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly connections: Readonly<Record<string, ConnectionOfJob>>;
}

/** The job that a token of Azure Pipelines is made for. */
interface Place {
  readonly project: { readonly id: string; readonly name: string };
  readonly jobId: string;
}

/** Connections to the issuing user, in all the ways that there are; those that few lives use are made when one does. */
export class Issuers {
  #federated: ConnectionOfJob | undefined;
  #ofAnAgent: ConnectionOfJob | undefined;
  #administratorToken = '';
  readonly #data: Readonly<Record<string, string>>;

  constructor(
    private readonly world: World,
    private readonly home: string,
    organizations: readonly string[],
  ) {
    const { entra, connections } = world.services;
    this.#data = { tenantId: entra.tenantId, allowedOrganizations: organizations.join(' '), ...CEILINGS };
    connections.add({
      name: NAME,
      type: 'jobPatIssuer',
      url: `https://dev.azure.com/${home}`,
      scheme: 'Token',
      description: 'Of the service user.',
      data: { ...this.#data, clientId: entra.clientId },
      parameters: { apitoken: world.secret(entra.refreshToken, 'the refresh token') },
    });
  }

  /** The one with a refresh token, which renewals write to. */
  get stored() {
    return this.world.services.connections.get(NAME);
  }

  get administratorToken(): string {
    const { entra } = this.world.services;
    if (this.#administratorToken !== '') return this.#administratorToken;
    const user = entra.addUser({ displayName: 'Administrator', administrator: true });
    const { value } = entra.issueAccessToken({ user, scopes: ['user_impersonation'] });
    this.#administratorToken = this.world.secret(value, "the administrator's token");
    return this.#administratorToken;
  }

  /** @param jobToken gets its tokens for a connection from Azure Pipelines */
  of(signIn: SignIn, jobToken: string, place: Place): Handed {
    switch (signIn) {
      case 'connection': {
        const { url, scheme, data, parameters, id } = this.stored;
        const connection = { url, scheme, fields: data, secrets: parameters };
        return { inputs: { patIssuer: id }, variables: {}, connections: { [id]: connection } };
      }
      case 'entraToken': {
        const { value } = this.world.services.entra.issueAccessToken({
          expiresInSeconds: ENTRA_TOKEN_SECONDS,
        });
        const entraToken = this.world.secret(value, 'the Entra token of the pipeline');
        return { inputs: { entraToken }, variables: {}, connections: {} };
      }
      case 'federation':
        this.#federated ??= this.#withFederation();
        return this.#proven(FEDERATED, this.#federated, jobToken, place);
      case 'agentUser':
        this.#ofAnAgent ??= this.#withAgentUser();
        return this.#proven(OF_AN_AGENT, this.#ofAnAgent, jobToken, place);
    }
  }

  get azure(): Readonly<Record<string, ConnectionOfJob>> {
    const { tenantId, azure } = this.world.services.entra;
    const key = this.world.secret(azure.clientSecret, 'the secret of the Azure application');
    return {
      [AZURE]: {
        url: 'https://management.azure.com/',
        scheme: 'ServicePrincipal',
        fields: {
          tenantid: tenantId,
          serviceprincipalid: azure.clientId,
          authenticationType: 'spnKey',
          environment: 'AzureCloud',
          environmentAuthorityUrl: 'https://login.microsoftonline.com/',
        },
        secrets: { serviceprincipalkey: key },
      },
    };
  }

  /** The job gets tokens of Azure Pipelines for this connection. */
  #proven(
    { id, name }: { readonly id: string; readonly name: string },
    connection: ConnectionOfJob,
    jobToken: string,
    { project, jobId }: Place,
  ): Handed {
    const planId = this.world.random.stream('plan', jobId).guid();
    const job = {
      project,
      hub: 'build',
      planId,
      jobId,
      pipeline: 'Nightly',
      stage: '__default',
      name: 'Job',
    };
    this.world.services.jobs.start(jobToken, { ...job, connections: [{ id, name }] });
    const place = `${project.id}/_apis/distributedtask/hubs/build/plans/${planId}/jobs/${jobId}`;
    const uri = `https://dev.azure.com/${this.home}/${place}/oidctoken`;
    return {
      inputs: { patIssuer: id },
      variables: { 'System.OidcRequestUri': uri },
      connections: { [id]: connection },
    };
  }

  #withFederation(): ConnectionOfJob {
    const { entra, oidc } = this.world.services;
    const application = entra.registerApplication({ federatedCredentials: oidc.trustIn(FEDERATED) });
    const { value } = entra.issueRefreshToken({ application });
    return {
      url: `https://dev.azure.com/${this.home}`,
      scheme: 'Token',
      fields: { ...this.#data, clientId: application.clientId, clientProof: 'federation' },
      secrets: { apitoken: this.world.secret(value, 'the refresh token of the federated application') },
    };
  }

  #withAgentUser(): ConnectionOfJob {
    const { entra, oidc } = this.world.services;
    const { id, blueprint, user } = entra.addAgentUser({ federatedCredentials: oidc.trustIn(OF_AN_AGENT) });
    const clientId = blueprint.clientId;
    return {
      url: `https://dev.azure.com/${this.home}`,
      scheme: 'None',
      fields: { ...this.#data, clientId, agentIdentityId: id, agentUser: user.principalName },
      secrets: {},
    };
  }
}
