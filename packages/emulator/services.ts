import { workItemRoutes } from './boards/work-items.js';
import { connectionRoutes } from './connections/api.js';
import { Connections } from './connections/store.js';
import type { ContractCheck } from './contract.js';
import { connectionDataRoutes } from './devops/connection-data.js';
import { greetingRoutes } from './devops/greeting.js';
import { locationRoutes } from './devops/locations.js';
import { oidcTokenRoutes } from './devops/oidc-token.js';
import { OidcTokens } from './devops/oidc-tokens.js';
import { otherwise } from './devops/otherwise.js';
import { projectRoutes } from './devops/projects.js';
import { RateLimiter, type Admission } from './devops/rate-limit.js';
import type { Manners } from './devops/manners.js';
import type { Service } from './devops/service.js';
import { deviceCodeRoutes } from './entra/device-code-endpoint.js';
import { deviceLoginRoutes } from './entra/device-login.js';
import { Directory, type UserOptions } from './entra/directory.js';
import { Entra } from './entra/entra.js';
import { tokenRoutes } from './entra/token-endpoint.js';
import { packageRoutes } from './feeds/api.js';
import { Feeds } from './feeds/feeds.js';
import { gitRoutes } from './git/api.js';
import { GitBackend } from './git/backend.js';
import { Repositories } from './git/repositories.js';
import { graphRoutes } from './graph/api.js';
import type { Call } from './http/call.js';
import { withHeaders, type Reply } from './http/reply.js';
import { Router, type Match, type Operation, type Route } from './http/router.js';
import { keyVaultRoutes } from './keyvault/api.js';
import { KeyVault } from './keyvault/vault.js';
import { variableGroupRoutes } from './library/api.js';
import { VariableGroups } from './library/store.js';
import { Organizations } from './organizations.js';
import { patRoutes } from './pats/api.js';
import { PatStore } from './pats/store.js';
import { PolicyBook } from './policies.js';
import { Projects } from './projects.js';
import { buildRoutes } from './runs/builds.js';
import { pipelineRoutes } from './runs/pipelines.js';
import { JobTokens } from './runs/job-tokens.js';
import { releaseRoutes } from './runs/releases.js';
import { RunStore } from './runs/store.js';
import { tokenAdministrationRoutes } from './tokenadmin/api.js';

export interface ServiceOptions {
  /** The time of the emulated services; delays of faults are always real. */
  readonly clock?: () => Date;
  /** Organizations that exist; `contoso` and `fabrikam` by default. */
  readonly organizations?: readonly string[];
  /** The service user whose refresh token `entra.refreshToken` is. */
  readonly user?: UserOptions;
  /** Makes the application a confidential client with this secret. */
  readonly clientSecret?: string;
  /** Pages of whoever starts it, which no service has; each says that its operation is `page`. */
  readonly pages?: readonly Route[];
}

/** Entra, Azure DevOps and Key Vault: what they keep, and how they answer. Nothing here listens to a network. */
export interface Services extends Service {
  readonly entra: Entra;
  readonly keyVault: KeyVault;
  readonly feeds: Feeds;
  readonly repositories: Repositories;
  readonly gitBackend: GitBackend;
  readonly router: Router;
  /** Counts the request, and refuses it when there were too many. */
  readonly admit: (operation: Operation, call: Call) => Admission;
  /** Answers what no route takes, and what names an organization that does not exist. */
  readonly otherwise: (call: Call, match: Match) => Reply | undefined;
}

/**
 * @param origin of everything, known once somebody listens
 * @param contract looks at what the PAT API is sent and answers
 */
export function openServices(
  options: ServiceOptions,
  origin: () => string,
  contract?: ContractCheck,
): Services {
  const { clock = () => new Date(), organizations: names = ['contoso', 'fabrikam'] } = options;
  const directory = new Directory(clock);
  const organizations = new Organizations(names);
  const oidc = new OidcTokens(clock, organizations, directory.tenantId);
  const entra = new Entra(directory, clock, options, token => oidc.connectionOf(token));
  const policies = new PolicyBook(organizations);
  const projects = new Projects(organizations);
  const keyVault = new KeyVault(clock);
  const manners: Manners = {
    foreignConnection: 403,
    connectionsMayBeCreated: true,
    confidentialRead: 'null',
    signIn: 'page',
    revoked: 204,
    unknownRevoked: 'error',
    unseenProject: 404,
    usersPerPage: 500,
    tenant: 'named',
    rateLimit: undefined,
  };
  const service: Service = {
    clock,
    origin,
    directory,
    organizations,
    projects,
    runs: new RunStore(clock, organizations, projects),
    jobs: new JobTokens(clock, organizations),
    oidc,
    policies,
    pats: new PatStore(clock, organizations, policies, entra.user),
    variableGroups: new VariableGroups(clock, organizations, projects),
    connections: new Connections(organizations, projects),
    manners,
  };
  const feeds = new Feeds(organizations);
  const repositories = new Repositories(organizations, projects);
  const gitBackend = new GitBackend();
  const router = new Router(
    [
      ...tokenRoutes(directory, clock, entra.deviceCodes, entra.azure),
      ...greetingRoutes(service),
      ...patRoutes(service, contract),
      ...connectionDataRoutes(service),
      ...buildRoutes(service),
      ...variableGroupRoutes(service),
      ...connectionRoutes(service),
    ],
    () => [
      ...deviceLoginRoutes(directory, entra.deviceCodes),
      ...deviceCodeRoutes(directory, clock, entra.deviceCodes, origin),
      ...locationRoutes(service),
      ...projectRoutes(service),
      ...pipelineRoutes(service),
      ...workItemRoutes(service),
      ...releaseRoutes(service),
      ...graphRoutes(service),
      ...tokenAdministrationRoutes(service, contract),
      ...oidcTokenRoutes(service),
      ...keyVaultRoutes(keyVault, directory, clock, origin),
      ...packageRoutes(service, feeds),
      ...gitRoutes(service, repositories, gitBackend),
      ...(options.pages ?? []),
    ],
  );
  const rateLimiter = new RateLimiter(clock, manners);
  return {
    ...service,
    entra,
    keyVault,
    feeds,
    repositories,
    gitBackend,
    router,
    admit: (operation, call) => rateLimiter.admit(operation, call),
    otherwise: otherwise(organizations),
  };
}

/** One request as somebody without a network sends it: no path parameters yet. */
export type BareCall = Omit<Call, 'parameters'>;

/** The answer of the services to one request, its effects carried out. */
export async function answerOf(services: Services, bare: BareCall): Promise<Reply> {
  return answerAtOnce(services, bare);
}

/** The same, at once where the route needs to wait for nothing. */
export function answerAtOnce(services: Services, bare: BareCall): Reply | Promise<Reply> {
  const match = services.router.match(bare.method, bare.path, bare.query);
  const { method, path, query, headers, body } = bare;
  const parameters = match.kind === 'unknown' ? {} : match.parameters;
  const call = { method, path, query, headers, body, parameters };
  const operation = match.kind === 'found' ? match.route.operation : 'unknown';
  const admission = services.admit(operation, call);
  if (admission.refusal) return admission.refusal;
  const refusal = services.otherwise(call, match);
  if (refusal) return refusal;
  if (match.kind !== 'found') throw new Error(`No route takes ${call.method} ${call.path}.`);
  const reply = match.route.handle(call);
  return reply instanceof Promise
    ? reply.then(later => withHeaders(later, admission.headers))
    : withHeaders(reply, admission.headers);
}
