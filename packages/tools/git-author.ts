import type { UserProfile } from '#azure-devops/connection-data';
import { sanitize } from '#text/sanitize';

/** As git names an author. */
export interface GitAuthor {
  readonly name: string;
  /** Undefined: the service does not tell one. */
  readonly email: string | undefined;
}

const LONGEST_NAME = 128;
/** RFC 5321 allows no longer address. */
const LONGEST_EMAIL = 254;
/** As far as it fits into a commit, a shell and a variable of the agent. */
const EMAIL = /^[A-Za-z0-9.!#%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/;

/**
 * The author of commits that a user's PAT pushes. The mail address is that of the user's profile; where that is silent, the
 * name of the sign-in counts, which Azure DevOps shows as the address.
 *
 * @returns undefined where nobody was told
 */
export function gitAuthor(user: UserProfile | undefined): GitAuthor | undefined {
  if (user === undefined) return undefined;
  const email = [user.mail, user.account]
    .map(text => text.trim())
    .find(text => text.length <= LONGEST_EMAIL && EMAIL.test(text));
  const name = nameOf(user.displayName) || nameOf(email?.split('@')[0] ?? '');
  return name === '' ? undefined : { name, email };
}

/** Git takes no angle brackets, and an agent replaces `$(x)` in a variable by the variable x. */
function nameOf(text: string): string {
  return sanitize(text.replace(/[<>]/g, ' ').replaceAll('$(', '('), LONGEST_NAME).trim();
}
