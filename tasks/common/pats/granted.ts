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
 * with less. More than asked is refused: wider scopes, a longer life, every organization.
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
  const difference = granted.validTo.getTime() - asked.validTo.getTime();
  const more = [
    ...(wider.length > 0 ? [outsideText(wider.join(' '))] : []),
    ...(difference > TOLERANCE
      ? [`it ends at ${spokenMoment(granted.validTo)}, not at ${spokenMoment(asked.validTo)}`]
      : []),
    ...(granted.allOrganizations === true ? ['it is good for all organizations of the issuing user'] : []),
  ];
  if (more.length > 0) {
    throw new Failure(
      'pat-wider-than-asked',
      `${where} granted more than was asked: ${more.join('; ')}.`,
      'Job PAT does not hand out such a PAT, and revokes it at once. Report this.',
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
  if (difference < -TOLERANCE) {
    log.warning(
      `${where} shortened the lifetime: the PAT ends at ${spokenMoment(granted.validTo)}, not at ${spokenMoment(asked.validTo)}. ` +
        'The policy "Enforce maximum personal access token lifespan" of the tenant does that; ask for a shorter validFor, or ask an administrator.',
    );
  }
}
