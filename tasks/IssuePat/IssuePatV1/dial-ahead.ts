import { MOST_SIDE_BY_SIDE } from '#agent/side-by-side';
import type { Http } from '#http/http';
import type { IssueRequest } from './request.js';

/**
 * Opens the connections that issuing and verifying will need, while the sign-in is under way: a connection costs two round
 * trips, and a request one.
 */
export function dialAhead({ organizations, verify }: IssueRequest, { dial }: Http): void {
  for (const { tokensUrl } of organizations.slice(0, MOST_SIDE_BY_SIDE)) dial?.({ url: tokensUrl });
  if (!verify) return;
  for (const { url } of organizations.slice(0, MOST_SIDE_BY_SIDE)) dial?.({ url });
}
