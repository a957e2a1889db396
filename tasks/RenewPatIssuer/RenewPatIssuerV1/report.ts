import type { Effects } from '#agent/effects';
import { REFRESH_TOKEN_LIFE } from '#entra/entra';
import { endOf } from '#pat/renewal-tag';
import { DAY, formatLifetime, formatMoment } from '#text/lifetime';
import type { IssuerConnection } from './issuer-connection.js';
import type { Redeemed } from './redeem-refresh-token.js';

/** A weekly renewal that was missed a few times. */
const LONG = 30 * DAY;

/** Whoever may write the connection may raise its ceilings, and the job's identity is that of every pipeline. */
export function warnOfJobToken({ agent }: Effects): void {
  agent.warning(
    'With writeAs: jobToken the build service has to be Administrator of the PAT issuer, and then every pipeline of the project can raise its ceilings. Use writeAs: issuer, and take that role from the build service.',
  );
}

/** Warns when the stored refresh token has lived for long, or nobody knows how long. */
export function warnOfAge({ name, renewed }: IssuerConnection, { agent, clock }: Effects): void {
  if (renewed === undefined) {
    agent.warning(
      `The ${name} does not tell when its refresh token was issued; a renewal writes it into the description. Run this task every week.`,
    );
    return;
  }
  const age = Math.floor((clock.now().getTime() - renewed.at.getTime()) / DAY) * DAY;
  if (age < LONG) return;
  agent.warning(
    `The refresh token of ${name} is ${formatLifetime(age)} old; at ${formatLifetime(REFRESH_TOKEN_LIFE)} it ends. Run this task every week.`,
  );
}

/** An agent's user has no refresh token: its sign-in begins anew with each step. */
export function tellNothingToRenew({ agent }: Effects): void {
  agent.info(
    "There is nothing to renew: this connection signs in an agent's user (preview), and stores no refresh token. This step can be removed.",
  );
}

export function tellSame({ name, renewed }: IssuerConnection, { agent }: Effects): void {
  const end =
    renewed === undefined
      ? `${formatLifetime(REFRESH_TOKEN_LIFE)} at most after it was issued`
      : `at ${formatMoment(endOf(renewed))} at the latest`;
  agent.info(`The ${name} holds the newest refresh token already; nothing was written. It ends ${end}.`);
}

export function tellWritten(
  { name, renewed }: IssuerConnection,
  { newer }: Redeemed,
  { agent }: Effects,
): void {
  if (renewed === undefined) return;
  const end = newer.lifetime === undefined ? endOf(renewed) : new Date(renewed.at.getTime() + newer.lifetime);
  agent.info(
    `Renewed the ${name}: its refresh token works until ${formatMoment(end)}, unless it is revoked.`,
  );
}
