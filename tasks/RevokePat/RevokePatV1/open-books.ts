import type { Effects } from '#agent/effects';
import { ownPats, patsOfUser, type PatBook } from '#pat/pat-book';
import type { Patience } from '#http/patience';
import { openSession } from '../../common/sign-in.js';
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
