import pLimit from 'p-limit';
import type { Effects } from '#agent/effects';
import { MOST_IN_FLIGHT } from '#http/paced-http';
import type { RotationRequest } from './request.js';
import { rotateEntry, type Result } from './rotate.js';
import type { Standing, Unread } from './standing.js';

/** Rotates side by side what is due. One that fails does not stop the others. */
export async function rotateAll(
  standings: readonly (Standing | Unread)[],
  request: RotationRequest,
  accessToken: string,
  effects: Effects,
): Promise<Result[]> {
  const limit = pLimit(MOST_IN_FLIGHT);
  let finished = 0;
  return Promise.all(
    standings.map(standing =>
      limit(async () => {
        const result: Result =
          'failure' in standing
            ? {
                entry: standing.entry,
                place: standing.store.place,
                done: standing.failure.topic === 'store-not-known' ? 'not known' : 'failed',
                failure: standing.failure,
              }
            : await rotateEntry(standing, request, accessToken, effects);
        finished += 1;
        if (standings.length > 1)
          effects.agent.progress(20 + (80 * finished) / standings.length, `Rotated or kept ${finished}`);
        return result;
      }),
    ),
  );
}
