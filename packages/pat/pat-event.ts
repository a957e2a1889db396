import { asGuid, asMoment } from '#text/json';

/** What can happen to a PAT in a run. `remains`: it was to be revoked, and that failed. */
export const patEvents = [
  'issued',
  'exposed',
  'handedOver',
  'revoked',
  'gone',
  'expired',
  'remains',
] as const;
export type PatEvent = (typeof patEvents)[number];

/** A PAT as its life tells it; none of it is secret. Undefined is unknown. */
export interface NamedPat {
  readonly organization: string;
  readonly authorizationId: string | undefined;
  readonly validTo: Date | undefined;
  readonly displayName: string | undefined;
}

const TYPE = 'JobPat.';
const UNKNOWN = '-';

/** The type of a timeline record that tells such an event. */
export function patEventType(event: PatEvent): string {
  return TYPE + event;
}

/**
 * The name of the record: every one names its PAT in full, so that it stands for itself in whatever job it happened.
 * Below 256 characters for a display name of 128.
 */
export function patEventName({ organization, authorizationId, validTo, displayName }: NamedPat): string {
  const end = validTo === undefined ? UNKNOWN : `${validTo.toISOString().slice(0, 19)}Z`;
  return [organization, authorizationId ?? UNKNOWN, end, displayName ?? UNKNOWN].join(' ');
}

/** The event that a timeline record tells, or undefined for a record that is none of ours. */
export function readPatEvent(
  type: string,
  name: string,
): { readonly event: PatEvent; readonly pat: NamedPat } | undefined {
  const event = patEvents.find(known => patEventType(known) === type);
  const [, organization, id, end, displayName] = /^(\S+) (\S+) (\S+) (.+)$/s.exec(name) ?? [];
  if (event === undefined || organization === undefined || displayName === undefined) return undefined;
  const pat = {
    organization,
    authorizationId: asGuid(id),
    validTo: asMoment(end),
    displayName: displayName === UNKNOWN ? undefined : displayName,
  };
  return pat.authorizationId === undefined && pat.displayName === undefined ? undefined : { event, pat };
}
