import type { Effects } from '#agent/effects';
import { ownPats, patsOfUser, type PatClient } from '#pat/pat-client';
import type { RetryPolicy } from '#http/retry';
import { openSession } from '../../common/sign-in.js';
import type { RevokeRequest } from './request.js';

/** Signs in and opens the list of PATs of each organization. @throws Failure */
export async function openPatClients(
  { actor, organizations }: RevokeRequest,
  effects: Effects,
  policy: RetryPolicy,
): Promise<PatClient[]> {
  if (actor.as === 'administrator') {
    return Promise.all(
      organizations.map(organization => patsOfUser(actor.user, organization, actor.token, effects, policy)),
    );
  }
  const { token } = await openSession(actor.issuer, effects.agent, effects.http, policy);
  return organizations.map(organization => ownPats(organization, token, effects));
}
