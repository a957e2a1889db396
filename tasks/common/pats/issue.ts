import { patienceFor, type Effects } from '../agent/effects.js';
import { asFailure, type Failure, type FailureTopic } from '../text/failure.js';
import { checkGranted } from './granted.js';
import { spokenLifetime, spokenMoment } from '../text/lifetime.js';
import type { Organization } from '../inputs/organization.js';
import type { PatRecord } from './pat-record.js';
import { waitOrGiveUp, type Patience } from '../http/patience.js';
import { tellLife } from './pat-life.js';
import { patApi, type CreatedPat, type PatApi } from './pats.js';
import { remainingText, revokeRecorded } from './revoke.js';
import { jobPatName, type Run } from '../runs/run-name.js';

/** What a job asks for, valid and within the ceilings. */
export interface JobPatRequest {
  readonly label: string;
  readonly run: Run;
  readonly scopes: readonly string[];
  /** Milliseconds. */
  readonly validFor: number;
  readonly organizations: readonly Organization[];
}

export interface JobPat extends CreatedPat {
  readonly organization: Organization;
}

/** For one organization, with all its waiting. */
const ISSUE_BUDGET = 60_000;
const MOST_ATTEMPTS = 4;
const FIRST_WAIT = 1_000;
/** For revoking after a failure: the post-job step tries again with more time. */
const UNDO_BUDGET = 20_000;
/** A cancelled step is killed ten seconds after it was told to stop. */
const UNDO_BUDGET_CANCELLED = 6_000;

/** After these the request may be sent again; other doubtful answers would only come again. */
const WORTH_ANOTHER_ATTEMPT: ReadonlySet<FailureTopic> = new Set([
  'service-unavailable',
  'service-unreachable',
]);

/** Issues one PAT for each organization, one after the other. @throws Failure; see `allOrNothing` */
export async function issueAll(
  request: JobPatRequest,
  accessToken: string,
  record: PatRecord,
  effects: Effects,
): Promise<JobPat[]> {
  const pats: JobPat[] = [];
  for (const organization of request.organizations) {
    pats.push(await issueOne(request, organization, accessToken, record, effects));
  }
  return pats;
}

/** Runs the steps of issuing; when one fails, revokes everything made so far and then fails. */
export async function allOrNothing(
  record: PatRecord,
  accessToken: string,
  effects: Effects,
  steps: () => Promise<void>,
): Promise<void> {
  try {
    await steps();
  } catch (error) {
    const failure = asFailure(error);
    const budget = failure.topic === 'cancelled' ? UNDO_BUDGET_CANCELLED : UNDO_BUDGET;
    const remaining = await revokeRecorded(record, accessToken, effects.cleanup, budget);
    for (const left of remaining) effects.agent.warning(remainingText(left));
    throw failure;
  }
}

/** A retried step first ends what its earlier attempt left. What cannot be ended now is left to the post-job step. */
export async function revokeLeftovers(
  record: PatRecord,
  accessToken: string,
  effects: Effects,
): Promise<void> {
  if (record.pats.length === 0) return;
  effects.agent.info('An earlier attempt of this step left PATs behind; revoking them first.');
  const remaining = await revokeRecorded(record, accessToken, effects, UNDO_BUDGET);
  for (const left of remaining) effects.agent.warning(remainingText(left));
}

/**
 * The name is on the record before the request leaves, the authorization id as soon as the answer is here. After an
 * answer that leaves it open whether a PAT was made, that PAT is looked for by name and revoked; only then another
 * attempt is made, under another name.
 */
async function issueOne(
  request: JobPatRequest,
  organization: Organization,
  accessToken: string,
  record: PatRecord,
  effects: Effects,
): Promise<JobPat> {
  const { agent, clock } = effects;
  const api = patApi(effects.http, () => clock.now(), organization, accessToken);
  const patience = patienceFor(effects, ISSUE_BUDGET);

  for (let attempt = 1; ; attempt++) {
    const displayName = jobPatName(request.label, request.run, effects.nonce());
    const validTo = new Date(clock.now().getTime() + request.validFor);
    const asked = { displayName, scopes: request.scopes, validTo };
    await record.intend({ organization, displayName, validTo });

    const outcome = await api.create(asked, value => {
      agent.conceal(value);
    });
    switch (outcome.kind) {
      case 'created': {
        await record.confirm(displayName, outcome.pat.authorizationId, outcome.pat.validTo);
        agent.info(
          `Issued PAT "${displayName}" in ${organization.name}: ${request.scopes.join(' ')}, valid until ` +
            `${spokenMoment(outcome.pat.validTo)} (${spokenLifetime(outcome.pat.validTo.getTime() - clock.now().getTime())}).`,
        );
        tellLife('issued', { ...outcome.pat, displayName, organization }, agent, request.scopes.join(' '));
        checkGranted(asked, outcome.pat, organization.name, agent);
        return { ...outcome.pat, displayName, organization };
      }
      case 'refused':
        await record.forget(displayName);
        if (!outcome.mayPass || attempt > 1) throw outcome.failure;
        break;
      case 'later':
        await record.forget(displayName);
        break;
      case 'unclear':
        await withdraw(displayName, api, patience, effects, outcome.failure);
        if (attempt >= MOST_ATTEMPTS || !WORTH_ANOTHER_ATTEMPT.has(outcome.failure.topic))
          throw outcome.failure;
        break;
    }
    const wait = 'wait' in outcome ? outcome.wait : undefined;
    await waitOrGiveUp(patience, outcome.failure, wait ?? FIRST_WAIT * 2 ** (attempt - 1));
  }
}

/**
 * Revokes what an unanswered request may have made. The intent stays on the record, so that the post-job step looks
 * once more: a request that was cut can arrive late.
 */
async function withdraw(
  displayName: string,
  api: PatApi,
  patience: Patience,
  { agent }: Effects,
  because: Failure,
): Promise<void> {
  agent.info(`${because.what} It is not clear whether the PAT was made: looking for "${displayName}".`);
  for (const found of await api.listActive(pat => pat.displayName === displayName, patience)) {
    await api.revoke(found.authorizationId, patience);
    agent.info(`Found and revoked PAT "${found.displayName}", whose value nobody has.`);
  }
}
