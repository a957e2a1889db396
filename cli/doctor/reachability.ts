import { retryFor } from '#agent/effects';
import type { Organization } from '#azure-devops/organization';
import { Failure } from '#advice/failure';
import { MINUTE, formatLifetime } from '#text/lifetime';
import type { TerminalEffects } from '../effects.js';
import { proxyFor } from '../proxy.js';
import { aheadOfService } from '../service-clock.js';
import { greet, noTenant, type Greeting } from '../tenant.js';
import { failed, ok, warn, type Check } from './check.js';

const BUDGET = 30_000;

/** Whether the organization can be reached, and what it says of itself. */
export async function checkReachable(
  organization: Organization,
  effects: TerminalEffects,
): Promise<{ readonly checks: Check[]; readonly greeting: Greeting | undefined }> {
  const checks: Check[] = [];
  try {
    const proxy = proxyFor(new URL(organization.url), process.env);
    checks.push(ok('proxy', proxy === undefined ? 'none, directly' : `${proxy.url}, from ${proxy.variable}`));
  } catch (error) {
    return { checks: [failed('proxy', error)], greeting: undefined };
  }
  try {
    const greeting = await greet(organization, effects.http, retryFor(effects, BUDGET));
    checks.push(ok('organization', `${organization.url} answers within ${greeting.took} ms`));
    checks.push(clockCheck(greeting));
    return { checks, greeting };
  } catch (error) {
    return { checks: [...checks, failed('organization', error)], greeting: undefined };
  }
}

/** Signatures and lifetimes of tokens bear a few minutes. */
const NOTEWORTHY = MINUTE;
const TOO_MUCH = 5 * MINUTE;

function clockCheck(greeting: Greeting): Check {
  const ahead = aheadOfService(greeting);
  if (ahead === undefined)
    return warn('clock', 'the organization does not tell the time', 'Compare the clock by hand.');
  const skew = ahead - greeting.took / 2;
  const apart = Math.abs(skew);
  if (apart < NOTEWORTHY) return ok('clock', 'agrees with that of the service within a minute');
  const text = `this machine is ${formatLifetime(apart)} ${skew > 0 ? 'ahead of' : 'behind'} the service`;
  return {
    name: 'clock',
    level: apart < TOO_MUCH ? 'warn' : 'fail',
    text,
    repair: 'Set the clock, and switch on time synchronization.',
  };
}

/** Whether the tenant of the sign-in is the one of the organization. */
export function checkTenant(told: string | undefined, greeting: Greeting, organization: Organization): Check {
  const named = greeting.tenantId;
  if (told === undefined) {
    return named === undefined
      ? failed('tenant', noTenant(greeting, organization))
      : ok('tenant', `${organization.name} belongs to ${named}`);
  }
  if (named === undefined)
    return warn(
      'tenant',
      `${organization.name} does not say whether it belongs to ${told}`,
      noTenant(greeting, organization).repair,
    );
  if (told.toLowerCase() === named || !/^[0-9a-f-]{36}$/i.test(told))
    return ok('tenant', `${organization.name} belongs to ${named}`);
  return failed(
    'tenant',
    new Failure(
      'tenant-not-found',
      `${organization.name} belongs to tenant ${named}, not to ${told}.`,
      'Sign in at the tenant of the organization: leave --tenant away.',
    ),
  );
}
