import type { Directory } from '../entra/directory.js';
import type { Organizations } from '../organizations.js';
import type { PatStore } from '../pats/store.js';
import type { PolicyBook } from '../policies.js';

/** Ways to answer that nobody has published in full; a test may switch each of them at any time. */
export interface Manners {
  /** How a bad credential is refused, unless the request carries `X-TFS-FedAuthRedirect: Suppress`. */
  signIn: 'page' | 'redirect' | 'unauthorized';
  /** The status of a successful revoke. */
  revoked: 200 | 204;
  /** The answer to a revoke of an id that is unknown, or another user's: an error, or silence. */
  unknownRevoked: 'error' | 'success';
}

/** What every part of Azure DevOps can look at. */
export interface Service {
  readonly clock: () => Date;
  /** Origin of the emulator, known once it listens. */
  readonly origin: () => string;
  readonly directory: Directory;
  readonly organizations: Organizations;
  readonly policies: PolicyBook;
  readonly pats: PatStore;
  readonly manners: Manners;
}
