import type { Effects } from '#agent/effects';
import { asFailure, type Failure } from '#advice/failure';
import { listUntilStable, type PatClient } from '#pat/pat-client';
import type { RetryPolicy } from '#http/retry';
import type { ListedPat } from '#azure-devops/listed-pat';
import { madeByJobPat, readJobPatName } from '#pat/run-name';
import { readTerminalPatName } from '#pat/terminal-name';
import type { NamedRun } from '#azure-devops/run';
import type { Decision } from './decision.js';
import type { Selection } from './request.js';
import { onlyOrphans, tellWhoseRunGoesOn } from './runs-of-pats.js';

export interface RevocationPlan {
  readonly decisions: readonly Decision[];
  /** Organizations whose PATs nobody could read: nothing happens there. */
  readonly unread: readonly { readonly client: PatClient; readonly failure: Failure }[];
  /** Why what was found may not be the whole truth. */
  readonly doubt?: Failure | undefined;
}

/** Finds the PATs that a selection is about and decides each one's fate. @throws Failure when no list can be read */
export async function planRevocations(
  selection: Selection,
  clients: readonly PatClient[],
  effects: Effects,
  policy: RetryPolicy,
): Promise<RevocationPlan> {
  effects.agent.progress(1, 'Reading lists of PATs');
  const read = await Promise.allSettled(clients.map(client => judgeBook(selection, client, policy)));
  const decisions = read.flatMap(result => (result.status === 'fulfilled' ? result.value : []));
  const unread = clients.flatMap((client, index) => {
    const result = read[index];
    return result?.status === 'rejected' ? { client, failure: asFailure(result.reason) } : [];
  });
  const [first] = unread;
  if (first !== undefined && unread.length === clients.length) throw first.failure;
  if (selection.what === 'ids') return { decisions: asEveryBookSays(decisions), unread };
  if (selection.what === 'run') await tellWhoseRunGoesOn(decisions, effects, policy);
  if (selection.what !== 'orphans') return { decisions, unread };
  return { ...(await onlyOrphans(decisions, selection.minimumAge, effects, policy)), unread };
}

/** Why a PAT is revoked whose id was given. */
export const ASKED_FOR = 'asked for';

async function judgeBook(selection: Selection, client: PatClient, policy: RetryPolicy): Promise<Decision[]> {
  const entry = (pat: ListedPat) => ({ client, pat, run: readJobPatName(pat.displayName) });
  const listed = async (keep: (pat: ListedPat) => boolean) =>
    (await listUntilStable(client, keep, policy)).map(entry);
  switch (selection.what) {
    case 'ids': {
      const { pats, others, unread } = await client.find(selection.ids, policy);
      return [
        ...pats.map(pat => ({ ...entry(pat), ...askedFor(pat, selection.includeForeign) })),
        ...others.map(pat => ({ ...entry(pat), revoke: false, why: 'no active PAT of this user' })),
        ...unread.map(({ pat, failure }) => ({
          ...entry(pat),
          ...(selection.includeForeign
            ? { revoke: true, why: ASKED_FOR }
            : { revoke: false, why: failure.what, unread: failure }),
        })),
      ];
    }
    case 'name':
      return (await listed(pat => selection.matches(pat.displayName))).map(found =>
        selection.includeForeign || madeByJobPat(found.pat.displayName)
          ? { ...found, revoke: true, why: 'name matches' }
          : { ...found, revoke: false, why: 'not made by Job PAT' },
      );
    case 'run': {
      const ofRun = await listed(pat => isOfRun(readJobPatName(pat.displayName), selection.run));
      return ofRun.map(found => ({ ...found, revoke: true, why: 'of this run' }));
    }
    case 'orphans': {
      const ofJobs = await listed(pat => readJobPatName(pat.displayName) !== undefined);
      return ofJobs.map(found => ({ ...found, revoke: false, why: '' }));
    }
  }
}

function isOfRun(named: NamedRun | undefined, run: Pick<NamedRun, 'host' | 'projectId' | 'runId'>): boolean {
  return named?.host === run.host && named.projectId === run.projectId && named.runId === run.runId;
}

/**
 * An id comes out of a variable, which an earlier step of the job may have set: what the PAT is called tells whether it is
 * one of a job. One that the service does not show any more has no name, and nothing is lost by ending it again.
 */
function askedFor(pat: ListedPat, includeForeign: boolean): Pick<Decision, 'revoke' | 'why' | 'refused'> {
  const { displayName } = pat;
  if (includeForeign || displayName === '' || readJobPatName(displayName) !== undefined)
    return { revoke: true, why: ASKED_FOR };
  const why = madeByJobPat(displayName)
    ? readTerminalPatName(displayName) === undefined
      ? 'a rotated PAT, not one of a job'
      : 'issued at a terminal, not by a job'
    : 'not made by Job PAT';
  return { revoke: false, why, refused: true };
}

/** The service ends a PAT by its id in whatever organization it is asked, so an id that one of them refuses is left in all. */
function asEveryBookSays(decisions: readonly Decision[]): Decision[] {
  const stays = ({ refused, unread }: Decision) => refused === true || unread !== undefined;
  const left = new Map(
    decisions.filter(stays).map(decision => [decision.pat.authorizationId, decision.why] as const),
  );
  return decisions.map(decision => {
    const why = left.get(decision.pat.authorizationId);
    const knowsNothing = decision.revoke && decision.pat.displayName === '';
    return why !== undefined && knowsNothing ? { ...decision, revoke: false, why } : decision;
  });
}
