import type { EntraReason } from '#advice/entra';
import { retryFor } from '#agent/effects';
import { PAT_PERMISSIONS, redeem } from '#entra/entra';
import { asFailure } from '#advice/failure';
import { DAY } from '#text/lifetime';
import type { TerminalEffects } from '../effects.js';
import type { Application, SignInOptions } from '../options.js';
import type { Organization } from '#azure-devops/organization';
import {
  accessTokenFor,
  checkConsent,
  clientFor,
  REQUEST_BUDGET,
  secretFor,
  signIn,
} from '../sign-in/sign-in.js';
import { failed, ok, type Check } from './check.js';

/** Signs in as a job does, and says what of it works. */
export async function checkSignIn(
  organization: Organization,
  application: Application,
  options: SignInOptions,
  effects: TerminalEffects,
): Promise<{ readonly checks: Check[]; readonly accessToken: string | undefined }> {
  const given = await secretFor('entraToken', options.entraToken === true, effects);
  if (given !== '') {
    return {
      checks: [ok('application', 'not looked at: an Entra token was given')],
      accessToken: given,
    };
  }
  const checks: Check[] = [];
  try {
    if (options.az === true) {
      const accessToken = await accessTokenFor(organization, application, options, effects);
      return { checks: [ok('application', 'not looked at: the Azure CLI signed in')], accessToken };
    }
    const client = await clientFor(organization, application, options, effects);
    const stored = await secretFor('refreshToken', options.refreshToken === true, effects);
    const refreshToken = stored === '' ? (await signIn(client, effects)).refreshToken : stored;
    const mask = (secret: string) => {
      effects.agent.mask(secret);
    };
    const policy = retryFor(effects, REQUEST_BUDGET);
    const token = await redeem(effects.http, { ...client, refreshToken }, mask, policy);
    const kind =
      client.clientSecret === undefined ? 'a public client' : 'a confidential client, whose secret is right';
    checks.push(ok('application', `${client.clientId}, ${kind}`));
    checkConsent(token.permissions);
    const consent = PAT_PERMISSIONS.join(' and ');
    checks.push(
      ok(
        'consent',
        token.permissions === undefined
          ? `Entra does not tell whether ${consent} are granted; the checks below show it`
          : `${consent} are granted`,
      ),
    );
    const lifetime = token.refreshToken?.lifetime;
    const more = lifetime === undefined ? '' : `; a newer one lives ${Math.round(lifetime / DAY)} days`;
    checks.push(ok('refresh token', `Entra redeems it${more}`));
    return { checks, accessToken: token.value };
  } catch (error) {
    return { checks: [...checks, failed(aspectOf(error), error)], accessToken: undefined };
  }
}

const OF_CONSENT: ReadonlySet<EntraReason> = new Set(['consent', 'permissions']);
const OF_TOKEN: ReadonlySet<EntraReason> = new Set(['token-expired', 'token-revoked', 'sign-in-frequency']);

function aspectOf(error: unknown): string {
  const { topic, situation } = asFailure(error);
  const reason = situation?.about === 'entra' ? situation.code : undefined;
  if (topic === 'consent-missing' || (reason !== undefined && OF_CONSENT.has(reason))) return 'consent';
  if (topic === 'sign-in-not-finished') return 'sign-in';
  return reason !== undefined && OF_TOKEN.has(reason) ? 'refresh token' : 'application';
}
