import { retryFor, type Effects } from '#agent/effects';
import type { TaskOutcome } from '../../common/run-task.js';
import { openSession } from '../../common/sign-in.js';
import { pacedHttp } from '#http/paced-http';
import type { StoreIdentity } from '../../common/stores/store-identity.js';
import { withStoreIdentity } from '../../common/stores/write-as.js';
import { report } from './report.js';
import { readRotationRequest, SIGN_IN_BUDGET } from './request.js';
import { rotateAll } from './rotate-all.js';
import { readRotationStates } from './rotation-state.js';
import { openStores } from './stores.js';

/** The story of a rotation: see how every store stands, then rotate what is due. */
export async function rotatePats(unpaced: Effects): Promise<TaskOutcome | undefined> {
  const effects = { ...unpaced, http: pacedHttp(unpaced.http, unpaced.clock, unpaced.agent) };
  const { agent, http } = effects;
  const request = await readRotationRequest(agent);
  const { token } = await openSession(request.issuer, agent, http, retryFor(effects, SIGN_IN_BUDGET));
  const { writeAs, writeScopes, storeOrganization, whatIf } = request;
  const rotate = async (signIn: StoreIdentity) => {
    const stores = openStores(request, signIn, effects);
    const states = await readRotationStates(stores, request, token, effects);
    const results = await rotateAll(states, request, token, effects);
    return report(results, request, effects);
  };
  return withStoreIdentity(writeAs, writeScopes, storeOrganization, token, effects, rotate, { whatIf });
}
