import { advised } from '#advice/pipeline';
import type { Failure } from '#advice/failure';
import { sanitize } from '#text/sanitize';
import { clause } from '#text/sentence';
import type { HttpFault } from './http.js';

/** The failure for a connection that failed, with the repair that its error code suggests. */
export function unreachable(where: string, fault: HttpFault): Failure {
  const reason = clause(sanitize(fault.message));
  const facts = { host: where, reason: fault.code };
  if (fault.kind === 'too-large') {
    return advised(
      'answer-too-large',
      `${where} sent more than Job PAT reads: ${reason}.`,
      { about: 'request', code: 'answer-too-large' },
      facts,
    );
  }
  if (fault.message.startsWith('tunneling socket')) {
    return advised(
      'proxy-not-usable',
      `The proxy did not connect to ${where}: ${reason}.`,
      { about: 'request', code: 'proxy' },
      facts,
    );
  }
  if (fault.kind === 'not-trusted') {
    return advised(
      'service-unreachable',
      `The certificate of ${where} was not accepted: ${reason}.`,
      { about: 'request', code: 'certificate' },
      facts,
    );
  }
  return advised(
    'service-unreachable',
    `${where} could not be reached: ${reason}.`,
    { about: 'request', code: 'unreachable' },
    facts,
  );
}
