import type { User } from '../entra/principals.js';
import { stableGuid } from '../organizations.js';

/** The kinds of subjects, as the prefix of their descriptors names them. */
const subjectTypes = { aad: 'aad', msa: 'msa', vsts: 'svc' } as const;

export function subjectTypeOf({ origin }: Pick<User, 'origin'>): string {
  return subjectTypes[origin];
}

/** How Azure DevOps names a subject in a URL. It holds an id of its own kind: it cannot be made from the user's id. */
export function subjectDescriptorOf(user: Pick<User, 'id' | 'origin'>): string {
  const text = Buffer.from(stableGuid('subject', user.id)).toString('base64url');
  return `${subjectTypeOf(user)}.${text}`;
}
