import { underTopic } from '../advice/situation.js';
import { asFailure, type Failure } from '../text/failure.js';

/**
 * What comes before a write: when it fails, it is certain that nothing was written.
 * @throws Failure `store-refused`, `cancelled`
 */
export async function unwritten<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = asFailure(error);
    throw failure.topic === 'cancelled' ? failure : refused(failure);
  }
}

/** The same failure, of which it is certain that nothing was written. */
export function refused(failure: Failure): Failure {
  return underTopic('store-refused', failure);
}
