import { jsonReply } from '../http/reply.js';
import { answer } from './answers.js';
import type { Fault } from './queue.js';

/** Another token than the one that was asked for: one that `emulator.oidc.issue` made, or any text. */
export function oidcToken(value: string): Fault {
  return answer(jsonReply(200, { oidcToken: value }), 'another OIDC token');
}

/** An answer that holds no token. */
export function noOidcToken(): Fault {
  return answer(jsonReply(200, { oidcToken: null }), 'no OIDC token');
}
