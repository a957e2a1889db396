import type { Asker } from '#advice/asker';
import { basicCredential } from '#text/secret-encodings';

/** In whose name requests are sent. What to do about a refusal depends on it. */
export interface Identity {
  readonly asker: Asker;
  /** The value of the Authorization header; what it holds is masked. Undefined: nobody asks. @throws Failure */
  authorization(): string | undefined | Promise<string>;
}

/** Whoever an access token signs in: a user, or the build service with the token of its job. */
export function bearer(asker: Asker, token: string): Identity {
  return { asker, authorization: () => `Bearer ${token}` };
}

/** Whoever a PAT signs in. One that is made for this is made when it is first needed. */
export function basic(asker: Asker, pat: string | (() => Promise<string>)): Identity {
  return {
    asker,
    authorization: async () => `Basic ${basicCredential(typeof pat === 'string' ? pat : await pat())}`,
  };
}

/** Nobody yet: somebody who may sign in as this user. */
export const anonymous: Identity = { asker: 'issuing-user', authorization: () => undefined };
