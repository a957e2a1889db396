import { MOST_SIDE_BY_SIDE } from '#agent/side-by-side';
import type { Http } from '#http/http';
import type { Issuer } from '../../common/inputs/issuer.js';
import type { IssueRequest } from './request.js';

/** An agent's user is signed in by three, one after the other. */
const REQUESTS_OF_AGENT_USER = 3;

/**
 * Opens the connections that issuing and verifying will need, while the sign-in is under way: a connection costs two round
 * trips, and a request one.
 */
export function dialAhead(
  { issuer, organizations, verify }: IssueRequest,
  { dial }: Pick<Http, 'dial'>,
): void {
  if (dial === undefined) return;
  dialForProof(issuer, dial);
  for (const { tokensUrl } of organizations.slice(0, MOST_SIDE_BY_SIDE)) dial({ url: tokensUrl });
  if (!verify) return;
  for (const { url } of organizations.slice(0, MOST_SIDE_BY_SIDE)) dial({ url });
}

/** A sign-in that proves the application asks Azure Pipelines first, and Entra after that. */
function dialForProof(issuer: Issuer, dial: NonNullable<Http['dial']>): void {
  if (issuer.kind !== 'connection' || issuer.signIn.proof === undefined) return;
  const { signIn } = issuer;
  dial({ url: issuer.signIn.proof.url });
  if (signIn.kind === 'refresh-token') dial({ url: signIn.entra.authority, service: 'entra' });
  else dial({ url: signIn.agentUser.authority, service: 'entra' }, REQUESTS_OF_AGENT_USER);
}
