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
import type { Manners } from './manners.js';

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
