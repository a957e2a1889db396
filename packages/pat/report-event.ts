import type { Agent } from '#agent/agent';
import type { Organization } from '#azure-devops/organization';
import { LONGEST_NAME } from './pat-name.js';
import { sanitize } from '#text/sanitize';
import { patEventName, patEventType, type PatEvent } from './pat-event.js';

/** A PAT to which something happened. */
export interface ReportedPat {
  readonly organization: Organization;
  /** Empty: unknown. */
  readonly displayName: string;
  readonly authorizationId?: string;
  readonly validTo?: Date | undefined;
}

/** Longest detail: the length that the service takes is not published. */
const LONGEST_DETAIL = 200;

/** Who has a timeline to write to; work outside a task has none. */
export type Timeline = Partial<Pick<Agent, 'timelineRecord'>>;

/**
 * Writes an event of a PAT's life to the run's timeline, where the tab "PATs" reads it.
 *
 * @param detail a word more, such as the scopes or the variable
 */
export function reportPatEvent(event: PatEvent, pat: ReportedPat, timeline: Timeline, detail = ''): void {
  const { organization, authorizationId, validTo } = pat;
  const displayName = sanitize(pat.displayName, LONGEST_NAME);
  timeline.timelineRecord?.({
    type: patEventType(event),
    name: patEventName({
      organization: organization.name,
      authorizationId,
      validTo,
      displayName: displayName === '' ? undefined : displayName,
    }),
    result: event === 'remains' ? 'Failed' : 'Succeeded',
    detail: sanitize(detail, LONGEST_DETAIL),
  });
}
