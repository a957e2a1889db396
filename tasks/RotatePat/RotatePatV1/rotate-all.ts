import type { Progress } from '#agent/agent';
import { inTurn } from '#http/pace';
import type { Result } from './rotate.js';
import type { RotationState, Unread } from './rotation-state.js';

/** Rotates side by side what is due. One that fails does not stop the others. */
export async function rotateAll(
  states: readonly (RotationState | Unread)[],
  rotate: (state: RotationState) => Promise<Result>,
  agent: Progress,
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
        : await rotate(state);
    finished += 1;
    if (states.length > 1)
      agent.progress(20 + (80 * finished) / states.length, `Rotated or kept ${finished}`);
    return result;
  });
}
