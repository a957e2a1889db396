import { anonymousConnectionData } from '../devops/connection-data.js';
import { parameterOf } from '../http/call.js';
import type { Fault } from './queue.js';

/** connectionData answers 200 whatever the credential, but knows the caller only as the anonymous user. */
export function anonymous(): Fault {
  return {
    name: 'anonymous identity',
    act: async ({ call }) => Promise.resolve(anonymousConnectionData(parameterOf(call, 'organization'))),
  };
}
