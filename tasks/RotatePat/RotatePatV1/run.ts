import { paced, retryFor, type Effects } from '#agent/effects';
import type { TaskOutcome } from '../../common/run-task.js';
import { openSession } from '../../common/sign-in.js';
import { bearer } from '#azure-devops/identity';
import { UserPats } from '#pat/user-pats';
import type { StoreIdentity } from '../../common/stores/store-identity.js';
import { withStoreIdentity } from '../../common/stores/write-as.js';
import { report } from './report.js';
import { readRotationRequest, SIGN_IN_BUDGET } from './request.js';
import { rotateAll } from './rotate-all.js';
import { readRotationStates } from './rotation-state.js';
import { openStores } from './stores.js';

/** The story of a rotation: see how every store stands, then rotate what is due. */
export async function rotatePats(unpaced: Effects): Promise<TaskOutcome | undefined> {
  const effects = paced(unpaced);
  const { agent, http } = effects;
  const request = await readRotationRequest(agent);
  const { token } = await openSession(request.issuer, agent, http, retryFor(effects, SIGN_IN_BUDGET));
  const pats = new UserPats(bearer('issuing-user', token), effects);
  const { writeAs, writeScopes, storeOrganization, whatIf } = request;
  const rotate = async (signIn: StoreIdentity) => {
    const stores = openStores(request, signIn, effects);
    const states = await readRotationStates(stores, request, pats.in(request.organization), effects);
    const results = await rotateAll(states, request, pats, effects);
    return report(results, request, effects);
  };
  return withStoreIdentity(writeAs, writeScopes, storeOrganization, pats, effects, rotate, { whatIf });
}
