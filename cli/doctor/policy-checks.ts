import { terminalAdvice } from '#advice/terminal';
import { retryFor } from '#agent/effects';
import type { Organization } from '#azure-devops/organization';
import { bearer } from '#azure-devops/identity';
import { UserPats } from '#pat/user-pats';
import { createPat, type IssuedPat } from '#pat/create-pat';
import { listUntilStable, ownPats } from '#pat/pat-client';
import { StepLedger, processMemory } from '#pat/ledger';
import { remainingText, revokeRecorded } from '#pat/revoke';
import { madeByJobPat } from '#pat/run-name';
import { asFailure } from '#advice/failure';
import { MINUTE, formatLifetime } from '#text/lifetime';
import { countOf } from '#text/count';
import type { TerminalEffects } from '../effects.js';
import { unsaid } from '../unsaid.js';
import { REQUEST_BUDGET } from '../sign-in/sign-in.js';
import { failed, ok, warn, type Check } from './check.js';

/** The smallest scope that there is: reading one's own profile. */
const SMALLEST = 'vso.profile';
const PACKAGING = 'vso.packaging';
/**
 * Longer than the shortest lifetime that any organization wants, also where the service's clock is not known. Jobs
 * ask for five minutes and more.
 */
const LIFETIME = 10 * MINUTE;
const REVOKE_BUDGET = 20_000;
const TOLERANCE = 10_000;

/** Whether the user is somebody in the organization, by reading the user's own list of PATs. */
export async function checkUser(
  organization: Organization,
  accessToken: string,
  effects: TerminalEffects,
): Promise<Check> {
  try {
    const own = ownPats(new UserPats(bearer('issuing-user', accessToken), effects), organization, effects);
    const pats = await listUntilStable(own, () => true, retryFor(effects, REQUEST_BUDGET));
    const ours = pats.filter(pat => madeByJobPat(pat.displayName)).length;
    return ok(
      'user',
      pats.length === 0
        ? `a member of ${organization.name}, with no active PAT`
        : `a member of ${organization.name}, with ${countOf(pats.length, 'active PAT')}, ${ours} of them made by Job PAT`,
    );
  } catch (error) {
    return failed('user', error);
  }
}

/**
 * Whether policies let the user create PATs: a PAT of ten minutes with the smallest scope is made and revoked at once.
 * When it is refused, one for packages tells whether these alone are allowed. Nobody gets their values.
 */
export async function checkCreation(
  organization: Organization,
  accessToken: string,
  effects: TerminalEffects,
): Promise<Check> {
  const probe = (scope: string) => probeWith(scope, organization, accessToken, effects);
  try {
    const { pat, left } = await probe(SMALLEST);
    if (left !== undefined) return warn('PAT creation', left, 'It ends by itself after ten minutes.');
    const missing = pat.asked.getTime() - pat.granted.getTime();
    return missing > TOLERANCE
      ? warn(
          'PAT creation',
          `allowed, but clamped: the lifetime was shortened by ${formatLifetime(missing)}`,
          'The policy "Enforce maximum personal access token lifespan" does that: ask its administrator.',
        )
      : ok('PAT creation', 'allowed: one of ten minutes was made and revoked');
  } catch (error) {
    const { situation } = asFailure(error);
    if (situation?.about !== 'pat' || situation.code !== 'disablePatCreationPolicyViolation')
      return failed('PAT creation', error);
    const packaging = await probe(PACKAGING).catch(() => undefined);
    return packaging === undefined
      ? failed('PAT creation', error)
      : warn('PAT creation', `allowed for packages only (scopes vso.packaging...)`, asFailure(error).repair);
  }
}

async function probeWith(
  scope: string,
  organization: Organization,
  accessToken: string,
  effects: TerminalEffects,
): Promise<{
  readonly pat: { readonly asked: Date; readonly granted: Date };
  readonly left: string | undefined;
}> {
  const record = new StepLedger(processMemory());
  const user = new UserPats(bearer('issuing-user', accessToken), effects);
  const quiet = { ...effects, agent: unsaid(effects.agent) };
  const asked = new Date(effects.clock.now().getTime() + LIFETIME);
  let pat: IssuedPat;
  let left: string | undefined;
  try {
    const wish = {
      organization,
      scopes: [scope],
      validFor: LIFETIME,
      nextName: () => `Job PAT doctor ${effects.nonce()}`,
    };
    pat = await createPat(wish, user, record, quiet);
  } finally {
    const remaining = await revokeRecorded(
      record,
      user.cleanup,
      { ...effects.cleanup, agent: quiet.agent },
      REVOKE_BUDGET,
    );
    left = remaining[0] === undefined ? undefined : remainingText(remaining[0], terminalAdvice);
    if (left !== undefined) effects.agent.warning(left);
  }
  return { pat: { asked, granted: pat.validTo }, left };
}
