import { retryFor } from '#agent/effects';
import { redeem, type EntraClient } from '#entra/entra';
import type { TerminalEffects } from '../effects.js';
import type { DeviceCodeClient, SignedIn } from '../sign-in/device-code.js';
import { checkConsent, REQUEST_BUDGET } from '../sign-in/sign-in.js';

/** What goes into the connection, and an access token of the same user. */
export interface ProvenIssuer {
  readonly entra: EntraClient;
  readonly accessToken: string;
}

/**
 * Redeems the refresh token once, as every job will: what goes into the connection works. Using one does not end it.
 * @throws Failure
 */
export async function proveSignIn(
  client: DeviceCodeClient,
  { refreshToken }: SignedIn,
  effects: TerminalEffects,
): Promise<ProvenIssuer> {
  const entra = { ...client, refreshToken };
  const mask = (secret: string) => {
    effects.agent.mask(secret);
  };
  const { value, permissions } = await redeem(effects.http, entra, mask, retryFor(effects, REQUEST_BUDGET));
  checkConsent(permissions);
  return { entra, accessToken: value };
}
