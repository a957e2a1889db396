import type { Effects } from '../../common/agent/effects.js';
import { ownPats, patsOfUser, type PatBook } from '../../common/pats/pat-book.js';
import type { Patience } from '../../common/http/patience.js';
import { openSession } from '../../common/entra/sign-in.js';
import type { RevokeRequest } from './request.js';

/** Signs in and opens the list of PATs of each organization. @throws Failure */
export async function openBooks(
  { actor, organizations }: RevokeRequest,
  effects: Effects,
  patience: Patience,
): Promise<PatBook[]> {
  if (actor.as === 'administrator') {
    return Promise.all(
      organizations.map(organization => patsOfUser(actor.user, organization, actor.token, effects, patience)),
    );
  }
  const { token } = await openSession(actor.issuer, effects.agent, effects.http, patience);
  return organizations.map(organization => ownPats(organization, token, effects));
}
