import { randomUUID } from '../randomness.js';
import type { Headers } from '../http/reply.js';
import type { Operation } from '../http/router.js';

/** The ids that Entra and Azure DevOps give to an answer, each under its own names. */
export function stamp(operation: Operation): Headers {
  const id = randomUUID();
  return operation.startsWith('entra.') ? { 'x-ms-request-id': id } : { ActivityId: id, 'X-VSS-E2EID': id };
}
