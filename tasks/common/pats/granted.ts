import type { Log } from '../agent/agent.js';
import { Failure } from '../text/failure.js';
import { MINUTE, spokenMoment } from '../text/lifetime.js';
import { outsideText } from '../text/outside-text.js';
import type { ListedPat, PatRequest } from './pats.js';
import { includesScope } from '../inputs/scopes.js';

/** The service rounds moments, and may add a little. */
const TOLERANCE = MINUTE;

/**
 * Compares what was granted with what was asked. A shortened lifetime and a missing scope are warnings: the job may do
 * with less. More than asked is refused.
 * @throws Failure `pat-wider-than-asked`
 */
export function checkGranted(
  asked: PatRequest,
  granted: ListedPat & { validTo: Date },
  where: string,
  log: Log,
): void {
  const scopes = granted.scope.split(/\s+/).filter(scope => scope !== '');
  const wider = scopes.filter(scope => !asked.scopes.some(mine => includesScope(mine, scope)));
  if (wider.length > 0) {
    throw new Failure(
      'pat-wider-than-asked',
      `${where} granted more than was asked: ${outsideText(wider.join(' '))}.`,
      'Job PAT does not hand out such a PAT; it has been revoked. Report this.',
    );
  }
  const missing = asked.scopes.filter(
    scope => scopes.length > 0 && !scopes.some(mine => includesScope(mine, scope)),
  );
  if (missing.length > 0) {
    log.warning(
      `${where} granted the PAT without ${missing.join(' ')}: a policy of the organization or the rights of the issuing user forbid it.`,
    );
  }
  const difference = granted.validTo.getTime() - asked.validTo.getTime();
  if (difference < -TOLERANCE) {
    log.warning(
      `${where} shortened the lifetime: the PAT ends at ${spokenMoment(granted.validTo)}, not at ${spokenMoment(asked.validTo)}. ` +
        'The policy "Enforce maximum personal access token lifespan" of the tenant does that; ask for a shorter validFor, or ask an administrator.',
    );
  } else if (difference > TOLERANCE) {
    log.warning(
      `${where} lengthened the lifetime: the PAT ends at ${spokenMoment(granted.validTo)}, not at ${spokenMoment(asked.validTo)} as asked.`,
    );
  }
}
