import { countOf } from '#text/count';
import { pipelineAdvice } from '#advice/pipeline';
import type { RedactingLogger } from '#agent/effects';
import { Failure } from '#advice/failure';
import { MINUTE, formatMoment } from '#text/lifetime';
import { sanitize } from '#text/sanitize';
import type { ListedPat } from '#azure-devops/listed-pat';
import type { PatRequest } from '#azure-devops/pats';
import { includesScope } from './scopes.js';

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
  port: Pick<RedactingLogger, 'warning' | 'advice'>,
): void {
  const advice = port.advice ?? pipelineAdvice;
  const scopes = granted.scope.split(/\s+/).filter(scope => scope !== '');
  const wider = scopes.filter(scope => !asked.scopes.some(mine => includesScope(mine, scope)));
  const difference = granted.validTo.getTime() - asked.validTo.getTime();
  const more = [
    ...(wider.length > 0 ? [sanitize(wider.join(' '))] : []),
    ...(difference > TOLERANCE
      ? [`it ends at ${formatMoment(granted.validTo)}, not at ${formatMoment(asked.validTo)}`]
      : []),
    ...(granted.allOrganizations === true ? ['it is good for all organizations of its user'] : []),
    ...(granted.organizations === undefined
      ? []
      : [`it is good for ${countOf(granted.organizations, 'organization')}`]),
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
    const repair = advice({ about: 'request', code: 'scopes-missing' });
    port.warning(`${where} granted the PAT without ${missing.join(' ')}. ${repair}`);
  }
  if (difference < -TOLERANCE) {
    const repair = advice({ about: 'request', code: 'lifetime-shortened' });
    port.warning(
      `${where} shortened the lifetime: the PAT ends at ${formatMoment(granted.validTo)}, not at ${formatMoment(asked.validTo)}. ${repair}`,
    );
  }
}
