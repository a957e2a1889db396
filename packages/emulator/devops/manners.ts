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

/** How much one credential may ask for; the service counts usage, here each request counts as one. */
export interface RateLimit {
  /** Requests in the window; further ones are blocked. */
  readonly requests: number;
  /** Length of the sliding window; five minutes by default. */
  readonly seconds?: number;
  /** The last so many in the window are answered with `Retry-After` and `X-RateLimit-Delay`; a tenth by default. */
  readonly slowed?: number;
  /** What these headers ask for; 1 by default. The emulator itself does not wait. */
  readonly retryAfterSeconds?: number;
}
