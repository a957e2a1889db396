import { REVOCATION } from '#agent/budgets';
import { paced, retryFor, type Effects } from '#agent/effects';
import type { TaskOutcome } from '../../common/run-task.js';
import { revoke } from './revoke.js';
import { planRevocations } from './plan-revocations.js';
import { openPatClients } from './open-pat-clients.js';
import { report } from './report.js';
import { readRevokeRequest } from './request.js';

/** The story of a revocation: find the PATs, decide about each, revoke, and say what became of them. */
export async function revokePats(unpaced: Effects): Promise<TaskOutcome | undefined> {
  const effects = paced(unpaced);
  const request = readRevokeRequest(effects.agent);
  const { selection } = request;
  if (selection.what === 'ids' && selection.ids.length === 0) {
    effects.agent.info(
      'Nothing to revoke: authorizationIds is empty. The job that issues the PAT was skipped, or ended before it had one.',
    );
    return report([], { decisions: [], unread: [] }, request, effects);
  }
  const clients = await openPatClients(request, effects, retryFor(effects, REVOCATION.signIn));
  const plan = await planRevocations(selection, clients, effects, retryFor(effects, REVOCATION.reading));
  const outcomes = await revoke(
    plan.decisions,
    request.whatIf,
    effects,
    retryFor(effects, REVOCATION.revoking),
  );
  return report(outcomes, plan, request, effects);
}
