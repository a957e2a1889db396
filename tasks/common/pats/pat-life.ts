import type { Agent } from '../agent/agent.js';
import type { Organization } from '../inputs/organization.js';
import { outsideText } from '../text/outside-text.js';

/** What can happen to a PAT in a run. `remains`: it was to be revoked, and that failed. */
export type LifeEvent = 'issued' | 'exposed' | 'handedOver' | 'revoked' | 'gone' | 'expired' | 'remains';

/** The type of the timeline record of an event is this and the event. */
export const LIFE_RECORD = 'JobPat.';

/** A PAT as far as its life tells it; none of it is secret. */
export interface LivingPat {
  readonly organization: Organization;
  readonly displayName: string;
  readonly authorizationId?: string;
  readonly validTo?: Date | undefined;
}

/**
 * Writes an event of a PAT's life to the run's timeline, where the tab "PATs" reads it: every event names the PAT in
 * full, so that it stands for itself in whatever job it happened.
 *
 * @param detail a word more, such as the scopes or the variable
 */
export function tellLife(event: LifeEvent, pat: LivingPat, agent: Agent, detail = ''): void {
  agent.timelineRecord({
    type: LIFE_RECORD + event,
    name: lifeName(pat),
    result: event === 'remains' ? 'Failed' : 'Succeeded',
    detail: outsideText(detail, 200),
  });
}

/** Organization, authorization id, end of validity and display name, at most some 250 characters; `-` is unknown. */
function lifeName({ organization, authorizationId, validTo, displayName }: LivingPat): string {
  const end = validTo === undefined ? '-' : `${validTo.toISOString().slice(0, 19)}Z`;
  const name = displayName === '' ? '-' : outsideText(displayName, 128);
  return [organization.name, authorizationId ?? '-', end, name].join(' ');
}
