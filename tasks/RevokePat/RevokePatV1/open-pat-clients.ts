import type { Effects } from '#agent/effects';
import { administrator } from '#azure-devops/administrator';
import { AzureDevOpsClient } from '#azure-devops/client';
import { bearer } from '#azure-devops/identity';
import { ownPats, patsOfUser, type PatClient } from '#pat/pat-client';
import type { RetryPolicy } from '#http/retry';
import { UserPats } from '#pat/user-pats';
import { openSession } from '../../common/sign-in.js';
import type { RevokeRequest } from './request.js';

/** Signs in and opens the list of PATs of each organization. @throws Failure */
export async function openPatClients(
  { actor, organizations }: RevokeRequest,
  effects: Effects,
  policy: RetryPolicy,
): Promise<PatClient[]> {
  if (actor.as === 'administrator') {
    const identity = administrator(actor.token);
    return Promise.all(
      organizations.map(organization =>
        patsOfUser(actor.user, new AzureDevOpsClient(identity, organization, effects), policy),
      ),
    );
  }
  const { token } = await openSession(actor.issuer, effects.agent, effects.http, policy);
  const pats = new UserPats(bearer('issuing-user', token), effects);
  return organizations.map(organization => ownPats(pats, organization, effects));
}
