import type { Directory } from '../entra/directory.js';
import type { Connections } from '../connections/store.js';
import type { VariableGroups } from '../library/store.js';
import type { Organizations } from '../organizations.js';
import type { PatStore } from '../pats/store.js';
import type { PolicyBook } from '../policies.js';
import type { Projects } from '../projects.js';
import type { JobTokens } from '../runs/job-tokens.js';
import type { RunStore } from '../runs/store.js';
import type { OidcTokens } from './oidc-tokens.js';
import type { RateLimit } from './rate-limit.js';

/** Ways to answer that nobody has published in full; a test may switch each of them at any time. */
export interface Manners {
  /** How a bad credential is refused, unless the request carries `X-TFS-FedAuthRedirect: Suppress`. */
  signIn: 'page' | 'redirect' | 'unauthorized';
  /** The status of a successful revoke. */
  revoked: 200 | 204;
  /** The answer to a revoke of an id that is unknown, or another user's: an error, or silence. */
  unknownRevoked: 'error' | 'success';
  /** The status for the id of a project that does not exist or may not be seen. */
  unseenProject: 400 | 404;
  /** How the details of a service connection show a secret; Microsoft's examples have both. */
  confidentialRead: 'null' | 'absent';
  /** The status with which a job is refused the OIDC token of a connection that no step of it names. */
  foreignConnection: 400 | 403 | 404;
  /** Whether people may make service connections. */
  connectionsMayBeCreated: boolean;
  /** How many users the Graph API puts on a page. */
  usersPerPage: number;
  /** How an organization tells its tenant: with the address of the sign-in, by a header alone, or that it has none. */
  tenant: 'named' | 'header' | 'none';
  /** Undefined: there is none, and no header tells of one. */
  rateLimit: RateLimit | undefined;
}

/** What every part of Azure DevOps can look at. */
export interface Service {
  readonly clock: () => Date;
  /** Origin of the emulator, known once it listens. */
  readonly origin: () => string;
  readonly directory: Directory;
  readonly organizations: Organizations;
  readonly policies: PolicyBook;
  readonly projects: Projects;
  readonly runs: RunStore;
  readonly jobs: JobTokens;
  readonly oidc: OidcTokens;
  readonly pats: PatStore;
  readonly variableGroups: VariableGroups;
  readonly connections: Connections;
  readonly manners: Manners;
}
