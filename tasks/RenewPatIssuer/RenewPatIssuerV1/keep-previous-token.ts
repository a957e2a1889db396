import type { Effects } from '#agent/effects';
import { REFRESH_TOKEN_LIFE } from '#entra/entra';
import { bearer } from '#azure-devops/identity';
import { UserPats } from '#pat/user-pats';
import { endOf } from '#pat/renewal-tag';
import { asFailure, Failure } from '#advice/failure';
import { formatLifetime, formatMoment } from '#text/lifetime';
import { SERVICE_CONNECTION_SCOPES } from '../../common/stores/service-connection.js';
import { withStoreIdentity } from '../../common/stores/write-as.js';
import { IssuerConnection } from './issuer-connection.js';
import type { RenewRequest } from './request.js';

/**
 * Runs the steps of a renewal after the stored refresh token has proved to work. Until the newer one is written the old
 * one is in place; a failure says so, and until when that helps.
 */
export async function keepingPreviousToken(
  request: RenewRequest,
  accessToken: string,
  effects: Effects,
  steps: (connection: IssuerConnection) => Promise<void>,
): Promise<void> {
  const { writeAs, organization } = request;
  let connection: IssuerConnection | undefined;
  try {
    await withStoreIdentity(
      writeAs,
      SERVICE_CONNECTION_SCOPES,
      organization,
      new UserPats(bearer('issuing-user', accessToken), effects),
      effects,
      async signIn => {
        connection = await IssuerConnection.open(request, signIn, effects);
        await steps(connection);
      },
    );
  } catch (error) {
    throw previousTokenKept(asFailure(error), connection);
  }
}

/** The failure, with a sentence on the refresh token that is in place. */
export function previousTokenKept(failure: Failure, connection?: IssuerConnection): Failure {
  const { topic, what, repair } = failure;
  return new Failure(topic, what, `${repair} ${whatIsInPlace(connection)}`.trim(), { cause: failure });
}

function whatIsInPlace(connection: IssuerConnection | undefined): string {
  if (connection?.inDoubt === true) {
    return 'It is not known whether the service connection holds the refresh token from before or the newer one. Both work.';
  }
  const renewed = connection?.renewed;
  const end =
    renewed === undefined
      ? `for ${formatLifetime(REFRESH_TOKEN_LIFE)} at most after it was issued`
      : `until ${formatMoment(endOf(renewed))} at the latest`;
  return `The service connection still holds the refresh token from before, which works ${end}.`;
}
