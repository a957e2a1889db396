import { retryFor, type RedactingEffects } from '#agent/effects';
import { LOOKING_RESERVE, MAIN_STAGE } from '#agent/budgets';
import { REQUEST_TIMEOUT } from '#azure-devops/client';
import { timeLeft, millisecondsLeft, waitOrGiveUp, type RetryPolicy } from '#http/retry';
import type { Organization } from '#azure-devops/organization';
import type { Failure, FailureTopic } from '#advice/failure';
import { formatLifetime, formatMoment } from '#text/lifetime';
import { checkGranted } from './granted.js';
import type { StepLedger } from './ledger.js';
import type { CreatedPat, PatApi } from '#azure-devops/pats';
import type { UserPats } from './user-pats.js';

/** A PAT to be made. */
export interface CreatePatOptions {
  readonly organization: Organization;
  readonly scopes: readonly string[];
  /** Milliseconds. */
  readonly validFor: number;
  /** A display name that no other PAT has; asked for anew at each attempt. */
  nextName(): string;
  /** Throws when nobody would revoke the PAT any more; asked before each request, and after the answer. */
  mustBeWanted?(): void;
}

export interface IssuedPat extends CreatedPat {
  readonly organization: Organization;
}

/** What remembers PATs that may be alive: the record of a step, or the memory of a step that has no later stage. */
export type Intents = Pick<StepLedger, 'intend' | 'confirm' | 'forget'>;

const MOST_ATTEMPTS = 4;
const FIRST_WAIT = 1_000;

/** After these the request may be sent again; other doubtful answers would only come again. */
const WORTH_ANOTHER_ATTEMPT: ReadonlySet<FailureTopic> = new Set([
  'service-unavailable',
  'service-unreachable',
]);

/**
 * Makes a PAT. The name is remembered before the request leaves, the authorization id as soon as the answer is here.
 * After an answer that leaves it open whether a PAT was made, that PAT is looked for by name and revoked; only then
 * another attempt is made, under another name. A request that hangs is given up while there is time left to look.
 *
 * @param budget milliseconds for all of it
 * @throws Failure
 */
export async function createPat(
  wish: CreatePatOptions,
  pats: UserPats,
  intents: Intents,
  effects: RedactingEffects,
  budget: number = MAIN_STAGE.create,
): Promise<IssuedPat> {
  const { agent, clock } = effects;
  const { organization, scopes, validFor } = wish;
  const api = pats.in(organization);
  let policy = retryFor(effects, Math.min(budget, MAIN_STAGE.create));

  let last: Failure | undefined;
  for (let attempt = 1; ; attempt++) {
    if (last !== undefined && millisecondsLeft(policy) <= 0) throw last;
    wish.mustBeWanted?.();
    const timeout = timeForCreate(policy);
    const displayName = wish.nextName();
    const now = clock.now();
    const validTo = new Date(now.getTime() + validFor);
    const asked = { displayName, scopes, validTo };
    await intents.intend({ organization, displayName, validTo, asked: now });

    const mask = (value: string) => {
      agent.mask(value);
    };
    const outcome = await api.create(asked, mask, policy, timeout);
    switch (outcome.kind) {
      case 'created': {
        await intents.confirm(displayName, outcome.pat.authorizationId, outcome.pat.validTo);
        agent.info(
          `Issued PAT "${displayName}" in ${organization.name}: ${scopes.join(' ')}, valid until ` +
            `${formatMoment(outcome.pat.validTo)} (${formatLifetime(outcome.pat.validTo.getTime() - clock.now().getTime())}).`,
        );
        wish.mustBeWanted?.();
        checkGranted(asked, outcome.pat, organization.name, agent);
        return { ...outcome.pat, displayName, organization };
      }
      case 'refused':
        await intents.forget(displayName);
        if (!outcome.mayPass || attempt > 1) throw outcome.failure;
        break;
      case 'later':
        await intents.forget(displayName);
        break;
      case 'unclear':
        if (await withdraw(displayName, api, policy, effects, outcome.failure))
          await intents.forget(displayName);
        if (attempt >= MOST_ATTEMPTS || !WORTH_ANOTHER_ATTEMPT.has(outcome.failure.topic))
          throw outcome.failure;
        break;
    }
    last = outcome.failure;
    const wait = 'wait' in outcome ? outcome.wait : undefined;
    policy = await waitOrGiveUp(policy, outcome.failure, wait, FIRST_WAIT * 2 ** (attempt - 1));
  }
}

/** What is left, but for the time to look for the PAT when no answer comes; late attempts share what there is. */
function timeForCreate(policy: RetryPolicy): number {
  const left = timeLeft(policy, Infinity);
  return Math.min(REQUEST_TIMEOUT, Math.max(left - LOOKING_RESERVE, left / 2));
}

/**
 * Revokes what an unanswered request may have made. Where nothing is found the intent stays remembered, so that somebody
 * looks once more: a request that was cut can arrive late.
 *
 * @returns whether a PAT was found, and revoked
 */
async function withdraw(
  displayName: string,
  api: PatApi,
  policy: RetryPolicy,
  { agent }: RedactingEffects,
  because: Failure,
): Promise<boolean> {
  agent.info(`${because.what} It is not clear whether the PAT was made: looking for "${displayName}".`);
  const strays = await api.listActive(pat => pat.displayName === displayName, policy);
  for (const stray of strays) {
    await api.revoke(stray.authorizationId, policy);
    agent.info(`Found and revoked PAT "${stray.displayName}", whose value nobody has.`);
  }
  return strays.length > 0;
}
