import { REFRESH_TOKEN_LIFE } from '#entra/entra';
import { asMoment } from '#text/json';
import { tagIn, withTag } from '#azure-devops/description-tag';

/**
 * When the refresh token of a connection was issued, as a line of its description:
 * `job-pat:renewed/2026-03-01T10:00:00Z/<8 hex nonce>`. The nonce tells one renewal from another: the token itself is
 * never read back. It is not a field of the connection's data, where the service takes only fields that the connection
 * type declares.
 */
const MARK = 'job-pat:renewed/';

export interface Renewal {
  readonly at: Date;
  /** What stands behind the mark: it is unique. */
  readonly text: string;
}

/** A renewal that happens now. */
export function renewalAt(now: Date, nonce: string): Renewal {
  const at = new Date(Math.floor(now.getTime() / 1000) * 1000);
  return { at, text: `${at.toISOString().replace('.000', '')}/${nonce}` };
}

/** The last renewal that these descriptions tell of; a moment that has not come yet is none. */
export function lastRenewal(descriptions: readonly string[], now: Date): Renewal | undefined {
  for (const description of descriptions) {
    const text = tagIn(description, MARK);
    const at = asMoment(text?.split('/')[0]);
    if (text !== undefined && at !== undefined && at.getTime() <= now.getTime() + CLOCK_TOLERANCE)
      return { at, text };
  }
  return undefined;
}

/** The description with this renewal in place of the last one. */
export function withRenewal(description: string, { text }: Renewal): string {
  return withTag(description, MARK, text);
}

/** The latest moment at which a token issued then still works. */
export function endOf({ at }: Renewal): Date {
  return new Date(at.getTime() + REFRESH_TOKEN_LIFE);
}

/** Agents' clocks differ. */
const CLOCK_TOLERANCE = 10 * 60_000;
