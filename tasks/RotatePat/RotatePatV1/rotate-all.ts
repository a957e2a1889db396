import type { Effects } from '#agent/effects';
import { inTurn } from '#http/pace';
import type { UserPats } from '#pat/user-pats';
import type { RotationRequest } from './request.js';
import { rotateEntry, type Result } from './rotate.js';
import type { RotationState, Unread } from './rotation-state.js';

/** Rotates side by side what is due. One that fails does not stop the others. */
export async function rotateAll(
  states: readonly (RotationState | Unread)[],
  request: RotationRequest,
  pats: UserPats,
  effects: Effects,
): Promise<Result[]> {
  let finished = 0;
  return inTurn(states, async state => {
    const result: Result =
      'failure' in state
        ? {
            entry: state.entry,
            place: state.store.place,
            done: state.failure.topic === 'store-not-known' ? 'not known' : 'failed',
            failure: state.failure,
          }
        : await rotateEntry(state, request, pats, effects);
    finished += 1;
    if (states.length > 1)
      effects.agent.progress(20 + (80 * finished) / states.length, `Rotated or kept ${finished}`);
    return result;
  });
}
