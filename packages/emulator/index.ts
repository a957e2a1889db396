import { stamp } from './devops/stamp.js';
import type { OidcTokens } from './devops/oidc-tokens.js';
import { feedUrl, type FeedKind } from './feeds/feed-url.js';
import { samplePackage } from './feeds/sample.js';
import type { Feeds } from './feeds/feeds.js';
import { firstOf, type Repositories, type Repository } from './git/repositories.js';
import type { Manners } from './devops/manners.js';
import { ContractCheck, findSpecs, type Violation } from './contract.js';
import type { Entra } from './entra/entra.js';
import { FaultQueue } from './faults/queue.js';
import { Journal, type Phase, type RequestRecord, type WaitOptions } from './http/journal.js';
import type { KeyVault } from './keyvault/vault.js';
import type { Connections } from './connections/store.js';
import type { VariableGroups } from './library/store.js';
import type { OperationFilter, Route } from './http/router.js';
import { EmulatorServer } from './http/server.js';
import type { PatStore } from './pats/store.js';
import type { PolicyBook } from './policies.js';
import type { Projects } from './projects.js';
import type { JobTokens } from './runs/job-tokens.js';
import type { RunStore } from './runs/store.js';
import { openServices, type ServiceOptions } from './services.js';

export type { OidcProvider, OidcToken, OidcTokenSeed } from './devops/oidc-tokens.js';
export type { Manners } from './devops/manners.js';
export type { AgentIdentity, Blueprint } from './entra/agent-identity.js';
export type { FederatedCredential } from './entra/federated-credentials.js';
export type { AccessToken, AccessTokenOptions, RefreshToken } from './entra/directory.js';
export type { Application, User } from './entra/principals.js';
export { aadstsCodes, type AadstsCode } from './entra/errors.js';
export * as fault from './faults/index.js';
export type { Fault, FaultContext, FaultOptions } from './faults/queue.js';
export type { Connection, RequestRecord } from './http/journal.js';
export type { Operation, OperationFilter } from './http/router.js';
export { patTokenErrors, type PatTokenError } from './pats/errors.js';
export type { Pat, PatSeed, PatState } from './pats/store.js';
export type { Policies } from './policies.js';
export type { Organization, Project } from './organizations.js';
export type { RateLimit } from './devops/manners.js';
export type { JobToken, JobTokenOptions, StartedJob } from './runs/job-tokens.js';
export type { Build, Job, Release, Run } from './runs/run.js';
export type { BuildSeed, JobSeed, ReleaseSeed } from './runs/store.js';
export type { Connection as SavedConnection, ConnectionSeed } from './connections/store.js';
export type { Variable, VariableGroup, VariableGroupSeed } from './library/store.js';
export type { Role, Roles } from './devops/role.js';
export { subjectDescriptorOf } from './graph/subject.js';
export type { Violation } from './contract.js';

export interface EmulatorOptions extends ServiceOptions {
  /** Port on 127.0.0.1; 0, the default, takes any that is free. */
  readonly port?: number;
  /** Called once for each request, when it has ended. */
  readonly log?: (request: RequestRecord) => void;
  /** Folder of Azure DevOps' OpenAPI documents (`tokens/7.1/tokens.json` and so on); found by itself if left out. */
  readonly specs?: string | undefined;
}

/** A running stand-in for Entra and Azure DevOps. */
export interface Emulator {
  /** Origin of everything, for instance `http://127.0.0.1:8080`; also the Entra authority. */
  readonly url: string;
  organizationUrl(name: string): string;
  /** The first Git repository of an organization, or one that was added to it. */
  gitUrl(of: string | Repository): string;
  /** Where the package managers find a feed of an organization, by default its first. It holds `packageName`. */
  feedUrl(organization: string, kind: FeedKind, feed?: string): string;
  /** The same for npm, with a slash at the end. */
  npmRegistryUrl(organization: string): string;
  readonly packageName: string;
  readonly entra: Entra;
  readonly pats: PatStore;
  readonly policies: PolicyBook;
  /** The projects of the organizations. */
  readonly projects: Projects;
  /** Git repositories, and the ones that a test adds. */
  readonly repositories: Repositories;
  /** The feeds of packages, and the ones that a test adds. */
  readonly feeds: Feeds;
  /** Builds and classic releases. */
  readonly runs: RunStore;
  /** The tokens that jobs get as `System.AccessToken`. */
  readonly jobs: JobTokens;
  /** The OIDC tokens of their service connections, and who signs them. */
  readonly oidc: OidcTokens;
  /** Variable groups, with the values of their secrets. */
  readonly variableGroups: VariableGroups;
  /** Service connections, with their secrets. */
  readonly connections: Connections;
  /** The secrets of the vault whose URL is `url`. */
  readonly keyVault: KeyVault;
  /** Ways to answer that can be switched at any time. */
  readonly manners: Manners;
  readonly faults: FaultQueue;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly RequestRecord[];
  requestsOf(filter: OperationFilter): RequestRecord[];
  /**
   * Calls the listener at each `arrival` or end (`request`) of a request; returns what ends that. What a listener
   * does at an arrival is done before the request is handled, for instance between two pages of a list.
   */
  on(event: Phase, listener: (request: RequestRecord) => void): () => void;
  /** Resolves with the nth request of the operation, also one that is over. */
  waitFor(filter: OperationFilter, options?: WaitOptions): Promise<RequestRecord>;
  /** Forgets the requests so far; counting for `waitFor` and `maxInFlight` begins anew. */
  forgetRequests(): void;
  /** The largest number of requests handled at the same moment. */
  readonly maxInFlight: number;
  /** What the PAT API was sent or has answered against its contract; empty also where there are no documents. */
  readonly violations: readonly Violation[];
  /** Whether OpenAPI documents were found. */
  readonly checksContract: boolean;
  /** What it can be asked for. */
  readonly routes: readonly Pick<Route, 'operation' | 'method' | 'path'>[];
  /** Ends every connection and removes what was written to disk. */
  close(): Promise<void>;
}

/** Starts an emulator. Rejects when the port is taken. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { port = 0, log } = options;
  const specs = findSpecs(options.specs);
  const contract = specs === undefined ? undefined : await ContractCheck.read(specs);
  let url = '';
  const services = openServices(options, () => url, contract);
  const { clock, entra, organizations, pats, policies, projects, runs, jobs, oidc } = services;
  const { variableGroups, connections, keyVault, manners, repositories, feeds } = services;

  const journal = new Journal();
  const faults = new FaultQueue();
  if (log) journal.on('request', log);
  const server = new EmulatorServer({
    router: services.router,
    faults,
    journal,
    clock,
    admit: services.admit,
    otherwise: services.otherwise,
    stamp,
  });
  url = `http://127.0.0.1:${await server.listen(port)}`;

  const organizationUrl = (name: string): string => `${url}/${organizations.get(name).name}`;
  return {
    url,
    organizationUrl,
    gitUrl: of => {
      const repository = typeof of === 'string' ? firstOf(organizations.get(of)) : of;
      const place = [repository.project.name, '_git', repository.name].map(encodeURIComponent);
      return [organizationUrl(repository.organization.name), ...place].join('/');
    },
    feedUrl: (name, kind, feed = organizations.get(name).feed) => feedUrl(organizationUrl(name), feed, kind),
    npmRegistryUrl: name => feedUrl(organizationUrl(name), organizations.get(name).feed, 'npm'),
    packageName: samplePackage.name,
    entra,
    pats,
    policies,
    projects,
    repositories,
    feeds,
    runs,
    jobs,
    oidc,
    variableGroups,
    connections,
    keyVault,
    manners,
    faults,
    requests: journal.records,
    requestsOf: filter => journal.of(filter),
    on: (event, listener) => journal.on(event, listener),
    waitFor: async (filter, wait) => journal.waitFor(filter, wait),
    forgetRequests: () => {
      journal.clear();
    },
    get maxInFlight() {
      return journal.maxInFlight;
    },
    violations: contract?.violations ?? [],
    checksContract: contract !== undefined,
    get routes() {
      return services.router.routes;
    },
    close: async () => {
      await server.close();
      journal.close();
      await services.gitBackend.close();
    },
  };
}
