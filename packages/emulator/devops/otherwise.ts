import type { Call } from '../http/call.js';
import { jsonReply, textReply, type Reply } from '../http/reply.js';
import type { Match } from '../http/router.js';
import type { Organizations } from '../organizations.js';
import { unknownRoute } from './refusals.js';

/** Answers what no route takes, and requests to organizations that do not exist; undefined for all else. */
export function otherwise(organizations: Organizations): (call: Call, match: Match) => Reply | undefined {
  return (call, match) => {
    const name = call.parameters['organization'];
    if (match.kind === 'unknown' || (name !== undefined && !organizations.find(name))) return notFound(call);
    return match.kind === 'wrongMethod' ? wrongMethod(call, match.allowed) : undefined;
  };
}

function notFound(call: Call): Reply {
  if (!call.path.toLowerCase().includes('/_apis/')) {
    return textReply(404, 'text/plain; charset=utf-8', 'The resource cannot be found.\n');
  }
  return unknownRoute(call.path);
}

function wrongMethod(call: Call, allowed: readonly string[]): Reply {
  const Message = `The requested resource does not support http method '${call.method}'.`;
  return jsonReply(405, { count: 1, value: { Message } }, { Allow: allowed.join(', ') });
}
